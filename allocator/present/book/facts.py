"""What a workbook is made of, gathered once: the proposal, its figures, and what was done."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.audit.answers import Count, count_of
from allocator.audit.compare import Comparison
from allocator.audit.history import STAGES, History, history
from allocator.audit.overrides import Cost
from allocator.documents import Case
from allocator.engine import prepare_case
from allocator.panel import Panel, Status
from allocator.present.language import say
from allocator.present.settings import portable
from allocator.present.tables import count
from allocator.program.prepare import Prepared
from allocator.proposal import Proposal, Request

__all__ = ["Asked", "Done", "Facts", "figure_cell", "gathered"]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a workbook was asked for: the words of the command that makes it again."""

    scenario: str
    settings: tuple[str, ...] = ()
    model: str | None = None
    panel: str | None = None
    local: str | None = None
    lang: str = "en"
    command: str = "propose"
    more: tuple[str, ...] = ()

    def told(self) -> str:
        """The command, without the place on this machine where files lie.

        >>> Asked("norway-2026", ("need.total=14000",), lang="nb").told()
        'bosett propose norway-2026 --set need.total=14000 --lang nb --out norway-2026.xlsx'
        """
        words = ["bosett", self.command, portable(self.scenario), *self.more]
        for setting in self.settings:
            words += ["--set", setting]
        options = {"model": self.model, "panel": self.panel, "local": self.local}
        for option, value in options.items():
            words += [f"--{option}", portable(value)] if value else []
        words += ["--lang", self.lang] if self.lang != "en" else []
        name = Path(self.scenario).name.removesuffix(".toml")
        return shlex.join([*words, "--out", f"{name}.xlsx"])


@dataclass(frozen=True, slots=True)
class Done:
    """What was done in a year, by stage and code: of the case's own year, or of the last."""

    year: int
    vintage: str
    of: Mapping[str, Mapping[str, Count]]


@dataclass(frozen=True, slots=True)
class Facts:
    """A proposal with what it stands on and what was done."""

    asked: Asked
    case: Case
    panel: Panel
    prepared: Prepared
    proposal: Proposal
    history: History
    done: Done
    group: str
    compared: Comparison | None
    costs: tuple[Cost, ...] = ()

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests of the first year, which is the only one unless the plan has several."""
        return self.proposal.of_year(self.proposal.year)


def gathered(
    case: Case,
    panel: Panel,
    proposal: Proposal,
    asked: Asked,
    compared: Comparison | None = None,
    costs: tuple[Cost, ...] = (),
) -> Facts:
    """Gather what the workbook of a proposal is made of.

    What was done is of the case's year and vintage; where the panel has nothing of it, of the year
    before. ``compared`` is what the proposal is compared with and ``costs`` what each override
    costs the others, where that was asked for.
    """
    year = proposal.year
    vintage = case.scenario.vintage if compared is None else compared.vintage
    group = "total" if compared is None else compared.group
    past = history(panel, year, vintage=case.scenario.vintage)
    return Facts(
        asked,
        case,
        panel,
        prepare_case(case, panel),
        proposal,
        past,
        _done(panel, proposal, past, vintage, group),
        group,
        compared,
        costs,
    )


def _done(panel: Panel, proposal: Proposal, past: History, vintage: str, group: str) -> Done:
    year = proposal.year
    codes = {request.code for request in proposal.municipalities}
    found: dict[str, dict[str, Count]] = {}
    for stage in STAGES:
        series = panel.requests(year, stage, group, vintage)
        if codes & series.keys():
            found[stage] = {code: count_of(series.get(code)) for code in codes}
    if found:
        return Done(year, vintage, found)
    before = history(panel, year, group=group) if group != "total" else past
    years = [at for at, of in enumerate(before.years) if of < year]
    if not years:
        return Done(year, vintage, {})
    at = years[-1]
    for stage in STAGES:
        counts = {code: before.row(stage, code)[at].count for code in codes}
        if any(one.persons is not None for one in counts.values()):
            found[stage] = counts
    return Done(before.years[at], "final", found)


def figure_cell(figure: Count, stage: str) -> int | str:
    """A figure as a cell: a number if it is a whole and final one, else a word, never 0.

    >>> figure_cell(Count(None, "suppressed"), "decided"), figure_cell(Count(0, "reported"), "")
    ('hidden', 0)
    """
    if figure.final is not None:
        return figure.final
    if figure.status == Status.MISSING.value and stage == "decided":
        return say("answer.none_registered")
    return say(f"cell.{figure.status}", persons=count(figure.persons))
