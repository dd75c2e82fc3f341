"""What there is: the commands that list models and scenarios, and print their schemas."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from allocator.commands.options import form_of, output_options, put

__all__ = ["models", "scenarios"]


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


def _documents(
    kind: Literal["model", "scenario"], schema: bool, form: str | None, out: Path | None
) -> None:
    from allocator.present import forms

    if schema:
        from allocator.documents.schema import schema as schema_of

        put(schema_of(kind), out)
    else:
        put(forms.documents(kind, form_of(form, out)), out)
