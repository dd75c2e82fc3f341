"""Options that several commands share, and how an answer gets to where it is asked for.

Only click is imported, as in :mod:`allocator.cli`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "LANGUAGE",
    "book_form_option",
    "book_output_options",
    "case_options",
    "extra",
    "folder_of",
    "form_of",
    "form_option",
    "language_option",
    "output_options",
    "put",
]

LANGUAGE = "bosett.language"  # where a command's context holds it, for those who tell of errors

F = TypeVar("F", bound=Callable[..., Any])
_EXCEL = "bosett.csv.excel"


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Import within the block what an optional part needs; what is missing is told, with its cure.

    >>> with extra("web"):
    ...     import no_such_library
    Traceback (most recent call last):
    click.exceptions.UsageError: this needs no_such_library: python3 -m pip install 'bosett[web]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "allocator"):
            raise
        raise click.UsageError(
            f"this needs {missing}: python3 -m pip install 'bosett[{name}]'"
        ) from None


def case_options(command: F) -> F:
    """The options that say what a scenario is solved with."""
    for option in (
        click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped."),
        click.option("--model", metavar="NAME", help="Another model than the scenario's own."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            help="Change the scenario, such as --set need.total=14000. Can be repeated.",
        ),
    ):
        command = option(command)
    return command


def form_option(command: F) -> F:
    """The options that say in what form the answer comes, and in what language its words."""
    return _form("table", "json", "csv")(_csv(language_option(command)))


def book_form_option(command: F) -> F:
    """The same for an answer that can be a workbook too."""
    return _form("table", "json", "csv", "xlsx")(_csv(language_option(command)))


def _form(*forms: str) -> Callable[[F], F]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        help="Default: table, or what the ending of --out says.",
    )


def _csv(command: F) -> F:
    return click.option(
        "--csv",
        type=click.Choice(["plain", "excel"]),
        default="plain",
        expose_value=False,
        callback=_spreadsheet,
        help="excel: a CSV that Norwegian Excel opens with a double click (semicolons, decimal "
        "comma, codes with their zeros).",
    )(command)


def _spreadsheet(ctx: click.Context, param: click.Parameter, value: str) -> None:
    ctx.meta[_EXCEL] = value == "excel"


def language_option(command: F) -> F:
    """The option that says in what language an answer's words are."""
    return click.option(
        "--lang",
        type=click.Choice(["nb", "nn", "en"]),
        envvar="BOSETT_LANG",
        default="en",
        show_default=True,
        expose_value=False,
        callback=_speak,
        help="Bokmål, nynorsk or English; BOSETT_LANG says it for all commands.",
    )(command)


def _speak(ctx: click.Context, param: click.Parameter, value: str) -> None:
    ctx.meta[LANGUAGE] = value
    if value != "en":  # English is spoken unless told otherwise; nothing need be loaded for it
        from allocator.present.language import speaking

        ctx.with_resource(speaking(value))


def output_options(command: F) -> F:
    """The options that say in what form and language the answer comes, and to which file."""
    return form_option(_to_file(".txt, .json, .csv")(command))


def book_output_options(command: F) -> F:
    """The same for an answer that can be a workbook too."""
    return book_form_option(_to_file(".txt, .json, .csv, .xlsx")(command))


def _to_file(endings: str) -> Callable[[F], F]:
    return click.option(
        "--out",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Write to this file; its ending ({endings}) says the form.",
    )


def form_of(form: str | None, out: Path | None, *, book: bool = False, folder: bool = False) -> str:
    """The asked form, or the one the file's ending names; ``book``: it can be a workbook too,
    ``folder``: it could have been a folder."""
    known = {".txt": "table", ".json": "json", ".csv": "csv"} | ({".xlsx": "xlsx"} if book else {})
    if form is None:
        if out is not None and out.suffix not in known:
            or_folder = "; a folder ends with /" if folder else ""
            endings = ", ".join(known)
            raise click.UsageError(f"--out {out}: the ending must be one of {endings}{or_folder}")
        form = "table" if out is None else known[out.suffix]
    if click.get_current_context().meta.get(_EXCEL) and form != "csv":
        raise click.UsageError("--csv excel goes with --format csv, or --out FILE.csv")
    if form == "xlsx" and out is None and sys.stdout.isatty():
        raise click.UsageError("a workbook is no text for a terminal: --out FILE.xlsx")
    return form


def folder_of(form: str | None, out: str | None, kind: str = "") -> Path | None:
    """The folder that ``--out`` names, if it names one; ``--format`` does not go with it."""
    if out is None or not (out.endswith(("/", os.sep)) or Path(out).is_dir()):
        return None
    if form is not None or click.get_current_context().meta.get(_EXCEL):
        form = "--format" if form is not None else "--csv"
        what = f"a {kind} folder" if kind else "a folder"
        raise click.UsageError(f"{form} does not go with {what}, which holds JSON and CSV")
    return Path(out)


def put(content: str | bytes, out: Path | None) -> None:
    """Print a text or the bytes of a workbook, or write it to a file and say so."""
    if isinstance(content, str) and click.get_current_context().meta.get(_EXCEL):
        from allocator.present.excel import excel_csv

        content = excel_csv(content)
    if out is None:
        click.echo(content, nl=False)
    else:
        from allocator.present import forms

        forms.write(out, content)
        click.echo(f"wrote {out}", err=True)
