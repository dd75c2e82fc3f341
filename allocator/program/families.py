"""The constraint families: what a document says, turned into bounds in whole persons.

One function for each family, one table for each in a document. A municipality that is locked is
asked for exactly its number, so no other family limits it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np

from allocator.documents import Case
from allocator.errors import BadDataError
from allocator.program.known import Known
from allocator.program.memory import Memory
from allocator.program.problem import Bound, Floats, Mask, Units
from allocator.program.readings import Reader, number_of

__all__ = ["FAMILIES", "Setting", "bounds"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Setting:
    """What a family function looks at."""

    case: Case
    view: Known
    units: Units
    eligible: Mask
    entitlement: Floats
    last: Floats
    warnings: list[str]
    memory: Memory
    who: Hashable

    @property
    def size(self) -> int:
        return len(self.units)

    def once(self, step: str, work: Callable[[list[str]], T], *of: Hashable) -> T:
        """What ``work`` gives for these units and those eligible, and for what it depends on."""
        return self.memory.once(step, (self.who, *of), self.warnings, work)

    def local(self, name: str, blank: float) -> Floats:
        """A number out of ``[municipality."…"]`` for each unit, ``blank`` where none is given."""
        return self.once(f"local {name}", lambda _: self._local(name, blank), blank)

    def _local(self, name: str, blank: float) -> Floats:
        given = self.case.scenario.municipality
        values = (
            getattr(given[code], name) if code in given else None for code in self.units.codes
        )
        return np.array([blank if value is None else value for value in values], dtype=float)

    @property
    def free(self) -> Mask:
        """Those that are eligible and not locked: whom the other families limit."""
        locked = ~np.isnan(self.local("lock", np.nan))
        return self.eligible & ~locked


def exempt(s: Setting) -> Iterator[Bound]:
    """x[m] = 0 where the rule or the scenario leaves the municipality out."""
    yield Bound.make("exempt", "total", *_limits(s.size, upper=0), keep=~s.eligible)


def lock(s: Setting) -> Iterator[Bound]:
    """x[m] = the locked number; x[m, em] = the locked number of minors."""
    total = s.local("lock", np.nan)
    minors = s.local("lock_minors", np.nan)
    yield Bound.make("lock", "total", total, total, keep=~np.isnan(total))
    yield Bound.make("lock", "minors", minors, minors, keep=~np.isnan(minors))


def capacity(s: Setting) -> Iterator[Bound]:
    """x[m] ≤ cap[m] and x[m, em] ≤ cap[m, em]: stated, or factor × the best of the last years."""
    rule = s.case.rule.capacity
    usual = np.full(s.size, np.inf)
    if rule.factor is not None or rule.among:
        factor = s.once("factors", lambda told: _factors(s, told), rule)
        best = s.once("best", lambda told: _best(s, told), rule.best_of, rule.years)
        limited = np.isfinite(factor)
        usual[limited] = factor[limited] * best[limited]
    stated = s.local("capacity", np.nan)
    upper = np.where(np.isnan(stated), usual, stated)
    minors = s.local("capacity_minors", np.inf)
    zero = np.zeros(s.size)
    yield Bound.make("capacity", "total", zero, upper, hard=rule.hard, keep=s.free)
    yield Bound.make("capacity", "minors", zero, minors, hard=rule.hard, keep=s.eligible)


def _factors(s: Setting, warnings: list[str]) -> Floats:
    """The factor of each: the rule's, or that of those it is among; inf where there is none."""
    rule = s.case.rule.capacity
    usual = np.inf if rule.factor is None else rule.factor
    found, among = np.full(s.size, usual), np.full(s.size, np.inf)
    for some in rule.among:
        reading = s.view.newest(some.indicator, some.period)
        values = np.array([number_of(reading.series, code) for code in s.units.codes])
        low = -np.inf if some.min is None else some.min
        high = np.inf if some.max is None else some.max
        within = (values >= low) & (values <= high)
        if np.isnan(values).any():
            warnings.append(
                f"{some.indicator} {reading.period} is unknown for "
                f"{int(np.isnan(values).sum())} municipalities: their capacity is the usual"
            )
        among[within] = np.minimum(among[within], some.factor)
    return np.where(np.isfinite(among), among, found)


def _best(s: Setting, warnings: list[str]) -> Floats:
    """The best figure of the last years; inf where none was reported."""
    rule = s.case.rule.capacity
    best = np.full(s.size, -np.inf)
    for stage in rule.best_of:
        for year in islice(s.view.stage_years(stage), rule.years):
            series = s.view.history(stage, year)
            values = (series.get(code) for code in s.units.codes)
            found = [-np.inf if f is None or f.reported is None else f.reported for f in values]
            best = np.maximum(best, np.array(found))
    unknown = [
        c
        for c, b, e in zip(s.units.codes, best, s.eligible, strict=True)
        if e and not np.isfinite(b)
    ]
    if unknown:
        warnings.append(f"no capacity is known for {len(unknown)} municipalities: not limited")
    return np.where(np.isfinite(best), best, np.inf)


def lot(s: Setting) -> Iterator[Bound]:
    """x[m] ≥ lot for every eligible municipality, where the rule asks every one."""
    rule = s.case.rule.lot
    without = np.full(s.size, np.inf)
    if rule.every:
        least = s.local("lot", rule.persons)
        yield Bound.make("lot", "total", least, without, keep=s.free)
    if rule.every_minors and s.case.scenario.need.minors:
        least = s.local("lot_minors", rule.minors)
        yield Bound.make("lot", "minors", least, without, keep=s.free & can_take_minors(s))


def band(s: Setting) -> Iterator[Bound]:
    """(1 − down)·h[m] ≤ x[m] ≤ (1 + up)·h[m], with h last year's request, raw or scaled."""
    rule = s.case.rule.band
    if rule.down is None and rule.up is None:
        return
    held = s.last
    if rule.scaled:
        asked = np.nansum(np.where(s.eligible, s.last, 0.0))
        held = s.last * (s.case.scenario.need.total / asked if asked else 1.0)
    lower = (1 - rule.down) * held if rule.down is not None else np.zeros(s.size)
    upper = (1 + rule.up) * held if rule.up is not None else np.full(s.size, np.inf)
    # A municipality that was not asked last year has nothing to move from: not limited, and told.
    asked_before = np.nan_to_num(held) > 0
    least = s.local("band_least", np.nan)
    most = s.local("band_most", np.nan)
    lower = _own(least, np.where(asked_before, lower, 0.0))
    upper = _own(most, np.where(asked_before, upper, np.inf))
    new = int((s.free & ~asked_before & np.isnan(least) & np.isnan(most)).sum())
    if new:
        s.warnings.append(
            f"{new} municipalities had no request last year: the band does not limit them"
        )
    yield Bound.make("band", "total", lower, upper, hard=rule.hard, keep=s.free)


def ceiling(s: Setting) -> Iterator[Bound]:
    """x[m] ≤ per_1000 · size / 1000 − those already there, for the total and for minors."""
    rule = s.case.rule.ceiling
    zero, em = np.zeros(s.size), rule.minors
    if rule.per_1000 is not None:
        room = _room(s, rule.per_1000, rule.of, rule.there)
        upper = _own(s.local("ceiling", np.nan), room)
        yield Bound.make("ceiling", "total", zero, upper, hard=rule.hard, keep=s.free)
    if em is not None and em.per_1000 is not None and s.case.scenario.need.minors:
        room = _room(s, em.per_1000, em.of, em.there)
        upper = _own(s.local("ceiling_minors", np.nan), room)
        yield Bound.make("ceiling", "minors", zero, upper, hard=rule.hard, keep=s.eligible)


def _room(s: Setting, per_1000: float, of: str, there: str | None) -> Floats:
    """per_1000 · size / 1000 − there, from 0; without limit for those who are not eligible."""
    sizes = tuple(s.case.rule.size.items())
    size, already = s.once("room", lambda _: _sizes(s, of, there), of, there, sizes)
    upper = np.full(s.size, np.inf)
    upper[s.eligible] = np.maximum(per_1000 * size / 1000 - already, 0.0)
    return upper


def _sizes(s: Setting, of: str, there: str | None) -> tuple[Floats, Floats]:
    """The size of each who is eligible, and how many are there already."""
    codes = [code for code, ask in zip(s.units.codes, s.eligible, strict=True) if ask]
    read = Reader(s.view, codes, s.case.rule.size)
    size = s.units.population[s.eligible] if of == "population" else read.values(of)[1]
    already = np.zeros(len(codes)) if there is None else read.values(there)[1]
    if read.faults:
        raise BadDataError(read.faults)
    return size, already


def county(s: Setting) -> Iterator[Bound]:
    """The county's total is its entitlement rounded, or within a band of it."""
    rule, codes = s.case.rule.county, s.units.counties
    lower, upper = np.zeros(len(codes)), np.full(len(codes), np.inf)
    if rule.split != "free":
        key = np.bincount(s.units.county_of, s.entitlement, len(codes))
        within = rule.within if rule.split == "band" else 0.0
        step = s.case.rule.whole.step
        # A tenth above 50 is 55, though 1.1 · 50 as a double is a hair more.
        lower = np.floor((1 - within) * key / step + 1e-9) * step
        upper = np.ceil((1 + within) * key / step - 1e-9) * step
    lower = _own(np.array([rule.least.get(code, np.nan) for code in codes]), lower)
    upper = _own(np.array([rule.most.get(code, np.nan) for code in codes]), upper)
    bound = Bound.make("county", "county", lower, upper, hard=rule.hard)
    if len(bound.index):
        yield bound


def minors(s: Setting) -> Iterator[Bound]:
    """x[m, em] = 0 where there is no service; x[m, em] ≤ share · x[m]."""
    rule = s.case.rule.minors
    if not s.case.scenario.need.minors:
        return
    none = ~can_take_minors(s)
    yield Bound.make("minors", "minors", *_limits(s.size, upper=0), keep=none)
    if rule.share is not None:
        beyond = s.local("minors_beyond", 0.0)
        yield Bound.make(
            "minors", "share", np.zeros(s.size), beyond, hard=rule.hard, keep=s.eligible & ~none
        )


def can_take_minors(s: Setting) -> Mask:
    """Where minors can live: everywhere, where declared, or where there were some before."""
    rule, declared = s.case.rule.minors, s.local("minors_service", np.nan)
    usual = s.once("service", lambda told: _usual_service(s, told), rule.service)
    return s.eligible & np.where(np.isnan(declared), usual, declared == 1)


def _usual_service(s: Setting, warnings: list[str]) -> Mask:
    rule = s.case.rule.minors
    usual = np.full(s.size, rule.service == "all")
    if rule.service == "history":
        known = np.zeros(s.size, dtype=bool)
        for stage in ("requested", "decided", "settled"):
            for year in s.view.stage_years(stage, "em"):
                series = s.view.history(stage, year, "em", blank_is_zero=True)
                found = [series.get(code) for code in s.units.codes]
                known |= np.array([f is not None and f.value is not None for f in found])
                usual |= np.array([f is not None and (f.value or 0) > 0 for f in found])
        unknown = int((s.eligible & ~known).sum())
        if unknown:
            warnings.append(
                f"no earlier figure of minors is known for {unknown} municipalities: "
                "taken as without a service for them"
            )
    return usual


FAMILIES: dict[str, Callable[[Setting], Iterator[Bound]]] = {
    "exempt": exempt,
    "lock": lock,
    "capacity": capacity,
    "lot": lot,
    "band": band,
    "ceiling": ceiling,
    "county": county,
    "minors": minors,
}


def _read_by(s: Setting) -> dict[str, tuple[Hashable, ...] | None]:
    """What each family reads beyond the units and who is eligible, so that it is made once for it;
    None where it hangs on the need by the key."""
    rule, need, token = s.case.rule, s.case.scenario.need, s.memory.token
    minors, size = need.minors > 0, token(rule.size)
    service = rule.minors.service
    return {
        "exempt": (),
        "lock": (),
        "capacity": (token(rule.capacity),),
        "lot": (token(rule.lot), minors, service),
        "band": (token(rule.band), need.total if rule.band.scaled else None),
        "ceiling": (token(rule.ceiling), minors, size),
        "county": (token(rule.county),) if rule.county.split == "free" else None,
        "minors": (minors, service, rule.minors.share, rule.minors.hard),
    }


def bounds(setting: Setting) -> tuple[Bound, ...]:
    """The bounds of every family, in the order of ``FAMILIES``, empty ones left out."""
    found: list[Bound] = []
    for family, of in _read_by(setting).items():

        def work(told: list[str], name: str = family) -> list[Bound]:
            made = FAMILIES[name](replace(setting, warnings=told))
            return [bound for bound in made if len(bound.index)]

        if of is None:
            found += work(setting.warnings)
        else:
            found += setting.once(f"bounds {family}", work, *of)
    return tuple(found)


def _limits(size: int, lower: float = 0.0, upper: float = np.inf) -> tuple[Floats, Floats]:
    return np.full(size, float(lower)), np.full(size, float(upper))


def _own(given: Floats, usual: Floats) -> Floats:
    """What is said of one municipality or county by itself, else what the rule gives."""
    return np.where(np.isnan(given), usual, given)
