"""How councils answer: decisions and settlement simulated from what was asked for.

    given[m] = asked[m] · S · φ[cell(m)] · κ[county(m)] · ε[m]

S is the new year's share of all (:mod:`allocator.study.credibility`, its year-to-year variation is
most of the uncertainty), φ the cell's share against it – size × centrality, within the regime of
years in which few or many were asked for –, κ what the councils of a county have in common that
year: normal around 1, as wide as in one of the known years, which is drawn, since in some years the
counties lie far apart and in others hardly. ε is what single councils do beside that, drawn from
what they did: the answers of past years to requests of about the same size, with refusals, "as
asked" and more than asked in it, their mean 1 by persons. Settlement answers decisions in the same
way. Whole persons by stochastic rounding; the same seed gives the same draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
import numpy.typing as npt

from allocator.errors import BadDataError, Fault
from allocator.panel import Panel
from allocator.program.problem import Floats, Names
from allocator.study.credibility import Cell, Groups, Level, cells, groups, level
from allocator.study.history import Past, history

__all__ = ["LEVEL", "Answers", "Learnt", "Whole", "interval", "learn"]

LEVEL = 0.90
_SIZES = np.array([0.0, 20.0, 100.0, np.inf])
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Learnt:
    """What the years known on a day say of one step, in one regime.

    ``own`` are what single councils did: the ratios, by size of the request; ``apart`` how far the
    counties lay apart, a standard deviation for each year that is known by municipality.
    """

    answer: str
    regime: str
    level: Level
    cells: dict[str, Cell]
    own: tuple[Floats, ...]
    apart: dict[int, float]
    years: tuple[Past, ...]
    unused: tuple[Past, ...]

    def draw(
        self, asked: Floats | Whole, cell: Names, county: Names, count: int, seed: int
    ) -> Answers:
        """``count`` years of answers to ``asked`` (units,) or (count, units), in whole persons."""
        stream = np.random.default_rng(np.random.SeedSequence([seed, *self.answer.encode()]))
        persons = np.asarray(asked, float)
        share = self.level.draw(stream, count)
        ratio = np.repeat(share[:, None], len(cell), axis=1)
        usual = persons.reshape(-1, len(cell)).mean(axis=0)
        for name in sorted(set(cell.tolist())):
            known = self.cells.get(name)
            if known is not None:
                here = np.flatnonzero(cell == name)
                spread = sqrt(known.spread**2 + known.scatter / max(usual[here].sum(), 1.0))
                drawn = known.mean + spread * stream.standard_normal(count)
                ratio[:, here] *= np.maximum(drawn, 0.0)[:, None]
        widths = np.array([*self.apart.values(), 0.0][: max(len(self.apart), 1)])
        width = widths[stream.integers(len(widths), size=count)]
        for name in sorted(set(county.tolist())):
            drawn = np.maximum(1 + width * stream.standard_normal(count), 0.0)
            ratio[:, np.flatnonzero(county == name)] *= drawn[:, None]
        for unit, size in enumerate(np.digitize(usual, _SIZES[1:-1]).tolist()):
            picks = stream.random(count)
            own = self.own[size] if self.own else np.ones(0)
            if len(own):
                ratio[:, unit] *= own[(picks * len(own)).astype(np.int64)]
        whole = np.floor(persons * ratio + stream.random(ratio.shape)).astype(np.int64)
        return Answers(self.answer, share, ratio, whole)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Answers:
    """Draws of a step: the year's share of all (draws,); each one's own share, before it is made
    whole, and persons (draws, units)."""

    answer: str
    share: Floats
    ratio: Floats
    persons: Whole


def interval(values: npt.ArrayLike, part: float = LEVEL) -> tuple[float, float, float]:
    """The middle interval that holds ``part`` of the draws, and the median between its ends.

    >>> interval([1, 2, 3], 1.0)
    (1.0, 2.0, 3.0)
    """
    low, middle, high = np.quantile(
        np.asarray(values, float), [(1 - part) / 2, 0.5, (1 + part) / 2]
    )
    return float(low), float(middle), float(high)


def learn(panel: Panel, as_of: dt.date, answer: str, regime: str) -> Learnt:
    """What is known on a day of how councils answer, in a regime.

    Years of which only a part was known count for nothing but are named (``unused``). Raises
    :class:`BadDataError` where fewer than two years are known.

    >>> found = learn(Panel(), dt.date(2023, 10, 31), "decided", "many")
    >>> [past.year for past in found.years], [past.year for past in found.unused]
    ([2014, 2015, 2016, 2017, 2018, 2019, 2020, 2021, 2022], [2023])
    """
    every = history(panel, as_of, answer)
    years = tuple(past for past in every if not past.partial)
    shares: dict[str, list[float]] = {}
    for past in years:
        shares.setdefault(past.regime, []).append(past.share)
    try:
        found = level(shares, regime)
    except ValueError:
        told = f"{len(years)} year(s) of {answer} were known on {as_of}"
        raise BadDataError(Fault("respond.years", told, "two or more")) from None
    known = [past for past in years if past.codes]
    near = [past for past in known if past.regime == regime] or known
    shrunk = cells(_ratios(near))
    beside = [_beside(past, shrunk) for past in near]
    common = [groups(r, past.asked, past.county) for r, past in zip(beside, near, strict=True)]
    apart = {past.year: round(of.spread, 9) for past, of in zip(near, common, strict=True)}
    unused = tuple(past for past in every if past.partial)
    own = _own(near, beside, common)
    return Learnt(answer, regime, found, shrunk, own, apart, years, unused)


def _ratios(years: Sequence[Past]) -> dict[str, list[tuple[float, float]]]:
    """By cell: persons asked and the share against the year's, for each year."""
    found: dict[str, list[tuple[float, float]]] = {}
    for past in years:
        for name in sorted(set(past.cell.tolist())):
            here = past.cell == name
            asked = float(past.asked[here].sum())
            ratio = float(past.given[here].sum()) / asked / past.share
            found.setdefault(name, []).append((asked, ratio))
    return found


def _beside(past: Past, shrunk: dict[str, Cell]) -> Floats:
    """What each council of a year gave of what its cell and year would have."""
    usual = np.array([max(shrunk[name].mean, 1e-9) for name in past.cell])
    found: Floats = past.given / (past.asked * past.share * usual)
    return found


def _own(
    years: Sequence[Past], beside: Sequence[Floats], common: Sequence[Groups]
) -> tuple[Floats, ...]:
    """What single councils did beside their cell, year and county, by size of request; mean 1."""
    if not years:
        return ()
    asked = np.concatenate([past.asked for past in years])
    alone = np.concatenate(
        [
            ratio / np.array([max(found.means[name], 1e-9) for name in past.county])
            for past, ratio, found in zip(years, beside, common, strict=True)
        ]
    )
    found = []
    for low, high in pairwise(_SIZES):
        here = (asked >= low) & (asked < high)
        ratios, weight = alone[here], asked[here]
        mean = float((ratios * weight).sum() / weight.sum()) if here.any() else 1.0
        found.append(ratios / mean if mean > 0 else ratios)
    return tuple(found)
