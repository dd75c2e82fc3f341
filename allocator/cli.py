"""The command line: the group of all commands, and what becomes of an error.

Only click is imported until a command runs, so that ``bosett --help`` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import click

import allocator
from allocator.commands import (
    data,
    governor,
    planner,
    reader,
    researcher,
    revision,
    runs,
    serve,
    shelf,
    whatif,
)
from allocator.commands.options import LANGUAGE

if TYPE_CHECKING:
    from allocator.errors import BosettError


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
                for told in _told(error, ctx.meta.get(LANGUAGE, "en")):
                    click.echo(f"bosett: {told}", err=True)
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


def _told(error: BosettError, lang: str) -> list[str]:
    """What an error says, one line for each thing, in the language that was asked for."""
    if lang != "en":
        from allocator.present.faults import fault_words
        from allocator.present.language import speaking
        from allocator.present.refusal import refusal
        from allocator.program.infeasible import NoProposalError

        with speaking(lang):
            if isinstance(error, NoProposalError):
                return refusal(error)
            return [fault_words(fault) for fault in error.faults]
    return [str(fault) for fault in error.faults]


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


for _command in (
    data.data,
    runs.runs,
    planner.propose,
    planner.compare,
    planner.verify,
    governor.explain,
    governor.fairness,
    governor.follow_up,
    reader.map_,
    reader.report,
    researcher.backtest,
    researcher.fit,
    revision.hedge,
    revision.respond,
    revision.revise,
    shelf.models,
    shelf.new,
    shelf.scenarios,
    serve.serve,
    whatif.sweep,
):
    main.add_command(_command)
