"""One contender in a process of its own, so that its peak memory is known and it can be stopped.

The process prepares, says so, does the work once (or a few times, where it is short), and says what
that took; imports and preparation are not in its times, but its peak memory is the whole process's,
libraries and problem included. After the limit the kernel ends it, whatever it is doing.
"""

from __future__ import annotations

import json
import signal
import sys
import time

from benchmarks.cases import Case, cases
from benchmarks.measure import Command, sample_alone
from benchmarks.registry import Contender, Phase

__all__ = ["alone", "main"]


def alone(phase: Phase, contender: Contender, case: Case, *, smoke: bool = False) -> Command:
    """The command line that runs a contender alone."""
    assert phase.alone is not None
    names = (phase.name, contender.name, case.name, str(phase.alone))
    quick = ("--smoke",) if smoke else ()
    return Command((sys.executable, "-m", "benchmarks.alone", *names, *quick), phase.alone)


def main(arguments: list[str]) -> None:
    """``PHASE CONTENDER CASE LIMIT [--smoke]``; what is found goes to stderr, line by line."""
    from benchmarks.phases import PHASES

    phase, name, case, limit, *more = arguments
    smoke = "--smoke" in more
    contender = next(c for c in PHASES[phase].contenders if c.name == name)
    work = contender.prepare(cases(smoke=smoke)[case])
    assert not isinstance(work, Command)
    _tell({"cpu": time.process_time()})
    signal.setitimer(signal.ITIMER_REAL, float(limit))
    found = sample_alone(work, quick=smoke)
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    told = found.told
    _tell(
        {
            "wall": found.wall,
            "cpu": found.cpu,
            "value": told.value if told else None,
            "figures": dict(told.figures) if told else {},
        }
    )


def _tell(what: dict[str, object]) -> None:
    print(f"told: {json.dumps(what)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
