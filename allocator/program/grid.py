"""Where whole persons may stand: each unit's grid of steps, and what limits groups of units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

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

    def in_steps(self, start: Floats, step: int) -> tuple[Ints, Floats, Floats]:
        """The groups that are limited, and how many steps from the start they may go at least and
        at most.

        Raises :class:`NoWholeNumbersError` where no multiple of the step fits between.
        """
        tied = self.tied
        if not len(tied):
            return tied, np.zeros(0), np.zeros(0)
        has = np.bincount(self.of, start, len(self.lower))[tied]
        low = np.ceil((self.lower[tied] - has) / step - 1e-9)
        high = np.floor((self.upper[tied] - has) / step + 1e-9)
        if (low > high).any():
            raise NoWholeNumbersError(f"no multiple of {step} fits between a county's limits")
        return tied, low, high


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid:
    """Each unit's grid: start = base·step + shift, and how far it may go from there in steps.

    All in steps and without the shift: ``ideal`` is the number aimed at, ``base`` the place at or
    below it, ``least`` and ``most`` the ends.
    """

    step: int
    ideal: Floats
    base: Floats
    shift: Floats
    least: Floats
    most: Floats
    off_step: tuple[int, ...]
    remainder_at: int | None

    @property
    def start(self) -> Floats:
        """Persons at the base."""
        return self.base * self.step + self.shift

    @property
    def one(self) -> Floats:
        """Whether (0 or 1) a step up from the base is the one that passes the ideal, or meets it.

        It costs :attr:`cheap`; every other step up costs a step's persons, and so does one down.
        """
        return ((self.base < self.most) & (self.base <= self.ideal)).astype(float)

    @property
    def cheap(self) -> Floats:
        """What the first step up costs, for each person of the step: from −1 to 1."""
        return np.abs(self.base + 1 - self.ideal) - np.abs(self.base - self.ideal)

    @property
    def fewer(self) -> Floats:
        """How many steps each may go down from the base."""
        return np.maximum(self.base - self.least, 0.0)

    @property
    def more(self) -> Floats:
        """How many steps each may go up from the base."""
        return np.maximum(self.most - self.base, 0.0)

    @classmethod
    def make(
        cls, target: Floats, lower: Floats, upper: Floats, total: int, step: int, first: Floats
    ) -> Grid:
        """The grids that limits, total and step make around ``target`` (units,).

        A unit without a multiple of the step within its limits stands still at the whole number
        nearest to its target; what the others cannot make up in steps shifts the grid of one: the
        largest by ``first`` with room.
        """
        upper = np.minimum(upper, float(total))
        off = np.floor(upper / step) * step < lower
        still = np.flatnonzero(off)
        shift = np.zeros(len(target))
        shift[still] = np.clip(np.round(target[still]), lower[still], upper[still])
        spare = (total - int(shift[still].sum())) % step
        remainder_at = None
        if spare:
            room = ~off & (np.floor((upper - spare) / step) * step + spare >= lower)
            if not room.any():
                raise NoWholeNumbersError(f"{spare} persons beyond the steps of {step} fit nowhere")
            candidates = np.flatnonzero(room)
            remainder_at = int(candidates[np.argmax(first[candidates])])
            shift[remainder_at] = spare
        least = np.maximum(np.ceil((lower - shift) / step - 1e-9), 0.0)
        most = np.floor((upper - shift) / step + 1e-9)
        ideal = (target - shift) / step
        least[still] = most[still] = ideal[still] = 0.0
        below = np.floor(ideal + EQUAL / step)
        base = np.minimum(np.maximum(below, least), np.maximum(least, most))
        off_step = tuple(still[lower[still] % step != 0].tolist())
        return cls(step, ideal, base, shift, least, most, off_step, remainder_at)
