"""What there is: the commands that list models and scenarios, print their schemas, copy one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["models", "new", "scenarios"]


@click.command()
@click.option("--schema", is_flag=True, help="The JSON Schema of a model document.")
@output_options
def models(schema: bool, form: str | None, out: Path | None) -> None:
    """The allocation rules that come with bosett."""
    _documents("model", schema, form, out)


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
