"""Rules against history: what each would have asked for, from what was known at the time.

For each year a rule sees what was known in the autumn before and is given the actual need; its
proposal is held against what was asked for, decided and settled. Two naive baselines always go
along. Two rules named in advance have parameters from earlier years: :data:`NAMED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from allocator.audit.compare import Comparison, compare
from allocator.documents import load_model, shipped_names
from allocator.engine import propose_case
from allocator.errors import BadDataError, BosettError, InfeasibleError
from allocator.panel import Panel
from allocator.proposal import Proposal
from allocator.study import walk_forward
from allocator.study.bootstrap import overlap_interval
from allocator.study.national import national_case, national_need, study_years
from allocator.study.rows import AGAINST, BackTest, Row, Score

__all__ = ["BASELINES", "NAMED", "backtest", "forecast", "turnover"]

BASELINES = ("last-year", "population")
NAMED = (walk_forward.NAME, "earlier-rounds")
"""Rules named in advance with parameters from earlier years, in the order they were written down.

The second was written down when the record of the first was known, and before it was run itself.
"""


@dataclass(frozen=True, slots=True)
class _Task:
    model: str
    year: int
    draws: int
    seed: int


def backtest(
    models: Sequence[str] = ("all",),
    years: Sequence[int] | None = None,
    *,
    panel: Panel | Path | str | None = None,
    draws: int = 1000,
    seed: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BackTest:
    """Rules by name or path, "all" for every shipped one, against the years of the panel.

    With an ``executor`` of processes each reads the panel once for itself; the answer is the same.
    ``progress`` is called with how many of how many proposals are made. A rule that cannot be run
    in a year is a row with the reason; a rule or a year that does not exist raises
    :class:`~allocator.errors.BosettError` before anything is run.

    >>> found = backtest(["walk-forward"], [2016], draws=0)
    >>> [(row.model, row.score.overlap) for row in found.rows if row.against == "requested"]
    [('last-year', ...), ('population', ...), ('walk-forward', ...)]
    """
    panel = panel if isinstance(panel, Panel) else Panel(panel)
    names = _names(models)
    for name in names:
        _rule(panel, name, None)
    years = study_years(panel) if years is None else tuple(sorted(set(years)))
    needs = {year: national_need(panel, year) for year in years}
    tasks = [_Task(name, year, draws, seed) for name in names for year in years]
    rows: list[Row] = []
    for done, found in enumerate(_run(tasks, panel, executor), 1):
        rows += found
        if progress is not None:
            progress(done, len(tasks))
    minors_in = tuple(year for year, need in needs.items() if need.em is not None)
    return BackTest(names, tuple(years), minors_in, draws, seed, tuple(rows))


def forecast(panel: Panel, year: int, model: str) -> tuple[Proposal, str]:
    """What a rule would have asked for in a year, and its parameters in words where it has any."""
    rule, parameters = _rule(panel, model, year)
    proposal = propose_case(national_case(panel, year, model, rule), panel)
    if rule.fitted is not None:  # the rule finds its own weights, and tells them
        told = (text for text in proposal.warnings if text.startswith("weights: "))
        parameters = next(told, "").removeprefix("weights: ")
    return proposal, parameters


def turnover(proposal: Proposal) -> float | None:
    """½·Σ |x/Σx − h/Σh|, the part of all places that moves, h being last year's request.

    Over the municipalities whose request of last year was reported; None where there is none.
    """
    both = [(r.total, r.last_year) for r in proposal.municipalities if r.last_year is not None]
    x, h = np.array(both, dtype=float).reshape(-1, 2).T
    if not x.sum() or not h.sum():
        return None
    return round(float(np.abs(x / x.sum() - h / h.sum()).sum()) / 2, 6)


def _names(models: Sequence[str]) -> tuple[str, ...]:
    """The baselines, then the rules asked for; ``walk-forward`` last where all are asked for."""
    found = list(BASELINES)
    for name in models:
        found += [*shipped_names("models"), walk_forward.NAME] if name == "all" else [name]
    return tuple(dict.fromkeys(found))


def _rule(panel: Panel, name: str, year: int | None) -> tuple[Any, str]:
    if name != walk_forward.NAME:
        return load_model(name), ""
    if year is None:
        return None, ""
    parameters = walk_forward.fit(panel, year)
    return walk_forward.model_of(parameters), str(parameters)


def _run(
    tasks: Sequence[_Task], panel: Panel, executor: Executor | None
) -> Iterator[tuple[Row, ...]]:
    if executor is None:
        return (_rows(panel, task) for task in tasks)
    return iter(executor.map(_in_worker, [str(panel.folder)] * len(tasks), tasks))


def _in_worker(folder: str, task: _Task) -> tuple[Row, ...]:
    return _rows(_panel(folder), task)


@lru_cache(maxsize=1)
def _panel(folder: str) -> Panel:
    return Panel(folder)


def _rows(panel: Panel, task: _Task) -> tuple[Row, ...]:
    """A rule in a year against every stage; what goes wrong is a row, told in words."""
    need = national_need(panel, task.year)
    blank = Row(
        model=task.model,
        baseline=task.model in BASELINES,
        year=task.year,
        against="",
        status="no proposal",
        reason="",
        need=need.total,
        minors=need.em,
    )
    try:
        proposal, parameters = forecast(panel, task.year, task.model)
    except BosettError as error:
        return _for_each_stage(replace(blank, reason=_told(error)))
    except Exception as error:  # one defect must not take the whole table with it
        told = f"unexpected {type(error).__name__}: {error}"
        return _for_each_stage(replace(blank, status="defect", reason=told))
    even = next((goal for goal in proposal.goals if goal["goal"] == "even"), None)
    made = replace(
        blank,
        status=proposal.status,
        parameters=parameters,
        even=even["value"] if even else None,
        even_measure=even["measure"] if even else "",
        turnover=turnover(proposal),
        asked=_share_asked(proposal),
    )
    return tuple(_against(made, proposal, panel, stage, task) for stage in AGAINST)


def _for_each_stage(row: Row) -> tuple[Row, ...]:
    return tuple(replace(row, against=stage) for stage in AGAINST)


def _told(error: BosettError) -> str:
    """The reason on one line: the first fault, and how many more there are.

    The file is left out: it is the panel's, and its place differs from machine to machine.
    """
    first, more = str(replace(error.faults[0], file=None)), len(error.faults) - 1
    if isinstance(error, InfeasibleError):  # the further faults are remedies
        return first.removeprefix("no proposal: ")
    return f"{first} (and {more} more)" if more else first


def _share_asked(proposal: Proposal) -> float:
    asked = [request.total > 0 for request in proposal.municipalities]
    return round(sum(asked) / len(asked), 6)


def _against(row: Row, proposal: Proposal, panel: Panel, stage: str, task: _Task) -> Row:
    """The row of one stage: its score, or why there is none."""
    row = replace(row, against=stage)
    try:
        found = compare(proposal, panel, stage)
    except BadDataError as error:
        return replace(row, status="no figures", reason=_told(error))
    left_out = ", ".join(f"{count} {status}" for status, count in found.left_out.items())
    reason = f"left out: {left_out}" if left_out else ""
    if found.metrics.overlap is None:
        return replace(row, status="no figures", reason=reason, score=_score(found, task))
    return replace(row, reason=reason, score=_score(found, task))


def _score(found: Comparison, task: _Task) -> Score:
    compared = [row for row in found.municipalities if row.compared]
    x, a = [row.proposed for row in compared], [row.actual or 0 for row in compared]
    low, high = overlap_interval(x, a, task.draws, task.seed) or (None, None)
    return Score(
        **asdict(found.metrics),
        left_out=sum(found.left_out.values()),
        proposed_total=found.proposed_total,
        actual_total=found.actual_total,
        overlap_low=low,
        overlap_high=high,
    )
