"""The whole process: from the command line to the last line of CSV, output thrown away."""

from __future__ import annotations

from benchmarks.cases import Case
from benchmarks.phases import commands
from benchmarks.phases.read import synthetic_has_no_files
from benchmarks.registry import Phase, Work

__all__ = ["PROCESS"]

PROCESS = Phase(
    "process",
    "files to CSV, in a process of its own",
    reference="bosett",
    unless=synthetic_has_no_files,
)


def _knows_no_settings(case: Case) -> str | None:
    return "the naive script knows no other rules" if case.settings else None


def _steps_need_integers(case: Case) -> str | None:
    if case.scenario == "ostfold-2016":
        return "the naive script is already exact there"
    return _knows_no_settings(case)


@PROCESS.contender("bosett")
def bosett(case: Case) -> Work:
    """`bosett propose CASE --format csv`."""
    settings = [part for setting in case.settings for part in ("--set", setting)]
    return commands.bosett("propose", str(case.scenario), "--format", "csv", *settings)


@PROCESS.contender("naive, CBC", unless=_knows_no_settings)
def naive_cbc(case: Case) -> Work:
    """The naive script as it comes: pandas, PuLP, CBC; for Norway nobody is chosen."""
    return commands.naive(str(case.scenario), "--solver", "cbc")


@PROCESS.contender("naive, HiGHS", unless=_knows_no_settings)
def naive_highs(case: Case) -> Work:
    """The same with HiGHS in its process."""
    return commands.naive(str(case.scenario), "--solver", "highs")


@PROCESS.contender("naive, HiGHS, exact", unless=_steps_need_integers, slow=True)
def exact_highs(case: Case) -> Work:
    """The naive script with binaries for who is asked, as bosett has."""
    return commands.naive(str(case.scenario), "--solver", "highs", "--no-simple")


@PROCESS.contender("bare imports")
def bare_imports(_: Case) -> Work:
    """The libraries bosett stands on, and no work at all: a floor."""
    return commands.python(commands.BARE_IMPORTS)
