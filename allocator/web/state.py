"""The state of the page, which is its URL: what is asked, and how it is looked at.

A state has one canonical query: what a document says itself is left out, the rest stands in a
fixed order. Whatever else means the same (a submitted form) is sent on to the canonical URL, so
that a link can be kept, sent, and gives the same numbers again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from allocator.documents import Case
from allocator.web.controls import CHOICES, NUMBERS, plain
from allocator.web.local import Local, as_params
from allocator.web.shelf import Shelf

__all__ = ["FALLING", "SORTS", "THEMES", "State", "View", "applicable"]

THEMES = ("light", "dark")
FALLING = ("asked", "minors", "per_1000", "last", "change", "load")
"""The columns of numbers, which are sorted with the largest first."""
SORTS = ("code", "name", "county", *FALLING)


@dataclass(frozen=True, slots=True)
class View:
    """How an answer is looked at: none of it changes a number. Empty is the page's own way."""

    lang: str = ""
    theme: str = ""
    county: str = ""
    q: str = ""
    sort: str = ""
    colour: str = ""

    def params(self) -> list[tuple[str, str]]:
        """What differs from the page's own way."""
        return [(name, value) for name in self.__slots__ if (value := getattr(self, name))]


@dataclass(frozen=True, slots=True)
class State:
    """What is asked. ``numbers`` and ``choices`` are only those that differ from the documents.

    ``figures`` names uploaded figures that the server holds; ``beside`` is the other state that
    this one is shown beside. ``model`` is empty for the scenario's own.

    >>> state = State("norway-2026", numbers=(("need", Decimal(14000)),), view=View(lang="nb"))
    >>> state.query()
    'scenario=norway-2026&need=14000&lang=nb'
    >>> list(state.settings(Shelf(), ()))
    ['need.total=14000']
    """

    scenario: str
    model: str = ""
    numbers: tuple[tuple[str, Decimal], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    figures: str = ""
    local: tuple[Local, ...] = ()
    beside: State | None = None
    view: View = View()

    @property
    def alone(self) -> State:
        """What is asked, without how it is looked at and what stands beside it."""
        return replace(self, beside=None, view=View())

    @property
    def changed(self) -> bool:
        """Whether anything differs from the documents."""
        return bool(self.model or self.numbers or self.choices or self.figures or self.local)

    def params(self) -> list[tuple[str, str]]:
        """The parameters of the canonical URL, in order."""
        told = [("scenario", self.scenario)]
        if self.model:
            told.append(("model", self.model))
        told += [(name, plain(value)) for name, value in self.numbers]
        told += self.choices
        if self.figures:
            told.append(("figures", self.figures))
        told += as_params(self.local)
        if self.beside is not None:
            told.append(("beside", self.beside.alone.query()))
        return told + self.view.params()

    def query(self) -> str:
        """The canonical query."""
        return urlencode(self.params())

    def looked(self, **view: str) -> State:
        """The same, looked at in another way."""
        return replace(self, view=replace(self.view, **view))

    def settings(self, shelf: Shelf, local: tuple[Local, ...]) -> Iterator[str]:
        """The ``key=value`` texts for the documents; ``local`` is the upload's and the URL's."""
        numbers, choices = dict(self.numbers), dict(self.choices)
        yield from (c.setting(numbers[c.name]) for c in NUMBERS if c.name in numbers)
        yield from (f"{c.key}={choices[c.name]}" for c in CHOICES if c.name in choices)
        known = shelf.scenarios[self.scenario].municipality
        exempted = {code for code, said in known.items() if said.exempt}
        for each in local:
            yield from each.settings(exempted)

    def command(self, shelf: Shelf, local: tuple[Local, ...]) -> tuple[str, ...]:
        """The arguments of the ``bosett propose`` that gives the same numbers."""
        model = ("--model", self.model) if self.model else ()
        told = [part for text in self.settings(shelf, local) for part in ("--set", text)]
        return ("bosett", "propose", self.scenario, *model, *told)


def applicable(case: Case) -> dict[str, Decimal | None]:
    """The number controls that a case has, with what it says itself.

    Minors are given in one number or in two ages, as the scenario gives them.
    """
    by_age = case.scenario.need.by_age
    own = not by_age, by_age, by_age
    left_out = {
        name for name, has in zip(("em", "em_under15", "em_15_17"), own, strict=True) if not has
    }
    return {c.name: c.of(case) for c in NUMBERS if c.name not in left_out}
