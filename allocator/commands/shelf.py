"""What there is: the commands that list models and scenarios, print their schemas, copy one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["models", "new", "scenarios"]


@click.group(invoke_without_command=True)
@click.option("--schema", is_flag=True, help="The JSON Schema of a model document.")
@output_options
@click.pass_context
def models(context: click.Context, schema: bool, form: str | None, out: Path | None) -> None:
    """The allocation rules that come with bosett; 'models audit' looks into one."""
    if context.invoked_subcommand is None:
        _documents("model", schema, form, out)
    elif schema or form is not None or out is not None:
        raise click.UsageError(f"options go after '{context.invoked_subcommand}'")


@models.command()
@click.argument("model")
@click.option(
    "--year",
    type=click.IntRange(1990, 2100),
    help="The year whose requests it would have made; default: its last, or the panel's.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="What was known on this day, such as 2020-06-01; default: 31 October of the year before.",
)
@click.option(
    "--part",
    default="criteria",
    show_default=True,
    type=click.Choice(["criteria", "responses", "pairs", "paradoxes"]),
    help="The table that CSV holds; the other forms hold all of them.",
)
@click.option("--panel", metavar="DIR", help="Figures from this folder, not the shipped.")
@output_options
def audit(
    model: str,
    year: int | None,
    as_of: datetime | None,
    part: str,
    panel: str | None,
    form: str | None,
    out: Path | None,
) -> None:
    """Does each criterion of a rule bite, what is population in disguise, are there paradoxes?"""
    from allocator.audit.keys import audit_key
    from allocator.documents import load_model
    from allocator.panel import Panel
    from allocator.present.audit import audit as text_of
    from allocator.study.national import national_case, study_years

    form, figures, rule = form_of(form, out), Panel(panel), load_model(model)
    last = study_years(figures)[-1]
    of = year if year is not None else min(rule.valid_to or last, last)
    day = None if as_of is None else as_of.date()
    found = audit_key(national_case(figures, of, Path(model).stem, rule, day), figures)
    put(text_of(found, form, part), out)


@click.command()
@click.option("--schema", is_flag=True, help="The JSON Schema of a scenario document.")
@output_options
def scenarios(schema: bool, form: str | None, out: Path | None) -> None:
    """The cases that come with bosett."""
    _documents("scenario", schema, form, out)


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "scenario",
    metavar="SCENARIO",
    required=True,
    help="The scenario to copy, with overrides if need be: norway-2027+need-high.",
)
def new(name: str, scenario: str) -> None:
    """A scenario of your own: a copy of another, with its comments, to be changed."""
    from allocator.documents.copying import copy_of
    from allocator.errors import Fault, UsageError
    from allocator.present.files import write

    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if path.exists() or path.is_symlink():
        told = Fault("new.exists", f"'{path}' is there already", remedy="choose another name")
        raise UsageError(told)
    if not path.parent.is_dir():
        raise UsageError(Fault("new.folder", f"there is no folder '{path.parent}'"))
    write(path, copy_of(scenario, path.parent))
    click.echo(f"wrote {path}; 'bosett propose {path}' runs it", err=True)


def _documents(
    kind: Literal["model", "scenario"], schema: bool, form: str | None, out: Path | None
) -> None:
    from allocator.present import forms

    if schema:
        from allocator.documents.schema import schema as schema_of

        put(schema_of(kind), out)
    else:
        put(forms.documents(kind, form_of(form, out)), out)
