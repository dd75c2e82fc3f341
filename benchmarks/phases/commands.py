"""Command lines for the phases that measure whole processes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.registry import Command

__all__ = ["BARE_IMPORTS", "bosett", "naive", "python"]

BARE_IMPORTS = "import click, csv, json, tomllib, numpy, highspy; from pydantic import BaseModel"
"""What nothing that answers with these libraries can do without."""


def bosett(*arguments: str) -> Command:
    """The installed command of this environment, or the runner of the checkout."""
    installed = Path(sys.executable).with_name("bosett")
    found = str(installed) if installed.is_file() else shutil.which("bosett")
    if found is None:
        return Command((sys.executable, str(ROOT / "cli.py"), *arguments))
    return Command((found, *arguments))


def python(program: str) -> Command:
    """A line of Python in an interpreter of its own."""
    return Command((sys.executable, "-c", program))


def naive(*arguments: str) -> Command:
    """The naive script."""
    script = ROOT / "benchmarks" / "naive" / "propose_naive.py"
    return Command((sys.executable, str(script), *arguments))
