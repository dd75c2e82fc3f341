"""The planner's many what-ifs, the command sweep: parse, call, print."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allocator.commands.options import case_options, folder_of, form_of, form_option, put

if TYPE_CHECKING:
    from allocator.sweeps import Swept

__all__ = ["sweep"]

_MOST_ROWS = 1_000_000
_FEW = 200


@click.command()
@click.argument("scenario")
@click.option(
    "--vary",
    multiple=True,
    metavar="KEY=VALUES",
    help="Such as need.total=5000:40000:100, model=population,last-year or "
    "override=need-low,need-high. Several give every combination.",
)
@click.option(
    "--draw",
    multiple=True,
    metavar="KEY=DISTRIBUTION",
    help="Such as need.total=triangular(9000,13000,19000): normal, uniform, triangular, poisson, "
    "negative-binomial; key=dirichlet(50) for the weights of the key.",
)
@click.option(
    "--draws", default=100, show_default=True, metavar="N", type=click.IntRange(1), help="How many."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the draws.")
@case_options
@form_option
@click.option(
    "--part",
    default="rows",
    show_default=True,
    type=click.Choice(["rows", "runs", "summary", "flips"]),
    help="The table that CSV holds: a row for each municipality in each point, or another.",
)
@click.option(
    "--out",
    metavar="FILE|FOLDER/",
    help="Write to this file; its ending (.txt, .json, .csv) says the form. A folder, one that is "
    "there or ends with /, keeps everything and can be taken up again with --resume.",
)
@click.option("--resume", is_flag=True, help="Go on with a sweep that was stopped.")
@click.option("--parquet", is_flag=True, help="Also write result.parquet into the folder.")
@click.option(
    "--executor",
    default="",
    metavar="NAME",
    help="processes (the default), dask for a dask cluster on this machine, dask://HOST:PORT for "
    "the cluster of a scheduler. The answer is the same.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 256),
    help="Processes that share the work; default: one for each core.",
)
def sweep(
    scenario: str,
    vary: tuple[str, ...],
    draw: tuple[str, ...],
    form: str | None,
    part: str,
    out: str | None,
    resume: bool,
    parquet: bool,
    executor: str,
    jobs: int | None,
    **case: Any,
) -> None:
    """Many what-ifs at once: every combination of the values of some keys, or draws of them."""
    import tempfile

    from allocator.present.progress import progress
    from allocator.study.executors import workers
    from allocator.study.plan import plan_of
    from allocator.sweeps import sweep as run
    from allocator.sweeps import write_parquet

    gc.enable()  # works long
    folder = folder_of(form, out)
    file = Path(out) if out and folder is None else None
    if folder is None and (resume or parquet):
        raise click.UsageError("--resume and --parquet are for a folder: --out FOLDER/")
    form = form_of(form, file, folder=True)
    plan = plan_of(scenario, vary, draw, **case)
    if not executor and jobs is None and len(plan) <= _FEW:
        jobs = 1  # a few are solved before other processes have begun
    make = workers(executor, jobs)
    with tempfile.TemporaryDirectory(prefix="bosett-") as aside, progress("points") as move:
        found = run(plan, folder or Path(aside) / "sweep", make=make, resume=resume, progress=move)
        if folder is None:
            put(_text(found, form, part), file)
        else:
            if parquet:
                write_parquet(found)
            click.echo(f"wrote {folder}, {len(plan)} points", err=True)
    if found.failed and (folder is not None or form != "table"):
        from allocator.present.sweep import failures

        click.echo(f"bosett: {failures(found.failed)}", err=True)
    if "defect" in found.failed:
        click.get_current_context().exit(1)


def _text(found: Swept, form: str, part: str) -> str:
    """A finished sweep as table, json or csv."""
    from allocator.errors import Fault, UsageError
    from allocator.present.sweep import sweep_text
    from allocator.present.tables import as_csv, as_json
    from allocator.sweeps import rows_of

    plan = found.plan
    if form == "table":
        model = plan.model or plan.opened.stacked().scenario.model
        short = (found.failed, found.summary, found.flips)
        return sweep_text(plan.about, Path(model).stem, len(plan), *short)
    if form == "csv" and part in ("summary", "flips"):
        return as_csv(found.summary if part == "summary" else found.flips)
    if len(plan) * len(plan.units) > _MOST_ROWS:
        told = f"{len(plan) * len(plan.units)} rows are too many for one text"
        raise UsageError(Fault("sweep.rows", told, remedy="--out FOLDER/ streams them to disk"))
    name = "runs.csv" if part == "runs" else "result.csv"
    if form == "csv":
        return (found.folder / name).read_text(encoding="utf-8")
    return as_json(
        {
            **plan.about,
            "points": len(plan),
            "failed": found.failed,
            "rows": rows_of(found, "result.csv"),
            "runs": rows_of(found, "runs.csv"),
            "summary": found.summary,
            "flips": found.flips,
        }
    )
