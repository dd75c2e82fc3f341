"""A sweep in short, for people: the spread of each municipality, and where numbers flip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allocator.present.language import say, word
from allocator.present.tables import Column, as_text, count, percent
from allocator.study.plan import Axis

__all__ = ["failures", "sweep_text"]

_Rows = Sequence[dict[str, Any]]
_WIDTH = 80


def sweep_text(
    about: dict[str, Any],
    model: str,
    points: int,
    failed: dict[str, int],
    summary: _Rows,
    flips: _Rows,
) -> str:
    """The spread of each municipality as a table, with what was varied above it."""
    head = say(
        "sweep.head",
        scenario=about["scenario"],
        n=count(points),
        keys=", ".join(_keys(about)),
        model=model,
    )
    columns = [
        Column(say("code")),
        Column(say("municipality"), least=9),
        *([Column(say("year"), True)] if summary and "year" in summary[0] else []),
        Column(say("sweep.asked"), True),
        Column(say("sweep.low"), True),
        Column(say("sweep.median"), True),
        Column(say("sweep.high"), True),
        Column(say("sweep.range"), True, spare=True),
        Column(say("sweep.held"), least=9),
    ]
    lines = [head, *([failures(failed)] if failed else []), say("sweep.about"), ""]
    table = as_text(columns, [list(_row(row)) for row in summary], _WIDTH)
    after = [*_flips(flips), say("sweep.more")]
    return "\n".join(lines) + "\n" + table + "\n" + "\n".join(after) + "\n"


def failures(failed: dict[str, int]) -> str:
    """How many points have no proposal, by status."""
    told = ", ".join(say(f"sweep.status.{status}", n=n) for status, n in failed.items())
    return say("sweep.failed", n=sum(failed.values()), told=told)


def _keys(about: dict[str, Any]) -> Iterator[str]:
    for key, values in about["vary"].items():
        if Axis(key, tuple(values)).numbers is not None:
            n, first, last = len(values), values[0], values[-1]
            yield say("sweep.key", key=key, n=n, first=first, last=last)
        else:
            yield say("sweep.words", key=key, values=", ".join(values))
    yield from about["draw"]
    if about["draw"]:
        yield say("sweep.draws", n=count(about["draws"]), seed=about["seed"])


def _row(row: dict[str, Any]) -> Iterator[str]:
    yield row["code"]
    yield row["name"]
    if "year" in row:
        yield str(row["year"])
    yield _share(row["asked"])
    for name in ("p05", "p50", "p95"):
        yield count(row[name])
    none = row["min"] is None
    yield "–" if none else f"{count(row['min'])}–{count(row['max'])}"
    held = {name.removeprefix("held_"): part for name, part in row.items() if "held_" in name}
    told = sorted(((-part, name) for name, part in held.items() if part))
    yield ", ".join(f"{_family(name)} {_share(-part)}" for part, name in told) or "–"


def _share(part: float | None) -> str:
    return percent(None if part is None else 100 * part, 0)


def _family(name: str) -> str:
    """A family in words; of one that holds the minors it is said."""
    family = word(f"family.{name.removesuffix('_em')}")
    return say("propose.held.minors", family=family) if name.endswith("_em") else family


def _flips(flips: _Rows) -> Iterator[str]:
    """One line for each key, with how many municipalities each thing happens to."""
    for key in dict.fromkeys(row["key"] for row in flips):
        told = []
        for what in dict.fromkeys(row["what"] for row in flips if row["key"] == key):
            rows = [row for row in flips if (row["key"], row["what"]) == (key, what)]
            codes = {row["code"] for row in rows}
            first = min((row["first"] for row in rows), key=float)
            last = max((row["last"] for row in rows), key=float)
            kind, _, family = what.partition("_by_") if "_by_" in what else what.partition("_of_")
            code = kind if family else what
            at = first if first == last else f"{first}–{last}"
            fields = {"n": len(codes), "at": at, "key": key}
            fields["family"] = _family(family) if family else ""
            told.append(say(f"sweep.flip.{code}", **fields))
        yield say("sweep.flips", key=key, told="; ".join(told))
