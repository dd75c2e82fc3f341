"""Everything a report is made of, gathered once: the proposal, the facts beside it, the audits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocator.audit.answers import Stages, count_of
from allocator.audit.carried import Carried, carried
from allocator.audit.compare import Comparison, compare
from allocator.audit.fairness import Fairness, fairness
from allocator.audit.history import History, history
from allocator.audit.sums import STAGE_NAMES
from allocator.documents import Case
from allocator.engine import propose_case
from allocator.errors import BadDataError, Fault, MissingInputError
from allocator.panel import Panel
from allocator.present.atlas import Atlas, atlas_of
from allocator.proposal import Proposal, Request

__all__ = ["Facts", "Other", "Told", "facts"]


@dataclass(frozen=True, slots=True)
class Told:
    """How the report was asked for: the scenario by its name, and what was laid over it."""

    scenario: str
    settings: tuple[str, ...] = ()
    model: str | None = None
    panel: str | None = None
    compare: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Other:
    """A second proposal beside the first, and its requests on the first's municipalities."""

    proposal: Proposal
    carried: Carried


@dataclass(frozen=True, slots=True)
class Facts:
    """A proposal with its fairness, its municipalities' past and what was done in its year."""

    told: Told
    case: Case
    panel: Panel
    proposal: Proposal
    fairness: Fairness
    history: History
    stages: Mapping[str, Stages]
    given: tuple[str, ...]
    compared: Comparison | None
    other: Other | None
    atlas: Atlas | None

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests of the proposal's first year."""
        return self.proposal.of_year(self.proposal.year)

    @property
    def counties(self) -> dict[str, str]:
        """County code → name, of those that are asked about."""
        return dict(sorted({r.county: r.county_name for r in self.requests}.items()))


def facts(case: Case, panel: Panel, told: Told, other: Case | None = None) -> Facts:
    """Gather what the report of a case is made of.

    What was done is of the case's year and vintage, whatever the case itself may know: the reader
    looks back. Raises what :func:`allocator.engine.propose_case` raises, for both cases.
    """
    found = fairness(case, panel)
    proposal, vintage = found.proposal, case.scenario.vintage
    year = proposal.year
    series = {stage: panel.requests(year, stage, "total", vintage) for stage in STAGE_NAMES}
    stages = {
        request.code: Stages(
            **{name: count_of(of.get(request.code), bool(of)) for name, of in series.items()}
        )
        for request in proposal.of_year(year)
    }
    given = tuple(
        name
        for name, of in series.items()
        if any(request.code in of for request in proposal.of_year(year))
    )
    return Facts(
        told,
        case,
        panel,
        proposal,
        found,
        history(panel, year, vintage=vintage),
        stages,
        given,
        compare(proposal, panel, vintage=vintage) if "requested" in given else None,
        None if other is None else _beside(proposal, propose_case(other, panel), panel),
        _atlas(panel, year),
    )


def _beside(proposal: Proposal, other: Proposal, panel: Panel) -> Other:
    """Another proposal on the municipalities of the first, joined by code and year."""
    start, end = other.year, proposal.year
    if start > end:
        raise BadDataError(
            Fault(
                "report.later",
                f"{other.scenario} is of {start}, {proposal.scenario} of {end}: a number cannot be "
                "carried back to older borders",
                remedy=f"put it the other way round: bosett report {other.scenario} --compare "
                f"{proposal.scenario}",
            )
        )
    persons = {request.code: request.total for request in other.of_year(start)}
    return Other(other, carried(panel, persons, start, end))


def _atlas(panel: Panel, year: int) -> Atlas | None:
    """The atlas, or none where the panel's folder has no borders to draw."""
    try:
        return atlas_of(panel, year)
    except MissingInputError:
        return None
