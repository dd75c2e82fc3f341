"""A proposal beside what was asked, decided or settled in its year."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allocator.errors import BadDataError, Fault, did_you_mean
from allocator.panel import Figure, Panel, Status
from allocator.proposal import Proposal, Request

__all__ = ["Comparison", "Metrics", "Row", "compare", "gini", "metrics", "spearman"]


@dataclass(frozen=True, slots=True)
class Metrics:
    """How near two allocations are, over the municipalities where both are known.

    overlap = 1 − ½·Σ|x − a| / Σa, the share of persons placed the same. ``mae`` is the mean and
    ``max_abs`` the largest difference in persons; ``exact`` and ``within_5`` are shares of
    municipalities; ``spearman`` the rank correlation. The Ginis are of persons per inhabitant.
    """

    municipalities: int
    overlap: float | None
    mae: float | None
    max_abs: int | None
    exact: float | None
    within_5: float | None
    spearman: float | None
    gini_proposal: float | None
    gini_actual: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One municipality: proposed and actual, with the actual figure's status."""

    request: Request
    proposed: int
    actual: int | None
    status: str
    difference: int | None

    @property
    def compared(self) -> bool:
        """Whether it counts: the actual figure is a final, reported one."""
        return self.actual is not None and self.status == Status.REPORTED.value

    def as_dict(self) -> dict[str, Any]:
        """The request's own fields, and what it is compared with."""
        return {
            **self.request.as_dict(),
            "proposed": self.proposed,
            "actual": self.actual,
            "actual_status": self.status,
            "difference": self.difference,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A proposal against one stage of its year.

    The totals are those of the municipalities that are compared, the same on both sides;
    ``left_out`` counts the others by the status of their figure.
    """

    proposal: Proposal
    stage: str
    vintage: str
    group: str
    proposed_total: int
    actual_total: int
    metrics: Metrics
    municipalities: tuple[Row, ...]
    left_out: dict[str, int]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: the proposal's, ``"schema": 1``, and ``with`` what it is compared."""
        return {
            **self.proposal.as_dict(),
            "municipalities": tuple(row.as_dict() for row in self.municipalities),
            "warnings": (*self.warnings, *self.proposal.warnings),
            "with": self.stage,
            "vintage": self.vintage,
            "group": self.group,
            "metrics": asdict(self.metrics),
            "proposed_total": self.proposed_total,
            "actual_total": self.actual_total,
            "difference_total": self.proposed_total - self.actual_total,
            "left_out": dict(self.left_out),
        }


def compare(
    proposal: Proposal,
    panel: Panel,
    stage: str = "requested",
    *,
    vintage: str = "final",
    group: str = "total",
) -> Comparison:
    """The proposal against the ``stage`` figures of its own year, in one vintage.

    Municipalities whose actual figure is not reported (suppressed, missing, pending, not asked, of
    part of the year) are listed with their status and left out of the metrics, never taken as 0.
    """
    series = panel.requests(proposal.year, stage, group, vintage)
    asked = proposal.of_year(proposal.year)
    if not any(request.code in series for request in asked):
        vintages = panel.vintages(proposal.year)
        raise BadDataError(
            Fault(
                "compare.none",
                f"the panel has no {stage} figures ({group}, vintage '{vintage}') for "
                f"{proposal.year}",
                remedy=did_you_mean(vintage, vintages) if vintage not in vintages else "",
            )
        )
    rows = [_row(request, series.get(request.code), group) for request in asked]
    compared = [row for row in rows if row.compared]
    x = [row.proposed for row in compared]
    a = [row.actual or 0 for row in compared]
    left_out = dict(sorted(Counter(row.status for row in rows if not row.compared).items()))
    warnings = []
    if left_out:
        told = ", ".join(f"{count} {status}" for status, count in left_out.items())
        warnings.append(f"left out of the metrics, never taken as 0: {told}")
    if sum(x) != sum(a):
        warnings.append(
            f"the totals differ: {sum(x)} proposed and {sum(a)} {stage} in the {len(x)} compared"
        )
    return Comparison(
        proposal,
        stage,
        vintage,
        group,
        sum(x),
        sum(a),
        metrics(x, a, [float(row.request.population or 0) for row in compared]),
        tuple(rows),
        left_out,
        tuple(warnings),
    )


def _row(request: Request, figure: Figure | None, group: str) -> Row:
    proposed = request.total if group == "total" else request.em
    if figure is None or figure.value is None:
        status = Status.MISSING if figure is None else figure.status
        return Row(request, proposed, None, status.value, None)
    actual = int(figure.value)
    return Row(request, proposed, actual, figure.status.value, proposed - actual)


def metrics(x: npt.ArrayLike, a: npt.ArrayLike, inhabitants: npt.ArrayLike) -> Metrics:
    """The metrics of proposed ``x`` against actual ``a``, both (units,), same order.

    >>> metrics([10, 20], [12, 18], [1000, 2000]).overlap
    0.933333
    """
    proposed, actual = np.asarray(x, dtype=float), np.asarray(a, dtype=float)
    if not len(proposed):
        return Metrics(0, None, None, None, None, None, None, None, None)
    gap = np.abs(proposed - actual)
    total = float(actual.sum())
    return Metrics(
        municipalities=len(proposed),
        overlap=_round(1 - gap.sum() / (2 * total)) if total else None,
        mae=_round(gap.mean()),
        max_abs=int(gap.max()),
        exact=_round((gap == 0).mean()),
        within_5=_round((gap <= 5).mean()),
        spearman=_round(spearman(proposed, actual)),
        gini_proposal=_round(gini(proposed, inhabitants)),
        gini_actual=_round(gini(actual, inhabitants)),
    )


def gini(persons: npt.ArrayLike, inhabitants: npt.ArrayLike) -> float | None:
    """The Gini coefficient of persons per inhabitant, each inhabitant counting once.

    0 when every municipality is asked in proportion to its inhabitants. G = 1 − Σ (L_i + L_{i−1})
    (P_i − P_{i−1}) along the Lorenz curve L over inhabitants P, sorted by persons per inhabitant.

    >>> gini([1, 1], [100, 100])
    0.0
    >>> gini([0, 2], [100, 100])
    0.5
    """
    load, size = np.asarray(persons, dtype=float), np.asarray(inhabitants, dtype=float)
    counted = size > 0
    load, size = load[counted], size[counted]
    if not len(load) or load.sum() == 0:
        return None
    order = np.argsort(load / size, kind="stable")
    along = np.concatenate(([0.0], np.cumsum(size[order]) / size.sum()))
    curve = np.concatenate(([0.0], np.cumsum(load[order]) / load.sum()))
    return float(1 - ((curve[1:] + curve[:-1]) * np.diff(along)).sum())


def spearman(x: npt.ArrayLike, a: npt.ArrayLike) -> float | None:
    """Spearman's rank correlation, ties sharing their mean rank; None where one side is constant.

    >>> spearman([1, 2, 3], [10, 20, 20])
    0.8660254037844387
    """
    first, second = _ranks(np.asarray(x, dtype=float)), _ranks(np.asarray(a, dtype=float))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / scale) if scale else None


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: npt.NDArray[np.float64] = last - (counts - 1) / 2.0
    return mean[inverse]


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)
