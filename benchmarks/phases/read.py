"""From files to a problem: documents and figures read, checked, and turned into numbers."""

from __future__ import annotations

import csv

from allocator.engine import prepare_case
from allocator.panel import Panel
from benchmarks.cases import Case
from benchmarks.registry import Phase, Work

__all__ = ["READ", "synthetic_has_no_files"]


def synthetic_has_no_files(case: Case) -> str | None:
    """Synthetic problems are made of numbers, not of files."""
    return None if case.scenario else "no files: the problem is made of numbers"


READ = Phase(
    "read",
    "documents and figures to a problem",
    reference="bosett",
    unless=synthetic_has_no_files,
)


@READ.contender("bosett")
def bosett(case: Case) -> Work:
    """Scenario, model and panel read anew and checked; entitlement and limits worked out."""
    return lambda: prepare_case(case.document(), Panel())


@READ.contender("documents only")
def documents(case: Case) -> Work:
    """The part of it that reads the scenario and its model."""
    return case.document


@READ.contender("panel only")
def panel(case: Case) -> Work:
    """The part of it that reads the figures and works with them."""
    document = case.document()
    return lambda: prepare_case(document, Panel())


@READ.contender("pandas, unchecked")
def pandas(case: Case) -> Work:
    """The naive script's reading and entitlement, pandas already imported."""
    from benchmarks.naive import propose_naive

    known = propose_naive.CASES[str(case.scenario)]
    return lambda: propose_naive.entitle(propose_naive.read(known["year"], known["county"]), known)


@READ.contender("csv, unchecked")
def rows(case: Case) -> Work:
    """The same four tables through the csv module and nothing else: a floor."""
    from benchmarks.naive import propose_naive

    known = propose_naive.CASES[str(case.scenario)]
    last = known["year"] - 1
    names = ["municipalities", f"population/{last}", f"requests/{last}"]
    if not known["county"]:
        names.append("indicators/population_0_17")

    def read() -> list[list[list[str]]]:
        found = []
        for name in names:
            with (propose_naive.PANEL / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                found.append(list(csv.reader(file)))
        return found

    return read
