"""The commands that bring figures in and keep them true: parse, call, print."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allocator.commands.options import form_of, output_options, put

if TYPE_CHECKING:
    import datetime as dt

    from allocator.panel.importers import Report

__all__ = ["data"]


@click.group()
def data() -> None:
    """Figures of your own: import, check, carry through mergers, fetch anew."""


@data.command("import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--panel",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of figures to import into; the shipped one is never written.",
)
@click.option("--create", is_flag=True, help="Make that folder, as a copy of the shipped panel.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--accept", is_flag=True, help="Take figures that differ from those that are there.")
@click.option("--skip-refused", is_flag=True, help="Import the sound rows although some are not.")
@click.option("--known", metavar="DATE", help="The day the figures became known: 2026-11-20.")
@click.option(
    "--vintage",
    metavar="NAME",
    default="final",
    show_default=True,
    help="Requests, decisions and settlement go into this vintage.",
)
@click.option("--year", type=click.IntRange(1900, 2100), help="The year of a file that has none.")
@click.option(
    "--since", metavar="YEAR", type=click.IntRange(1900, 2100), help="Leave out what is older."
)
@click.option(
    "--group",
    type=click.Choice(["total", "em", "em_under15", "em_15_17"]),
    help="Whom the persons are, where the file does not say: em is unaccompanied minors.",
)
@click.option("--indicator", metavar="NAME", help="The indicator that a file's values are of.")
@output_options
def import_(
    files: tuple[Path, ...],
    panel: Path,
    known: str | None,
    vintage: str,
    year: int | None,
    since: int | None,
    group: str | None,
    indicator: str | None,
    form: str | None,
    out: Path | None,
    **how: Any,
) -> None:
    """Figures from IMDi, SSB, NAV or a spreadsheet into a panel of your own.

    Everything that is accepted goes in, or nothing: a refused row or a figure that differs from
    what is there stops all of it, and is told with its file, row and column.
    """
    from allocator.panel.importers import Options, import_files
    from allocator.present.data import imported

    gc.enable()  # a large file makes many objects
    form = form_of(form, out)
    options = Options(year, group, vintage, indicator, since)
    report = import_files(files, panel, options, known=_date(known, "--known"), **how)
    put(imported(report, form), out)
    _tell_refused(report)


def _tell_refused(report: Report) -> None:
    """Every refused row on standard error, and the exit code of what was not done."""
    for fault in report.refused:
        click.echo(f"bosett: {fault}", err=True)
    if report.why_not in ("refused", "changed"):
        click.get_current_context().exit(65)


def _date(text: str | None, option: str) -> dt.date | None:
    """A day that an option names."""
    import datetime as dt

    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option} {text}: not a date such as 2026-11-20") from None
