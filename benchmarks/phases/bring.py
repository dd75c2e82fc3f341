"""Figures from outside into a panel: all of IMDi's rows since 1995, about 20 000.

The file is written in IMDi's long form. 2014–2023 are the panel's own figures, which were made of
that table; 1995–2013 is not at hand, so every municipality of those years stands there with a
request of 10, which is made up. Copying the panel is not counted.
"""

from __future__ import annotations

import csv
import io
import shutil
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from allocator.locate import shipped
from allocator.panel import Panel, Status
from benchmarks.cases import Case
from benchmarks.registry import Phase, Target, Told, Work

__all__ = ["BRING", "imdi_file"]

BRING = Phase("import", "IMDi's rows since 1995 into a panel", reference="csv", once=True)

_STAGES = {
    "requested": "Anmodning om bosetting",
    "requested_original": "Opprinnelig anmodning",
    "decided": "Vedtak om bosetting",
    "settled": "Faktisk bosetting",
}
_SIGNS = {Status.SUPPRESSED: ":", Status.MISSING: "."}


@cache
def imdi_file() -> bytes:
    """The file, as IMDi would send it."""
    rows = ["Enhet;År;Kommunenummer;Kommune;Bosetting;Antall", *_made_up(), *_known()]
    return "\n".join(rows).encode("iso-8859-1")


def _made_up() -> Iterator[str]:
    panel = Panel()
    for year in range(1995, 2014):
        for unit in panel.municipalities(year):
            yield f"Personer;{year};{unit.code};;{_STAGES['requested']};10"


def _known() -> Iterator[str]:
    panel = Panel()
    for year in range(2014, 2024):
        for stage, named in _STAGES.items():
            for code, figure in panel.requests(year, stage).items():
                given = _SIGNS.get(figure.status, "")
                if figure.value is not None:
                    given = f"{figure.value:.0f}"
                yield f"Personer;{year};{code};;{named};{given}"


@BRING.contender("bosett", targets=(Target("CPU s", "≤", 1),))
def bosett(_: Case) -> Work:
    """Read, checked against the register, laid into the tables, written whole."""
    from allocator.panel.importers import import_files

    raw = imdi_file()

    def work() -> Told:
        with TemporaryDirectory() as folder:
            path, panel = Path(folder) / "imdi.csv", Path(folder) / "panel"
            path.write_bytes(raw)
            shutil.copytree(shipped("scenarios") / "panel", panel)
            begun = time.process_time()
            report = import_files([path], panel, accept=True)
            used = time.process_time() - begun
        if not report.written:
            raise RuntimeError(report.why_not)
        return Told(float(report.files[0].read), {"CPU s": used})

    return work


@BRING.contender("csv")
def plain(_: Case) -> Work:
    """The same file through the csv module and nothing else: a floor."""
    raw = imdi_file()

    def work() -> Told:
        begun = time.process_time()
        rows = list(csv.reader(io.StringIO(raw.decode("iso-8859-1")), delimiter=";"))
        return Told(float(len(rows) - 1), {"CPU s": time.process_time() - begun})

    return work
