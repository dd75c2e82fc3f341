"""The reader's commands, for mayors and governors: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.commands.options import case_options, language_option, put

__all__ = ["report"]


@click.command()
@click.argument("scenario")
@click.option(
    "--out",
    metavar="FILE.html",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: one page that needs nothing else.",
)
@click.option(
    "--compare",
    "other",
    metavar="OTHER",
    help="Another scenario to put beside it, with a column of differences.",
)
@case_options
@language_option
def report(
    scenario: str,
    out: Path,
    other: str | None,
    settings: tuple[str, ...],
    model: str | None,
    panel: str | None,
) -> None:
    """One page for people: map, table, fairness, counties, why each number, sources."""
    from allocator.documents import load_case
    from allocator.engine import panel_of
    from allocator.present.language import language
    from allocator.present.report import Told, facts, page

    if out.suffix not in (".html", ".htm"):
        raise click.UsageError(f"--out {out}: the ending must be .html")
    told = Told(scenario, settings, model, panel, other, language())
    case = load_case(scenario, settings, model)
    beside = None if other is None else load_case(other)
    found = facts(case, panel_of(case, panel), told, beside)
    put(page(found), out)
    if found.proposal.status != "optimal":
        click.get_current_context().exit(4)
