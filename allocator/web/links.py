"""The addresses of the page: each is the state, changed in one thing."""

from __future__ import annotations

from dataclasses import replace

from allocator.web.local import as_params
from allocator.web.state import FALLING, State

__all__ = ["Links"]


class Links:
    """Links from one state. They are relative, so that the page may stand below any address.

    >>> Links(State("norway-2026")).view(lang="nb")
    '?scenario=norway-2026&lang=nb'
    """

    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def here(self) -> str:
        """The canonical address of the state."""
        return f"?{self.state.query()}"

    def view(self, **view: str) -> str:
        """The same, looked at in another way."""
        return f"?{self.state.looked(**view).query()}"

    def sort(self, name: str) -> str:
        """Sorted by a column; the other way round where it is so already."""
        first, then = (f"-{name}", name) if name in FALLING else (name, f"-{name}")
        return self.view(sort=then if (self.state.view.sort or "code") == first else first)

    def order(self, name: str) -> str:
        """What aria-sort says of a column; empty where it is not sorted by it."""
        sort = self.state.view.sort or "code"
        if sort.removeprefix("-") != name:
            return ""
        return "descending" if sort.startswith("-") else "ascending"

    def swapped(self) -> str:
        """The two states, the other one in front."""
        other = self.state.beside or self.state
        return f"?{replace(other, beside=self.state.alone, view=self.state.view).query()}"

    def local(self) -> list[tuple[str, str]]:
        """The locals as the hidden fields of the form."""
        return as_params(self.state.local)
