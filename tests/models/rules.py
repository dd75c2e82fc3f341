"""What the tests of rules share: the golden tables, and a rule with something changed in it."""

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from allocator.documents import Model, Need, Scenario
from allocator.documents.layers import body, overlay
from allocator.documents.read import validated
from allocator.locate import shipped
from allocator.program.known import Table

GOLDEN = Path(__file__).with_name("golden")
PROVEN: set[str] = set()
Test = TypeVar("Test", bound=Callable[..., None])


def proves(*names: str) -> Callable[[Test], Test]:
    """Mark a test as the proof of some shipped rules."""

    def mark(test: Test) -> Test:
        PROVEN.update(names)
        return test

    return mark


def scenario(year: int, need: int, as_of: dt.date | None = None, em: int = 0) -> Scenario:
    """A case of the whole country."""
    return Scenario(
        title="A case of a test",
        source="The test",
        year=year,
        model="population",
        as_of=as_of,
        need=Need(total=need, em=em),
    )


def golden(name: str, folder: Path = GOLDEN) -> list[dict[str, str]]:
    """The rows of a golden table."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(rows: list[dict[str, str]], code: str, **columns: str) -> Table:
    """A golden table as indicators: ``indicator="its column"``."""
    return Table(
        {row[code]: {name: float(row[of]) for name, of in columns.items()} for row in rows}
    )


def changed(name: str, **tables: Any) -> Model:
    """A shipped rule with tables laid over it, as a scenario would lay them."""
    raw = body(shipped("models") / f"{name}.toml")
    key = tables.pop("key", None)
    raw = overlay(raw, tables)
    if key is not None:
        raw["key"] = {
            part: overlay(raw["key"].get(part, {}), over) for part, over in key.items()
        } | {part: value for part, value in raw["key"].items() if part not in key}
    return validated(Model, raw, name)


def worst(found: dict[str, float], rows: list[dict[str, str]], code: str, column: str) -> float:
    """The largest difference from a column of a golden table."""
    return max(abs(found[row[code]] - float(row[column])) for row in rows)
