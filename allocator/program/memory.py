"""What was worked out for one case and holds for the next, kept by what it was worked out from.

Cases of one scenario that differ in a number or two share nearly all that is read and worked out
before a problem stands. A step that is kept is named with everything it depends on, so that what is
found is what would be worked out anew, to the last bit, warnings included.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import partial
from itertools import count
from typing import Any, TypeVar

from allocator.panel import Municipality, Reading, Series
from allocator.program.known import Known

__all__ = ["Memory", "Remembered"]

T = TypeVar("T")


class Memory:
    """Results by step and by what they depend on; of each step the last few.

    >>> memory, told = Memory(), []
    >>> for n in (3, 3, 4):
    ...     memory.once("square", n, told, lambda warn: warn.append(f"{n}!") or n * n)
    9
    9
    16
    >>> told
    ['3!', '3!', '4!']
    """

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._tokens: dict[Hashable, int] = {}
        self._same: dict[int, tuple[Any, int]] = {}
        self._next = 0
        self._kept: dict[str, dict[Hashable, tuple[Any, tuple[str, ...]]]] = {}

    def token(self, of: object) -> int:
        """A number that stands for a value, so that it is hashed and compared only once.

        What is the very same object as before is not even hashed. The order of a table counts.

        >>> memory = Memory()
        >>> [memory.token(of) for of in ({"a": 1}, {"b": 1}, {"a": 1})]
        [0, 1, 0]
        """
        same = self._same.get(id(of))
        if same is not None:  # it is held here, so that no other can have come in its place
            return same[1]
        key = tuple(of.items()) if isinstance(of, dict) else of
        if key not in self._tokens:
            if len(self._tokens) >= self._most:
                del self._tokens[next(iter(self._tokens))]
            self._tokens[key] = self._next
            self._next += 1
        if not isinstance(of, tuple):  # those are made anew each time
            if len(self._same) >= 64 * self._most:
                self._same.clear()
            self._same[id(of)] = of, self._tokens[key]
        return self._tokens[key]

    def once(
        self, step: str, of: Hashable, warnings: list[str], work: Callable[[list[str]], T]
    ) -> T:
        """What ``work`` gives; it appends its warnings to the list it is called with."""
        kept = self._kept.setdefault(step, {})
        if of not in kept:
            told: list[str] = []
            found = work(told)
            if len(kept) >= self._most:
                del kept[next(iter(kept))]
            kept[of] = found, tuple(told)
        result: T
        result, told_then = kept[of]
        warnings += told_then
        return result


class _Taken:
    """What an iterator gives, taken from it once and only as far as anybody has asked."""

    def __init__(self, rest: Iterator[int]) -> None:
        self._rest, self._had = rest, list[int]()

    def __iter__(self) -> Iterator[int]:
        for place in count():
            if place == len(self._had):
                following = next(self._rest, None)
                if following is None:
                    return
                self._had.append(following)
            yield self._had[place]


class Remembered:
    """One who knows figures, asked each thing once; with a memory for what is made of them."""

    def __init__(self, known: Known) -> None:
        self.known, self.memory = known, Memory()
        self._answers: dict[tuple[Hashable, ...], Any] = {}

    def _once(self, key: tuple[Hashable, ...], ask: Callable[[], T]) -> T:
        if key not in self._answers:
            self._answers[key] = ask()
        found: T = self._answers[key]
        return found

    def municipalities(self) -> tuple[Municipality, ...]:
        """The units, in order of code."""
        return self._once(("units",), self.known.municipalities)

    def periods(self, name: str) -> tuple[str, ...]:
        """The periods of an indicator that may be used, newest first."""
        return self._once(("periods", name), lambda: self.known.periods(name))

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        """An indicator's figures by code, of the newest period or of a given one."""
        return self._once(
            ("newest", name, period, blank_is_zero),
            lambda: self.known.newest(name, period, blank_is_zero=blank_is_zero),
        )

    def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
        """The earlier years of a stage, newest first, each looked for when it is asked for."""
        ask = partial(self.known.stage_years, stage, group)
        return iter(self._once(("years", stage, group), lambda: _Taken(ask())))

    def history(
        self, stage: str, year: int, group: str = "total", *, blank_is_zero: bool = False
    ) -> Series:
        """A stage of an earlier year."""
        return self._once(
            ("history", stage, year, group, blank_is_zero),
            lambda: self.known.history(stage, year, group, blank_is_zero=blank_is_zero),
        )
