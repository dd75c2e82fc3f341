"""The phases by name, in the order of the work."""

from __future__ import annotations

from benchmarks.phases.bring import BRING
from benchmarks.phases.build import BUILD
from benchmarks.phases.evenness import GOALS, L1, MINIMAX
from benchmarks.phases.growth import GROWTH
from benchmarks.phases.letters import LETTERS
from benchmarks.phases.leximin import LEXIMIN, NETWORK
from benchmarks.phases.national import NATIONAL, PLACE
from benchmarks.phases.persons import ROUNDING, WHOLE_L1
from benchmarks.phases.process import PROCESS
from benchmarks.phases.read import READ
from benchmarks.phases.solve import SOLVE
from benchmarks.phases.start import START
from benchmarks.phases.sweep import SWEEP
from benchmarks.phases.whole import WHOLE
from benchmarks.phases.write import WRITE

__all__ = ["PHASES"]

PHASES = {
    phase.name: phase
    for phase in (
        START,
        READ,
        BUILD,
        NATIONAL,
        PLACE,
        GOALS,
        L1,
        MINIMAX,
        LEXIMIN,
        NETWORK,
        WHOLE,
        WHOLE_L1,
        ROUNDING,
        GROWTH,
        SOLVE,
        SWEEP,
        WRITE,
        LETTERS,
        PROCESS,
        BRING,
    )
}
