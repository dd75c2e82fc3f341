"""Measuring: contenders in turn, round by round, in an order drawn anew for each round.

Whatever slows the machine for a while then slows all contenders alike, and the ratio within a
round stands. One untimed round comes first: it fills the file cache, writes the bytecode of
whatever a process imports, and tells how many calls of a short function make one sample.
"""

from __future__ import annotations

import compileall
import gc
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import allocator
from benchmarks.registry import Command, Work

__all__ = ["ROOT", "FailedError", "Sample", "Summary", "compile_package", "interleaved", "summary"]

ROOT = Path(__file__).resolve().parents[1]
_LAUNCHER = Path(__file__).with_name("launcher.py")
_SHORTEST = 0.02
_LONGEST = 600.0


class FailedError(RuntimeError):
    """A contender's process ended with an error, or never."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took: seconds of wall and CPU time, and a process's peak memory in bytes."""

    wall: float
    cpu: float
    peak: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A contender's rounds. Ratios are medians of each round's ratio to the reference."""

    rounds: int
    wall: float
    least: float
    most: float
    cpu: float
    peak: int | None
    ratio: float | None
    ratio_cpu: float | None


def compile_package() -> None:
    """Compile the package's bytecode, whatever ``PYTHONDONTWRITEBYTECODE`` says here."""
    compileall.compile_dir(Path(allocator.__file__).parent, quiet=1)


def interleaved(
    works: Mapping[str, Work], *, rounds: int, budget: float, seed: int, quick: bool = False
) -> dict[str, list[Sample]]:
    """Samples of each contender, one for each round.

    No further round begins once ``budget`` seconds are spent. A ``quick`` run has no untimed round
    and takes every sample from a single call.
    """
    calls = {name: 1 if quick else _calls(work) for name, work in works.items()}
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    order, draw, begin = list(works), random.Random(seed), time.perf_counter()
    for done in range(rounds):
        if done and time.perf_counter() - begin > budget:
            break
        draw.shuffle(order)
        for name in order:
            samples[name].append(_sample(works[name], calls[name]))
    return samples


def _calls(work: Work) -> int:
    """How many calls make a sample that the clock can tell; the untimed round."""
    first = _sample(work, 1)
    if isinstance(work, Command) or first.wall > _SHORTEST:
        return 1
    again = _sample(work, 1).wall
    return max(1, min(10_000, round(_SHORTEST / max(again, 1e-7))))


def _sample(work: Work, calls: int) -> Sample:
    if isinstance(work, Command):
        return _process(work)
    gc.collect()
    wall, cpu = time.perf_counter(), _cpu()
    for _ in range(calls):
        work()
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    return Sample(wall / calls, cpu / calls)


def _cpu() -> float:
    """CPU seconds of this process and of those it has started and waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _process(command: Command) -> Sample:
    environment = {key: text for key, text in os.environ.items() if key not in _UNSET}
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LAUNCHER), *command.argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            told, errors = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise FailedError(f"{command.argv} took more than {_LONGEST:.0f} s") from None
    found: dict[str, Any] = json.loads(told) if told else {"code": "none"}
    if found["code"] != 0:
        raise FailedError(f"{command.argv} ended with {found['code']}: {errors.strip()[-500:]}")
    return Sample(found["wall"], found["cpu"], found["peak"])


_UNSET = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONWARNINGS"})


def summary(samples: list[Sample], reference: list[Sample] | None) -> Summary:
    """A contender's medians, and its ratios to the reference's samples of the same rounds.

    >>> two = [Sample(2.0, 1.0), Sample(6.0, 3.0)]
    >>> summary(two, [Sample(1.0, 1.0), Sample(2.0, 1.0)]).ratio
    2.5
    """
    walls = [sample.wall for sample in samples]
    peaks = [sample.peak for sample in samples if sample.peak is not None]
    pairs = list(zip(samples, reference, strict=True)) if reference is not None else []
    by_cpu = [mine.cpu / its.cpu for mine, its in pairs if its.cpu]
    return Summary(
        rounds=len(samples),
        wall=median(walls),
        least=min(walls),
        most=max(walls),
        cpu=median(sample.cpu for sample in samples),
        peak=round(median(peaks)) if peaks else None,
        ratio=median(mine.wall / its.wall for mine, its in pairs) if pairs else None,
        ratio_cpu=median(by_cpu) if by_cpu else None,
    )
