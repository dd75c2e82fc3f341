"""The command line: parse, call, print. Nothing is worked out here.

Only click is imported until a command runs, so that ``bosett --help`` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

import allocator
from allocator.cli_governor import fairness, follow_up
from allocator.cli_options import case_options, form_of, form_option, output_options, put

if TYPE_CHECKING:
    from allocator.documents import Case
    from allocator.proposal import Proposal


class _Commands(click.Group):
    """Turns every error that has words into those words and its exit code; no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            from allocator.errors import BosettError

            if isinstance(error, BosettError):
                for fault in error.faults:
                    click.echo(f"bosett: {fault}", err=True)
                ctx.exit(error.exit_code)
            if ctx.params.get("debug"):
                raise
            click.echo(f"bosett: unexpected {type(error).__name__}: {error}", err=True)
            click.echo("bosett: this is a defect; run 'bosett --debug …' for its trace", err=True)
            ctx.exit(1)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from allocator.errors import did_you_mean

            remedy = did_you_mean(args[0], self.commands)
            raise click.UsageError(f"there is no command '{args[0]}' – {remedy}", ctx) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(allocator.__version__, prog_name="bosett")
@click.option("--debug", is_flag=True, hidden=True)
def main(debug: bool) -> None:
    """How many refugees should each municipality be asked to settle?

    A scenario (a year, an area, a need) and a model (an allocation rule) make a proposal.
    'bosett scenarios' and 'bosett models' list those that come with it.
    """
    # One thread solves; starting a pool of them for numpy's matrices costs more than it gains.
    # It must be said before numpy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A command makes many objects and little garbage, and ends soon: to look for it costs more than
    # it finds. What works long turns the collector on again.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


@main.command()
@click.argument("scenario")
@case_options
@form_option
@click.option(
    "--out",
    metavar="FILE|FOLDER/",
    help="Write to this file; its ending (.txt, .json, .csv) says the form. A folder, one that is "
    "there or ends with /, gets a run folder that 'bosett verify' can check.",
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after this long with the best found so far (exit 4).",
)
@click.option(
    "--lp",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the linear program, for other solvers to read.",
)
def propose(
    scenario: str,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    form: str | None,
    out: str | None,
    lp: Path | None,
    time_limit: float | None,
) -> None:
    """How many each municipality should be asked for."""
    from allocator.documents import load_case
    from allocator.engine import lp_of, propose_case
    from allocator.errors import InfeasibleError
    from allocator.present import forms

    folder = _folder(form, out)
    file = None if out is None or folder is not None else Path(out)
    form = form if folder is not None else form_of(form, file)
    case = load_case(scenario, settings, model)
    if lp is not None:
        forms.write(lp, lp_of(case, panel))
    try:
        if folder is not None:
            proposal = _run(case, settings, folder, panel, time_limit)
        else:
            proposal = propose_case(case, panel, time_limit=time_limit)
    except InfeasibleError as error:
        if form == "json" and out is None:
            click.echo(forms.no_proposal(case.name, error), nl=False)
        raise
    if folder is None:
        put(forms.proposal(proposal, form or "table"), file)
    if proposal.status != "optimal":
        click.get_current_context().exit(4)


@main.command()
@click.argument("scenario")
@click.option(
    "--with",
    "stage",
    default="requested",
    show_default=True,
    type=click.Choice(["requested", "decided", "settled"]),
    help="The figures of the year to compare with.",
)
@click.option(
    "--vintage", metavar="NAME", help="The vintage of those figures; default: the scenario's."
)
@click.option("--minors", is_flag=True, help="Compare the unaccompanied minors.")
@case_options
@output_options
def compare(
    scenario: str,
    stage: str,
    vintage: str | None,
    minors: bool,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """The proposal beside what was asked, decided or settled."""
    from allocator.audit.compare import compare as compare_with
    from allocator.documents import load_case
    from allocator.engine import propose_case
    from allocator.panel import Panel
    from allocator.present import forms

    case, figures = load_case(scenario, settings, model), Panel(panel)
    comparison = compare_with(
        propose_case(case, figures),
        figures,
        stage,
        vintage=vintage or case.scenario.vintage,
        group="em" if minors else "total",
    )
    put(forms.comparison(comparison, form_of(form, out)), out)


@main.command()
@click.option(
    "--models",
    "names",
    metavar="NAME,…",
    default="all",
    show_default=True,
    help="Rules by name or path, with commas between; the two naive baselines always go along.",
)
@click.option(
    "--years",
    metavar="START:STOP",
    help="Such as 2014:2026 or 2016:2024:2, both ends in, or a list with commas; default: all.",
)
@click.option(
    "--boot",
    "draws",
    metavar="N",
    default=1000,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Draws of municipalities for the 90 % interval of the overlap; 0: no interval.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the draws.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 64),
    help="Processes that share the work; default: one for each core.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def backtest(
    names: str, years: str | None, jobs: int | None, form: str | None, out: Path | None, **how: Any
) -> None:
    """Rules against history: what each would have asked for, from what was known at the time."""
    from allocator.present.backtest import backtest as text_of
    from allocator.present.progress import progress
    from allocator.study.backtest import backtest as run
    from allocator.study.pool import processes
    from allocator.study.ranges import whole_numbers

    gc.enable()  # works long
    form, rules = form_of(form, out), [name.strip() for name in names.split(",")]
    of = None if years is None else whole_numbers(years, "--years")
    with processes(jobs) as executor, progress("rules × years") as move:
        found = run(rules, of, executor=executor, progress=move, **how)
    put(text_of(found, form), out)
    if any(row.status == "defect" for row in found.rows):
        click.echo("bosett: the program failed in some rows; their reason says how", err=True)
        click.get_current_context().exit(1)


@main.command()
@click.argument("run", type=click.Path(path_type=Path))
@output_options
def verify(run: Path, form: str | None, out: Path | None) -> None:
    """Check a run folder without a solver: whole persons, limits, and bounds in exact fractions."""
    from allocator.present import forms
    from allocator.runs import verify_run

    checks = verify_run(run)
    put(forms.checks(run.resolve().name, checks, form_of(form, out)), out)
    failed = sum(not check.ok for check in checks)
    if failed:
        click.echo(f"bosett: {run} does not hold: {failed} of {len(checks)} checks fail", err=True)
        click.get_current_context().exit(65)


@main.command()
@click.option("--schema", is_flag=True, help="The JSON Schema of a model document.")
@output_options
def models(schema: bool, form: str | None, out: Path | None) -> None:
    """The allocation rules that come with bosett."""
    _documents("model", schema, form, out)


@main.command()
@click.option("--schema", is_flag=True, help="The JSON Schema of a scenario document.")
@output_options
def scenarios(schema: bool, form: str | None, out: Path | None) -> None:
    """The cases that come with bosett."""
    _documents("scenario", schema, form, out)


def _documents(
    kind: Literal["model", "scenario"], schema: bool, form: str | None, out: Path | None
) -> None:
    from allocator.present import forms

    if schema:
        from allocator.documents.schema import schema as schema_of

        put(schema_of(kind), out)
    else:
        put(forms.documents(kind, form_of(form, out)), out)


def _folder(form: str | None, out: str | None) -> Path | None:
    """The folder that is to get a run, if ``--out`` names one."""
    if out is None or not (out.endswith(("/", os.sep)) or Path(out).is_dir()):
        return None
    if form is not None:
        raise click.UsageError("--format does not go with a run folder, which holds JSON and CSV")
    return Path(out)


def _run(
    case: Case, settings: tuple[str, ...], folder: Path, panel: str | None, time_limit: float | None
) -> Proposal:
    """Propose into a run folder, and tell its path."""
    from allocator.runs import run, write_run

    made = run(case, settings, panel=panel, time_limit=time_limit)
    path, new = write_run(made, folder)
    click.echo(f"wrote {path}" if new else f"{path} is there already, the same run", err=True)
    return made.proposal


main.add_command(fairness)
main.add_command(follow_up)
