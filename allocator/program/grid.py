"""Where whole persons may stand: each unit's grid of steps, and what limits groups of units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from allocator.program.problem import Floats, Ints

__all__ = ["EQUAL", "Grid", "Limits", "NoWholeNumbersError", "Prices", "Tie"]

EQUAL = 1e-7
"""Claims closer than this, in persons for a person, are equal."""


class NoWholeNumbersError(ValueError):
    """No whole numbers within the limits have the total."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Units with the same claim to a step more, of whom only some could have it."""

    got: tuple[int, ...]
    not_got: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """Multipliers of the rounding program, for each person: of the total, of each limited group,
    of the part's total, of each unit's room for its part, and of each link. Only
    :mod:`certificate` needs them.
    """

    total: float = 0.0
    groups: dict[int, float] = field(default_factory=dict)
    part: float = 0.0
    fits: Floats = field(default_factory=lambda: np.zeros(0))
    links: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Limits:
    """What groups of units (counties) may hold together; ``of`` (units,) is each unit's group."""

    of: Ints
    lower: Floats
    upper: Floats

    @property
    def tied(self) -> Ints:
        """The groups that are limited at all."""
        return np.flatnonzero((self.lower > 0) | np.isfinite(self.upper))

    def in_steps(self, tied: Ints, has: Floats, step: int) -> tuple[Floats, Floats]:
        """How many steps from what they have (groups,) some groups may go, at least and at most.

        Raises :class:`NoWholeNumbersError` where no multiple of the step fits between.
        """
        low = np.ceil((self.lower[tied] - has[tied]) / step - 1e-9)
        high = np.floor((self.upper[tied] - has[tied]) / step + 1e-9)
        if (low > high).any():
            raise NoWholeNumbersError(f"no multiple of {step} fits between a county's limits")
        return low, high


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid:
    """Each unit's grid: start = base·step + shift, and how far it may go from there in steps.

    ``start`` in persons, all else in steps and without the shift: ``ideal`` is the number aimed at,
    ``base`` the place at or below it, ``least`` and ``most`` the ends.
    """

    step: int
    ideal: Floats
    base: Floats
    start: Floats
    least: Floats
    most: Floats
    off_step: tuple[int, ...]
    remainder_at: int | None

    @property
    def passes(self) -> npt.NDArray[np.bool_]:
        """Whether a step up from the base is the one that passes the ideal, or meets it.

        It costs :attr:`cheap`; every other step up costs a step's persons, and so does one down.
        """
        return (self.base < self.most) & (self.base <= self.ideal)

    @property
    def cheap(self) -> Floats:
        """What the first step up costs, for each person of the step: from −1 to 1."""
        up, here = self.base + 1, self.base - self.ideal
        up -= self.ideal
        price = np.abs(up, out=up)
        price -= np.abs(here, out=here)
        return price

    @property
    def fewer(self) -> Floats:
        """How many steps each may go down from the base."""
        steps = self.base - self.least
        return np.maximum(steps, 0.0, out=steps)

    @property
    def more(self) -> Floats:
        """How many steps each may go up from the base."""
        steps = self.most - self.base
        return np.maximum(steps, 0.0, out=steps)

    @classmethod
    def make(
        cls, target: Floats, lower: Floats, upper: Floats, total: int, step: int, first: Floats
    ) -> Grid:
        """The grids that limits, total and step make around ``target`` (units,).

        A unit without a multiple of the step within its limits stands still at the whole number
        nearest to its target; what the others cannot make up in steps shifts the grid of one: the
        largest by ``first`` with room.
        """
        # One block of memory for all: pieces are given back to the system after each call and asked
        # for anew, which costs a quarter of the time of rounding ten thousand units.
        held, shift, least, most, base, start = np.zeros((6, len(target)))
        upper = np.minimum(upper, float(total), out=held)
        off = np.floor(_in_steps(upper, step)) * step < lower
        still = np.flatnonzero(off)
        if len(still):
            shift[still] = np.clip(np.round(target[still]), lower[still], upper[still])
        spare = (total - int(shift[still].sum())) % step
        remainder_at = None
        if spare:
            room = ~off & (np.floor(_in_steps(upper - spare, step)) * step + spare >= lower)
            if not room.any():
                raise NoWholeNumbersError(f"{spare} persons beyond the steps of {step} fit nowhere")
            candidates = np.flatnonzero(room)
            remainder_at = int(candidates[np.argmax(first[candidates])])
            shift[remainder_at] = spare
        off_step = tuple(still[lower[still] % step != 0].tolist())
        if len(still) or spare:
            lower, upper, target = lower - shift, upper - shift, target - shift
        np.subtract(_in_steps(lower, step), 1e-9, out=least)
        np.maximum(np.ceil(least, out=least), 0.0, out=least)
        np.floor(np.add(_in_steps(upper, step), 1e-9, out=most), out=most)
        ideal = _in_steps(target, step)
        least[still] = most[still] = ideal[still] = 0.0
        np.floor(np.add(ideal, EQUAL / step, out=base), out=base)
        np.maximum(base, least, out=base)
        np.minimum(base, np.maximum(least, most), out=base)
        np.add(np.multiply(base, step, out=start), shift, out=start)
        return cls(step, ideal, base, start, least, most, off_step, remainder_at)


def _in_steps(persons: Floats, step: int) -> Floats:
    return persons if step == 1 else persons / step
