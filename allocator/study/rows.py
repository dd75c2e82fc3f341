"""What a back-test gives: a tidy table, one row for each rule, year and stage."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["AGAINST", "BackTest", "Row", "Score"]

AGAINST = ("requested", "decided", "settled")


@dataclass(frozen=True, slots=True)
class Score:
    """How near a proposal came, over the municipalities with a reported figure.

    The measures are those of :class:`allocator.audit.compare.Metrics`; ``overlap_low`` and
    ``overlap_high`` are :func:`allocator.study.bootstrap.overlap_interval`. The totals are those of
    the municipalities compared, ``left_out`` counts the others.
    """

    municipalities: int = 0
    left_out: int = 0
    proposed_total: int | None = None
    actual_total: int | None = None
    overlap: float | None = None
    overlap_low: float | None = None
    overlap_high: float | None = None
    mae: float | None = None
    max_abs: int | None = None
    exact: float | None = None
    within_5: float | None = None
    spearman: float | None = None
    gini_proposal: float | None = None
    gini_actual: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One rule in one year, against one stage.

    ``status`` is "optimal", "stopped: …", "no figures" where there is nothing to hold the proposal
    against, "no proposal" where the rule cannot be run, "defect" where the program failed;
    ``reason`` says why, in words. ``even`` is the value of the even goal by ``even_measure``,
    ``turnover`` is :func:`allocator.study.backtest.turnover`, ``asked`` the share of municipalities
    that are asked for anybody.
    """

    model: str
    baseline: bool
    year: int
    against: str
    status: str
    reason: str
    need: int
    minors: int | None
    parameters: str = ""
    even: float | None = None
    even_measure: str = ""
    turnover: float | None = None
    asked: float | None = None
    score: Score = Score()

    def as_dict(self) -> dict[str, Any]:
        """The columns of the table by name: this row's own, then those of its score."""
        own = {at.name: getattr(self, at.name) for at in fields(self) if at.name != "score"}
        return {**own, **asdict(self.score)}


@dataclass(frozen=True, slots=True)
class BackTest:
    """Every rule, year and stage, in this order; ``draws`` and ``seed`` are the bootstrap's."""

    models: tuple[str, ...]
    years: tuple[int, ...]
    minors_in: tuple[int, ...]
    draws: int
    seed: int
    rows: tuple[Row, ...]
