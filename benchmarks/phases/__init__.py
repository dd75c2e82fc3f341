"""The phases by name, in the order of the work."""

from __future__ import annotations

from benchmarks.phases.build import BUILD
from benchmarks.phases.process import PROCESS
from benchmarks.phases.read import READ
from benchmarks.phases.solve import SOLVE
from benchmarks.phases.start import START
from benchmarks.phases.whole import WHOLE
from benchmarks.phases.write import WRITE

__all__ = ["PHASES"]

PHASES = {phase.name: phase for phase in (START, READ, BUILD, SOLVE, WHOLE, WRITE, PROCESS)}
