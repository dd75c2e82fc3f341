r"""Which weights explain what was done, how far the figures pin them down, and whether they last.

For a year Y the criteria are read as they were known in the autumn before; criterion *p* alone
would give municipality *m* the share s_p[m]. With a[m] the actual number and T = Σ a,

    min  Σ_m |a[m] − T · Σ_p w_p s_p[m]|      w ≥ 0, Σ_p w_p = 1

(:mod:`allocator.program.weights`). Where the exponent of inhabitants is not given, the least is
taken over a grid of them. A weight's interval is its range among all weights, and all exponents,
that place at most ``within`` of all persons worse than the best: so near to it that nobody should
tell them apart. The weights are then tried on another year with nothing changed.

Shares are of all municipalities and persons are fractions, as in :mod:`.walk_forward`; those whose
actual figure is not reported are left out of the sum, never taken as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.documents import KeyPart, load_model
from allocator.errors import BadDataError, BosettError, Fault
from allocator.panel import Panel, View
from allocator.program.entitlement import entitlement
from allocator.program.problem import Floats
from allocator.program.weights import Weights, best_weights
from allocator.study.backtest import BASELINES
from allocator.study.criteria import EXPONENTS, Candidates, known_criteria
from allocator.study.national import autumn_before, study_years

__all__ = ["ALIKE", "PINNED", "ROUGH", "WITHIN", "Fit", "FitRow", "Scored", "fit"]

WITHIN = 0.005
"""Half a point of overlap: how much worse a solution may be and still count as good as the best."""
PINNED, ROUGH = 0.1, 0.3
"""A range up to this wide pins a weight down, or says roughly what it is; wider leaves it open."""
ALIKE = 0.95
"""Criteria that alone place this part of all persons the same can hardly be told apart."""
ENOUGH = 10
"""Municipalities for each weight below which there are too few."""


@dataclass(frozen=True, slots=True)
class FitRow:
    """One criterion: its weight, the range it may have, and what the figures say of it.

    ``says`` is "pinned", "rough" or "open" by the width of the range; ``needed`` is whether every
    solution has it; ``alone`` the overlap by this criterion alone.
    """

    criterion: str
    indicator: str
    how: str
    of: str | None
    exponent: float
    period: str
    weight: float
    low: float
    high: float
    stated: float | None
    alone: float
    says: str
    needed: bool

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, ``how`` as a document has it."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {("as" if name == "how" else name): value for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Scored:
    """How near weights come in a year, beside the baselines; ``reason`` where they cannot be tried.

    All are overlaps with the actual numbers, in fractions of persons.
    """

    year: int
    municipalities: int = 0
    left_out: int = 0
    total: int = 0
    overlap: float | None = None
    baselines: Mapping[str, float | None] | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights of a year with all that must be known to read them.

    ``error`` is Σ|a − x| in persons. ``profile`` is the overlap by exponent, ``exponents`` the
    ends of those within reach of the best; both empty where no exponent was looked for. ``alike``
    are pairs of criteria that place nearly the same, ``rank`` how many are independent.
    """

    year: int
    stage: str
    within: float
    rows: tuple[FitRow, ...]
    error: float
    trained: Scored
    scored: Scored
    powered: str | None
    profile: tuple[tuple[float, float], ...]
    exponents: tuple[float, float] | None
    alike: tuple[tuple[str, str, float], ...]
    rank: int
    left_out: tuple[tuple[str, str, int], ...]
    warnings: tuple[str, ...]

    @property
    def too_few(self) -> bool:
        """Whether there are fewer than ten municipalities for each weight."""
        return self.trained.municipalities < ENOUGH * len(self.rows)

    @property
    def open(self) -> tuple[str, ...]:
        """The criteria whose weight the figures leave open."""
        return tuple(row.criterion for row in self.rows if row.says == "open")

    @property
    def tells(self) -> bool:
        """Whether the figures tell the weights: none open, all independent, enough to go by."""
        return not self.open and not self.too_few and self.rank == len(self.rows)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "year": self.year,
            "with": self.stage,
            "within": self.within,
            "tells": self.tells,
            "rows": [row.as_dict() for row in self.rows],
            "error": self.error,
            "trained": self.trained.as_dict(),
            "scored": self.scored.as_dict(),
            "exponent_of": self.powered,
            "exponents": list(self.exponents) if self.exponents else None,
            "profile": [{"exponent": a, "overlap": overlap} for a, overlap in self.profile],
            "alike": [{"criteria": [a, b], "overlap": same} for a, b, same in self.alike],
            "independent": self.rank,
            "too_few": self.too_few,
            "left_out": [{"indicator": n, "reason": r, "figures": k} for n, r, k in self.left_out],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Year:
    """A year's actual numbers (compared,), on which municipalities, out of which codes."""

    view: View
    codes: tuple[str, ...]
    kept: npt.NDArray[np.intp]
    actual: Floats

    @property
    def total(self) -> float:
        """T = Σ a."""
        return float(self.actual.sum())

    def overlap(self, share: Floats) -> float:
        """1 − ½·Σ|a − T·s| / T of shares of all municipalities."""
        gap = float(np.abs(self.actual - self.total * share[self.kept]).sum())
        return round(1 - gap / (2 * self.total), 6)


def fit(
    panel: Panel,
    year: int,
    stage: str = "requested",
    *,
    candidates: Candidates | None = None,
    score: int | None = None,
    within: float = WITHIN,
) -> Fit:
    """The weights that explain a ``stage`` of a year best, tried on the ``score`` year (the next).

    Raises :class:`~allocator.errors.BadDataError` where the year has no such figures.

    >>> from allocator.study.criteria import named_criteria
    >>> panel = Panel()
    >>> named = named_criteria(["population^0.65", "requested"], autumn_before(panel, 2016))
    >>> found = fit(panel, 2016, candidates=named)
    >>> [(row.criterion, row.weight > 0.2) for row in found.rows], found.scored.year
    ([('population^0.65', True), ('requested', True)], 2017)
    """
    told = _year(panel, year, stage)
    found = candidates or known_criteria(told.view)
    powers = (None,) if found.powered is None else EXPONENTS
    tried = [(power, _raised(found, power)) for power in powers]
    shares = [_shares(parts, told) for _, parts in tried]
    total = told.total
    solved = [_explained(given, told) for given, _, _ in shares]
    errors = np.array([one.error for one in solved])
    best = int(np.argmin(errors))
    slack = 2 * within * total
    limit = errors[best] + slack
    near = [at for at, error in enumerate(errors) if error <= limit + 1e-9]
    ranges = [_explained(shares[at][0], told, max(limit - errors[at], 0.0)) for at in near]
    low = np.min([one.low for one in ranges], axis=0)
    high = np.max([one.high for one in ranges], axis=0)
    given, periods, warnings = shares[best]
    weights = solved[best].values
    parts = tried[best][1]
    rows = tuple(
        _row(name, part, periods[at], (weights[at], low[at], high[at]), given[:, at], told, found)
        for at, (name, part) in enumerate(parts.items())
    )
    weighed = {
        name: replace(part, weight=float(weights[at]))
        for at, (name, part) in enumerate(parts.items())
    }
    profile = tuple(
        (power, round(1 - float(error) / (2 * total), 6))
        for (power, _), error in zip(tried, errors, strict=True)
        if power is not None
    )
    return Fit(
        year=year,
        stage=stage,
        within=within,
        rows=rows,
        error=round(float(errors[best]), 3),
        trained=_on(told, given @ weights),
        scored=_scored(panel, year + 1 if score is None else score, stage, weighed),
        powered=found.powered,
        profile=profile,
        exponents=(profile[near[0]][0], profile[near[-1]][0]) if profile else None,
        alike=_alike(tuple(parts), given),
        rank=int(np.linalg.matrix_rank(given, tol=1e-9)),
        left_out=found.left_out,
        warnings=warnings,
    )


def _year(panel: Panel, year: int, stage: str) -> _Year:
    """The reported figures of a stage, and what was known the autumn before."""
    series = panel.requests(year, stage) if year in panel.years("requests") else {}
    view = autumn_before(panel, year)
    codes = tuple(unit.code for unit in view.municipalities()) if series else ()
    given = [(at, series[c].reported) for at, c in enumerate(codes) if c in series]
    pairs = [(at, value) for at, value in given if value is not None]
    if not any(value for _, value in pairs):
        known = ", ".join(map(str, study_years(panel)))
        fault = f"the panel has no reported {stage} figures for {year} to explain"
        raise BadDataError(Fault("fit.no-figures", fault, f"a year of {known}"))
    return _Year(view, codes, np.array([at for at, _ in pairs]), np.array([v for _, v in pairs]))


def _raised(found: Candidates, power: float | None) -> dict[str, KeyPart]:
    """The criteria with the exponent that is tried."""
    parts = dict(found.parts)
    if found.powered is not None and power is not None:
        parts[found.powered] = replace(parts[found.powered], exponent=power)
    return parts


def _shares(
    parts: Mapping[str, KeyPart], told: _Year
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """Shares by each criterion alone, (municipalities, criteria); their periods; what was filled.

    A criterion's own weight has no part in it.
    """
    columns, periods = [], []
    warnings: list[str] = []
    for name, part in parts.items():
        alone = entitlement({name: replace(part, weight=1.0)}, told.view, told.codes)
        columns.append(alone.share)
        periods.append(alone.parts[0].period)
        warnings += alone.warnings
    return np.column_stack(columns), tuple(periods), tuple(dict.fromkeys(warnings))


def _explained(given: Floats, told: _Year, slack: float | None = None) -> Weights:
    return best_weights(told.total * given[told.kept], told.actual, slack=slack)


def _row(
    name: str,
    part: KeyPart,
    period: str,
    weight: tuple[float, float, float],
    alone: Floats,
    told: _Year,
    found: Candidates,
) -> FitRow:
    value, low, high = (round(float(number), 6) for number in weight)
    wide = high - low
    return FitRow(
        criterion=name,
        indicator=part.indicator or name,
        how=part.as_,
        of=part.of,
        exponent=part.exponent,
        period=period,
        weight=value,
        low=low,
        high=high,
        stated=found.stated.get(name),
        alone=told.overlap(alone),
        says="pinned" if wide <= PINNED else "rough" if wide <= ROUGH else "open",
        needed=low > 1e-6,
    )


def _scored(panel: Panel, year: int, stage: str, weighed: Mapping[str, KeyPart]) -> Scored:
    """The fitted key on another year, or why it cannot be tried there."""
    try:
        told = _year(panel, year, stage)
        share = entitlement(weighed, told.view, told.codes).share
    except BosettError as error:
        return Scored(year, reason=error.faults[0].found)
    return _on(told, share)


def _on(told: _Year, share: Floats) -> Scored:
    """Shares held against a year, with the naive baselines beside them."""
    baselines: dict[str, float | None] = {}
    for name in BASELINES:
        try:
            naive = entitlement(load_model(name).key, told.view, told.codes).share
            baselines[name] = told.overlap(naive)
        except BosettError:  # there was no last year
            baselines[name] = None
    return Scored(
        year=told.view.year,
        municipalities=len(told.kept),
        left_out=len(told.codes) - len(told.kept),
        total=round(told.total),
        overlap=told.overlap(share),
        baselines=baselines,
    )


def _alike(names: Sequence[str], given: Floats) -> tuple[tuple[str, str, float], ...]:
    """Pairs of criteria that alone would place nearly all persons the same."""
    found = []
    for (a, first), (b, second) in combinations(enumerate(names), 2):
        same = 1 - float(np.abs(given[:, a] - given[:, b]).sum()) / 2
        if same >= ALIKE:
            found.append((first, second, round(same, 6)))
    return tuple(found)
