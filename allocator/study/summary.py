"""A back-test in short: the mean of each rule, and whether it beats the naive baselines."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from allocator.study.rows import AGAINST, BackTest, Row

__all__ = ["Duel", "Summary", "duels", "summaries"]


@dataclass(frozen=True, slots=True)
class Duel:
    """A rule beside the better of the two naive baselines in one year, both as overlap."""

    model: str
    year: int
    parameters: str
    overlap: float
    baseline: str
    baseline_overlap: float

    @property
    def difference(self) -> float:
        """The rule's overlap less the baseline's."""
        return round(self.overlap - self.baseline_overlap, 6)

    @property
    def won(self) -> bool:
        """Whether the rule is the nearer one; a tie is no win."""
        return self.overlap > self.baseline_overlap


@dataclass(frozen=True, slots=True)
class Summary:
    """A rule over the years it could be run.

    ``overlap`` is the mean by stage, ``scored`` over how many years. ``won`` of ``of`` years it was
    nearer to the request than the better naive baseline of that year, and by ``difference`` in the
    mean; these are None for a baseline. ``turnover`` and ``asked`` are means too.
    """

    model: str
    baseline: bool
    years: int
    overlap: dict[str, float | None]
    scored: dict[str, int]
    won: int | None
    of: int | None
    difference: float | None
    turnover: float | None
    asked: float | None


def duels(found: BackTest, model: str) -> tuple[Duel, ...]:
    """A rule against the better baseline, in each year that both have an overlap with the request.

    >>> from allocator.study.backtest import backtest
    >>> [duel.year for duel in duels(backtest([], [2014, 2016], draws=0), "last-year")]
    [2016]
    """
    asked = [row for row in found.rows if row.against == "requested"]
    made = []
    for row in asked:
        naive = [other for other in asked if other.baseline and other.year == row.year]
        beside = [(other.score.overlap, other.model) for other in naive if _has(other)]
        if row.model == model and row.score.overlap is not None and beside:
            best = max((overlap or 0.0, name) for overlap, name in beside)
            made.append(Duel(model, row.year, row.parameters, row.score.overlap, best[1], best[0]))
    return tuple(made)


def summaries(found: BackTest) -> tuple[Summary, ...]:
    """Every rule in short, in the order of the back-test."""
    return tuple(_summary(found, model) for model in found.models)


def _summary(found: BackTest, model: str) -> Summary:
    own = [row for row in found.rows if row.model == model]
    asked = [row for row in own if row.against == "requested"]
    scores = {
        stage: [
            row.score.overlap
            for row in own
            if row.against == stage and row.score.overlap is not None
        ]
        for stage in AGAINST
    }
    baseline = any(row.baseline for row in own)
    fought = () if baseline else duels(found, model)
    return Summary(
        model=model,
        baseline=baseline,
        years=sum(row.asked is not None for row in asked),
        overlap={stage: _mean(values) for stage, values in scores.items()},
        scored={stage: len(values) for stage, values in scores.items()},
        won=None if baseline else sum(duel.won for duel in fought),
        of=None if baseline else len(fought),
        difference=_mean([duel.difference for duel in fought]),
        turnover=_mean([row.turnover for row in asked if row.turnover is not None]),
        asked=_mean([row.asked for row in asked if row.asked is not None]),
    )


def _has(row: Row) -> bool:
    return row.score.overlap is not None


def _mean(values: list[float]) -> float | None:
    return round(fmean(values), 6) if values else None
