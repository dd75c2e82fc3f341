"""What a run found: a table for people, JSON for programs, and what the machine is like."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from benchmarks.measure import Summary
from benchmarks.targets import Verdict

__all__ = ["Row", "as_json", "as_table", "heading", "machine"]

_TITLES = (
    "case",
    "phase",
    "contender",
    "rounds",
    "wall ms",
    "min–max",
    "CPU ms",
    "peak MiB",
    "× wall",
    "× CPU",
    "× memory",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One contender of one phase on one case: what it took, or why it did not run."""

    case: str
    phase: str
    contender: str
    reference: bool
    found: Summary | None
    missing: str = ""
    targets: tuple[Verdict, ...] = ()


def as_table(rows: list[Row]) -> str:
    """Aligned columns; then the combinations that did not run, each with its reason."""
    ran = [row for row in rows if row.found is not None]
    cells = [list(_TITLES), *(_cells(row) for row in ran)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(_TITLES))]
    lines = [
        "  ".join(
            cell.ljust(width) if place < 3 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    for more in (_answers(ran), _targets(ran), _reasons(rows)):
        lines += ["", *more] if more else []
    return "\n".join(lines) + "\n"


def _answers(ran: list[Row]) -> list[str]:
    """What contenders tell of their answers, and whose answer is another than the reference's."""
    lines = []
    for row in ran:
        assert row.found is not None
        told = [f"{name} {_figure(value)}" for name, value in row.found.told]
        told += [row.found.differs] if row.found.differs else []
        told += ["stopped: times and ratios are the least"] if row.found.stopped else []
        if told:
            lines.append(f"{row.case} · {row.phase} · {row.contender}: {', '.join(told)}")
    return lines


def _targets(ran: list[Row]) -> list[str]:
    """Each target with what became of it."""
    return [
        f"target {verdict.verdict}: {row.case} · {row.phase} · {row.contender}: "
        f"{verdict.target}, found {verdict.found}"
        for row in ran
        for verdict in row.targets
    ]


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _reasons(rows: list[Row]) -> list[str]:
    """One line for each phase, contenders and reason, with the cases it is true for."""
    by_phase: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row.found is None:
            by_phase.setdefault((row.case, row.phase, row.missing), []).append(row.contender)
    by_reason: dict[tuple[str, str, str], list[str]] = {}
    for (case, phase, missing), contenders in by_phase.items():
        by_reason.setdefault((phase, ", ".join(contenders), missing), []).append(case)
    return [
        f"not run: {phase} ({contenders}) on {', '.join(places)} – {missing}"
        for (phase, contenders, missing), places in by_reason.items()
    ]


def _cells(row: Row) -> list[str]:
    found = row.found
    assert found is not None
    return [
        row.case,
        row.phase,
        row.contender + (" *" if row.reference else ""),
        str(found.rounds),
        _ms(found.wall),
        f"{_ms(found.least)}–{_ms(found.most)}",
        _ms(found.cpu),
        "–" if found.peak is None else f"{found.peak / 2**20:.0f}",
        *(
            "≥ " * found.stopped + _ratio(ratio)
            for ratio in (found.ratio, found.ratio_cpu, found.ratio_peak)
        ),
    ]


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.3g}" if seconds < 0.1 else f"{1000 * seconds:.0f}"


def _ratio(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def machine() -> dict[str, Any]:
    """The kind of machine and the versions, and nothing that says whose it is."""
    libraries = ("bosett", "click", "highspy", "numpy", "pandas", "pulp", "pydantic")
    return {
        "date": dt.date.today().isoformat(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in libraries},
    }


def heading(about: dict[str, Any]) -> str:
    """The machine in one line."""
    libraries = ", ".join(f"{name} {found}" for name, found in about["versions"].items())
    return (
        f"{about['date']} · {about['cores']} cores, {about['system']} · "
        f"Python {about['python']} · {libraries}"
    )


def as_json(rows: list[Row], about: dict[str, Any], options: dict[str, Any]) -> str:
    """Everything, times in seconds and memory in bytes."""
    fields = {"schema": 1, **about, "options": options, "rows": list(_fields(rows))}
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def _fields(rows: list[Row]) -> Iterator[dict[str, Any]]:
    for row in rows:
        found = asdict(row)
        summary = found.pop("found") or {}
        yield {**found, **summary}
