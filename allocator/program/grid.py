"""Where whole persons may stand: each unit's grid of steps, and what limits groups of units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from allocator.program.problem import Floats, Ints, Mask

__all__ = [
    "EQUAL",
    "NOWHERE",
    "Grid",
    "Limits",
    "Mask",
    "NoWholeNumbersError",
    "Prices",
    "Tie",
    "crossed",
    "nowhere",
    "unmet",
]


EQUAL = 1e-7
"""Claims closer than this, in persons for a person, are equal."""

NOBODY, NOWHERE = -1, -2
"""Who takes what is beyond the steps, where nothing is, and where it fits with nobody."""


class NoWholeNumbersError(ValueError):
    """No whole numbers within the limits have the total."""


def nowhere(spare: int, step: int) -> str:
    """Why there are no whole numbers where what is beyond the steps fits with nobody."""
    return f"{spare} persons beyond the steps of {step} fit nowhere"


def crossed(step: int) -> str:
    """Why there are none where a group's least is above its most, in steps."""
    what = "whole number" if step == 1 else f"multiple of {step}"
    return f"no {what} fits between a county's limits"


def unmet(step: int, total: int) -> str:
    """Why there are none where the limits leave no room for their sum."""
    what = "whole numbers" if step == 1 else f"multiples of {step}"
    return f"no {what} within the limits sum to {total}"


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
    """What groups of units (counties) may hold together, (…, groups); ``of`` (units,) is each
    unit's group."""

    of: Ints
    lower: Floats
    upper: Floats

    @property
    def tied(self) -> Mask:
        """Whether a group is limited at all, (…, groups)."""
        tied: Mask = (self.lower > 0) | np.isfinite(self.upper)
        return tied

    def in_steps(self, has: Floats, step: int) -> tuple[Floats, Floats]:
        """How many steps from what it has (…, groups) each group may go at least and at most. Where
        no multiple of the step fits, the least is above the most."""
        low = np.ceil((self.lower - has) / step - 1e-9)
        high = np.floor((self.upper - has) / step + 1e-9)
        return low, high


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grid:
    """Each unit's grid: start = base·step + shift, and how far it may go from there in steps.

    All arrays are of shape (…, units), ``start`` in persons, the others in steps and without the
    shift: ``ideal`` is the number aimed at, ``base`` the place at or below it, ``least`` and
    ``most`` the ends. ``off`` tells who
    stands still off the steps. ``spare`` (…) is what is beyond them, ``remainder`` (…) the place of
    who takes it, or ``NOBODY`` or ``NOWHERE``.
    """

    step: int
    ideal: Floats
    base: Floats
    start: Floats
    least: Floats
    most: Floats
    off: Mask
    spare: Ints
    remainder: Ints

    @property
    def one(self) -> Mask:
        """Whether a step up from the base is the one that passes the ideal, or meets it.

        It costs :attr:`cheap`; every other step up costs a step's persons, and so does one down.
        """
        one: Mask = (self.base < self.most) & (self.base <= self.ideal)
        return one

    @property
    def cheap(self) -> Floats:
        """What the first step up costs, for each person of the step: from −1 to 1."""
        up, here = self.base + 1, self.base - self.ideal
        up -= self.ideal
        np.abs(up, out=up)
        up -= np.abs(here, out=here)
        return up

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
        cls, target: Floats, lower: Floats, upper: Floats, total: Ints, step: int, first: Floats
    ) -> Grid:
        """The grids that limits, total (…) and step make around ``target`` (…, units).

        A unit without a multiple of the step within its limits stands still at the whole number
        nearest to its target; what the others cannot make up in steps shifts the grid of one: the
        largest by ``first`` with room.
        """
        # One block of memory for all: pieces are given back to the system after each call and asked
        # for anew, which costs a quarter of the time of rounding ten thousand units.
        held, least, most, base, start, _ = np.empty((6, *target.shape))
        upper = np.minimum(upper, total[..., None], out=held)
        still = np.floor(_in_steps(upper, step)) * step < lower
        shift, spare, off = np.zeros(1), total % step, still
        if still.any():
            shift = np.where(still, np.clip(np.round(target), lower, upper), 0.0)
            spare = (total - shift.sum(axis=-1).astype(np.int64)) % step
            off = still & (lower % step != 0)
        remainder = np.full(spare.shape, NOBODY)
        if spare.any():
            beyond = spare[..., None]
            room = ~still & (np.floor((upper - beyond) / step) * step + beyond >= lower)
            at = np.where(room, first, -np.inf).argmax(axis=-1)
            remainder = np.where(spare > 0, np.where(room.any(axis=-1), at, NOWHERE), NOBODY)
            taker = np.arange(target.shape[-1]) == remainder[..., None]
            shift = shift + np.where(taker, beyond, 0)
        if shift.any():
            lower, upper, target = lower - shift, upper - shift, target - shift
        np.subtract(_in_steps(lower, step), 1e-9, out=least)
        np.maximum(np.ceil(least, out=least), 0.0, out=least)
        np.floor(np.add(_in_steps(upper, step), 1e-9, out=most), out=most)
        ideal = _in_steps(target, step)
        if off is not still:
            ideal = np.where(still, 0.0, ideal)
            least[still] = most[still] = 0.0
        np.floor(np.add(ideal, EQUAL / step, out=base), out=base)
        np.maximum(base, least, out=base)
        np.minimum(base, np.maximum(least, most), out=base)
        np.add(np.multiply(base, step, out=start), shift, out=start)
        return cls(step, ideal, base, start, least, most, off, spare, remainder)


def _in_steps(persons: Floats, step: int) -> Floats:
    return persons if step == 1 else persons / step
