"""Who published the figures that a proposal and its history stand on."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.audit.history import History
from allocator.documents import Case
from allocator.errors import BadDataError, Fault
from allocator.panel import Panel, cells
from allocator.panel.rows import read_columns
from allocator.proposal import Proposal

__all__ = ["Published", "published"]

_ALWAYS = ("K0", "D1")  # codes and changes of municipalities, and what is derived from them


@dataclass(frozen=True, slots=True)
class Published:
    """One source: its name in the panel, what it is, who published it, under what licence."""

    source: str
    what: str
    publisher: str
    licence: str


def published(
    panel: Panel, case: Case, proposal: Proposal, past: History, also: tuple[str, ...] = ()
) -> tuple[Published, ...]:
    """The sources of all figures shown: requests of every year, inhabitants, indicators.

    ``also`` names further ones, such as that of a map. Empty where the panel has no list of them.

    >>> from allocator.audit.history import history
    >>> from allocator.documents import load_case
    >>> from allocator.engine import propose_case
    >>> case, panel = load_case("ostfold-2016"), Panel()
    >>> found = published(panel, case, propose_case(case, panel), history(panel, 2016))
    >>> "OE" in {one.source for one in found}
    True
    """
    path = panel.folder / "sources.csv"
    if not path.exists():
        return ()
    used = _used(panel, case, proposal, past) | {*_ALWAYS, *also}
    names, faults = tuple(Published.__dataclass_fields__), list[Fault]()
    table = read_columns(path, dict.fromkeys(names, cells.text), faults)
    if faults:
        raise BadDataError(faults)
    rows = (Published(*row) for row in zip(*table.values, strict=True))
    return tuple(row for row in rows if row.source in used)


def _used(panel: Panel, case: Case, proposal: Proposal, past: History) -> set[str]:
    used = set()
    for year in past.years:
        for stage in past.of:
            used |= {figure.source for figure in panel.requests(year, stage).values()}
    year, vintage = proposal.year, case.scenario.vintage
    for stage in past.of:
        used |= {figure.source for figure in panel.requests(year, stage, "total", vintage).values()}
    for each in proposal.inputs:
        period, name = each["period"], each["indicator"]
        if name == "population":
            used |= {figure.source for figure in panel.population(int(period[:4])).values()}
        elif name not in past.of and name != "requested_original":
            used |= {figure.source for figure in panel.of_period(name, period).values()}
    return {part for source in used for part in source.split("+")}
