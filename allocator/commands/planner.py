"""The planner's commands, propose, compare and verify: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from allocator.commands.options import (
    book_form_option,
    book_output_options,
    case_options,
    extra,
    folder_of,
    form_of,
    output_options,
    put,
)

if TYPE_CHECKING:
    from allocator.documents import Case
    from allocator.proposal import Proposal

__all__ = ["compare", "propose", "verify"]


@click.command()
@click.argument("scenario")
@case_options
@click.option(
    "--local",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Capacities, locks, exemptions, notes and reasons typed in a sheet (.xlsx, .ods, .csv), "
    "such as the yellow columns of the workbook that --out FILE.xlsx writes.",
)
@book_form_option
@click.option(
    "--out",
    metavar="FILE|FOLDER/",
    help="Write to this file; its ending (.txt, .json, .csv, .xlsx) says the form. A folder, one "
    "that is there or ends with /, gets a run folder that 'bosett verify' can check.",
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
    local: Path | None,
    form: str | None,
    out: str | None,
    lp: Path | None,
    time_limit: float | None,
) -> None:
    """How many each municipality should be asked for."""
    from allocator.documents import load_case
    from allocator.engine import lp_of, panel_of, propose_case
    from allocator.errors import InfeasibleError, StoppedError
    from allocator.present import forms
    from allocator.present.language import language

    folder = folder_of(form, out, "run")
    file = None if out is None or folder is not None else Path(out)
    form = form if folder is not None else form_of(form, file, book=True, folder=True)
    if form == "xlsx":
        with extra("xlsx"):
            from allocator.present import book
    case = load_case(scenario, settings, model)
    if local is not None:
        case = _with_local(case, local, panel)
    if lp is not None:
        forms.write(lp, lp_of(case, panel))
    try:
        if folder is not None:
            proposal = _run(case, settings, folder, panel, time_limit)
        else:
            proposal = propose_case(case, panel, time_limit=time_limit)
    except (InfeasibleError, StoppedError) as error:
        if form == "json" and out is None:
            click.echo(forms.no_proposal(case.name, error), nl=False)
        raise
    if form == "xlsx":
        asked = book.Asked(scenario, settings, model, panel, _named(local), language())
        put(book.workbook(case, panel_of(case, panel), proposal, asked), file)
    elif folder is None:
        put(forms.proposal(proposal, form or "table"), file)
    if proposal.status != "optimal":
        click.get_current_context().exit(4)


@click.command()
@click.argument("scenario")
@click.argument("other", required=False)
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
@click.option("--against-vintage", metavar="NAME", help="Compare that vintage with this one.")
@click.option("--against-model", metavar="NAME", help="Compare with the proposal of this model.")
@click.option(
    "--against-set",
    metavar="KEY=VALUE",
    multiple=True,
    help="Compare with the proposal after this change. Can be repeated.",
)
@click.option("--minors", is_flag=True, help="Compare the unaccompanied minors.")
@click.option(
    "--overrides", is_flag=True, help="What each override of a municipality costs the others."
)
@case_options
@book_output_options
def compare(
    scenario: str,
    other: str | None,
    stage: str,
    vintage: str | None,
    against_vintage: str | None,
    against_model: str | None,
    against_set: tuple[str, ...],
    minors: bool,
    overrides: bool,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """The proposal beside what was asked, decided or settled, or beside another proposal.

    With a second scenario, or the same with --against-model or --against-set, it says who is asked
    for more, who for fewer, and which of the differences between the two documents explain it.
    --set and --model are of the first; without a second scenario they hold for both.
    """
    from allocator.audit import versus
    from allocator.audit.compare import compare as compare_with
    from allocator.audit.overrides import costs
    from allocator.documents import load_case
    from allocator.engine import panel_of, propose_case
    from allocator.present import forms
    from allocator.present.language import language
    from allocator.present.versus import versus as text_of

    form, group = form_of(form, out, book=True), "em" if minors else "total"
    if form == "xlsx":
        with extra("xlsx"):
            from allocator.present import book
        told = _words(stage, vintage, against_vintage, against_model, against_set, minors)
        asked = book.Asked(
            scenario,
            settings,
            model,
            panel,
            lang=language(),
            command="compare",
            more=(*((other,) if other else ()), *told),
        )
    case = load_case(scenario, settings, model)
    figures = panel_of(case, panel)
    vintage = vintage or case.scenario.vintage
    two = other is not None or against_model is not None or bool(against_set)
    if two:
        _refuse_figures(against_vintage)
        changed = (*(() if other else settings), *against_set)
        second = load_case(other or scenario, changed, against_model or (None if other else model))
        both = (settings, changed)
        if panel_of(second, panel).folder.resolve() != figures.folder.resolve():
            raise click.UsageError("the two scenarios stand on different figures: give --panel")
        found = versus.proposals(case, second, figures, group=group, settings=both)
        put(book.versus_book(found, asked) if form == "xlsx" else text_of(found, form), out)
    elif against_vintage is not None:
        found = versus.vintages(case, figures, stage, vintage, against_vintage, group=group)
        put(book.versus_book(found, asked) if form == "xlsx" else text_of(found, form), out)
    else:
        made = propose_case(case, figures)
        compared = compare_with(made, figures, stage, vintage=vintage, group=group)
        cost = costs(case, made, figures) if overrides else ()
        if form == "xlsx":
            put(book.workbook(case, figures, made, asked, compared, cost), out)
            return
        put(forms.comparison(compared, form, cost), out)


def _refuse_figures(against_vintage: str | None) -> None:
    """Two proposals are compared with each other, not with figures too."""
    given = click.get_current_context().get_parameter_source
    asked = [name for name in ("stage", "vintage") if given(name) is not ParameterSource.DEFAULT]
    if asked or against_vintage is not None:
        raise click.UsageError("--with and --vintage compare with figures, not with a proposal")


@click.command()
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


def _with_local(case: Case, local: Path, panel: str | None) -> Case:
    """The case with what is typed in a sheet laid over it."""
    from allocator.documents.change import changed
    from allocator.engine import panel_of
    from allocator.panel.importers.decode import open_source
    from allocator.panel.importers.local import read_local

    typed = read_local(open_source(local), panel_of(case, panel), case)
    said = case.scenario.municipality
    exempted = {code for code, known in said.items() if known.exempt}
    return changed(case, [text for one in typed for text in one.settings(exempted)])


def _named(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _words(
    stage: str,
    vintage: str | None,
    against_vintage: str | None,
    against_model: str | None,
    against_set: tuple[str, ...],
    minors: bool,
) -> list[str]:
    """The options of a comparison as they are written on the command line."""
    given = {
        "with": stage if stage != "requested" else None,
        "vintage": vintage,
        "against-vintage": against_vintage,
        "against-model": against_model,
    }
    words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    words += [word for setting in against_set for word in ("--against-set", setting)]
    return [*words, "--minors"] if minors else words


def _run(
    case: Case, settings: tuple[str, ...], folder: Path, panel: str | None, time_limit: float | None
) -> Proposal:
    """Propose into a run folder, and tell its path."""
    from allocator.runs import run, write_run

    made = run(case, settings, panel=panel, time_limit=time_limit)
    path, new = write_run(made, folder)
    click.echo(f"wrote {path}" if new else f"{path} is there already, the same run", err=True)
    return made.proposal
