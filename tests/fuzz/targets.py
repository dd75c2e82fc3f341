"""What is fuzzed: every reader of something from outside, with true samples to begin from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from allocator.errors import BosettError
from allocator.panel import Panel, Status
from allocator.panel.carrying import carry_file
from allocator.panel.importers.batch import Batch, Options, kind_of
from allocator.panel.importers.decode import source_of
from allocator.panel.importers.merge import merge
from allocator.panel.importers.recognise import read
from allocator.panel.importers.refresh import publishers
from allocator.panel.oddities import read_oddities
from allocator.run_folders import read_run
from tests.panel.importing import SAMPLES, xlsx

__all__ = ["TARGETS", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader: true bytes to begin from, and what is to survive any bytes."""

    seeds: tuple[bytes, ...]
    run: Callable[[bytes], None]


@cache
def panel() -> Panel:
    return Panel()


OPTIONS = (
    Options(),
    Options(year=2026, group="em", indicator="immigrants_pct", since=2000),
    Options(indicator="kostra_group"),
)


def figures(raw: bytes, name: str = "fuzz.csv") -> None:
    """Read as any import does; what comes out must fit the panel's tables."""
    for options in OPTIONS:
        try:
            batches = read(source_of(raw, name), panel(), options)
        except BosettError as error:
            in_words(error)
            return
        for batch in batches:
            sound(batch)
        merge(panel().folder, [(row, "f", "s") for batch in batches for row in batch.rows])


def in_words(error: BosettError) -> None:
    """An error says what was found."""
    assert error.faults
    assert all(fault.found for fault in error.faults)


def sound(batch: Batch) -> None:
    """Every row has the columns of its table, a status that fits its figure, a code of its year."""
    for fault in batch.faults:
        assert fault.found
        assert fault.code.startswith("import.")
    for row in batch.rows:
        kind = kind_of(row.table)
        assert len(row.key) == len(kind.key)
        assert len(row.known) == len(kind.known)
        if "status" in kind.known:
            value, status = row.known
            assert bool(value) is (status in (Status.REPORTED, Status.PARTIAL))
        if row.table.startswith(("requests/", "population/")):
            assert panel().existed(row.key[1], int(row.key[0]))


def cells(raw: bytes) -> None:
    """The same cells as a workbook."""
    text = raw.decode("utf-8", "replace")
    clean = "".join(letter for letter in text if letter.isprintable() or letter in "\n;")
    figures(xlsx([list(line.split(";")) for line in clean.split("\n")[:200]]), "fuzz.xlsx")


def in_a_file(name: str, reader: Callable[[Path], object]) -> Callable[[bytes], None]:
    """A reader that wants a path."""

    def run(raw: bytes) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(raw)
            try:
                reader(path)
            except BosettError as error:
                in_words(error)

    return run


def sample(*names: str) -> tuple[bytes, ...]:
    return tuple((SAMPLES / name).read_bytes() for name in names)


def short(name: str, rows: int, columns: int) -> bytes:
    """The beginning of a wide table, so that a mutation meets what matters."""
    lines = (SAMPLES / name).read_bytes().split(b"\n")[:rows]
    return b"\n".join(b";".join(line.split(b";")[:columns]) for line in lines)


KLASS = json.dumps(
    {"codes": [{"code": "0301", "name": "Oslo"}, {"code": "3101", "name": "Halden"}]}
).encode()
OWN = (
    b"year;code;group;stage;vintage;persons;status;note\n2026;0301;total;requested;final;1 020;;\n"
    b"2026;3101;em;decided;final;;pending;x\n2026;Moss;total;settled;;<5;;\n"
)
WIDE = (
    "År;Kommunenr;Kommune;Anmodning;Vedtak\n2026;301;Oslo;1020;-\n2026;3101;Halden;:;0\n".encode()
)
RATE = b'period,code,value\n2026,0301,"2,4"\n2026-03,3101,..\n'
CARRY = b"code;n;rate\n0101;20;2,5\n1534;:;1\n0720;7;..\n"

TARGETS: dict[str, Target] = {
    "imdi-long": Target(sample("imdi_bosatt_anmodede_long_2023.csv"), figures),
    "imdi-crosstab": Target(
        (
            short("imdi_bosatt_anmodede_wide_2022.csv", 6, 12),
            short("imdi_enslige_mindrearige_wide_2022.csv", 6, 12),
        ),
        figures,
    ),
    "ssb-jsonstat": Target(
        sample("ssb_pxwebapi_v2_12134_data.json", "ssb_pxwebapi_v2_error_400.json"), figures
    ),
    "ssb-export": Target(
        sample("ssb_07459_csv_export_2020_tab.csv", "ssb_07459_csv_export_2010_2014.csv"), figures
    ),
    "klass": Target(
        (KLASS, *sample("ssb_klass_104_changes_1.json", "ssb_klass_131_version_2026_download.csv")),
        figures,
    ),
    "nav-workbook": Target(sample("nav_hl060_2022_01-10.xlsx"), figures),
    "own-table": Target((OWN, WIDE, RATE), figures),
    "own-workbook": Target((OWN, WIDE, RATE.replace(b",", b";")), cells),
    "carry": Target(
        (CARRY,), in_a_file("c.csv", lambda path: carry_file(path, panel(), 2016, 2024))
    ),
    "oddities": Target(
        ((panel().folder / "oddities.csv").read_bytes(),), in_a_file("o.csv", read_oddities)
    ),
    "publishers": Target(
        ((panel().folder / "publishers.toml").read_bytes(),),
        in_a_file("publishers.toml", lambda path: publishers(path.parent)),
    ),
    "manifest": Target(
        (b'{"id": "a", "scenario": "b", "model": "c", "inputs": {}, "versions": {}}',),
        in_a_file("manifest.json", lambda path: read_run(path.parent)),
    ),
}
