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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import allocator

__all__ = [
    "ROOT",
    "Command",
    "FailedError",
    "Sample",
    "Summary",
    "Told",
    "Work",
    "compile_package",
    "interleaved",
    "ratio_of",
    "sample_alone",
    "summary",
]

ROOT = Path(__file__).resolve().parents[1]
_LAUNCHER = Path(__file__).with_name("launcher.py")
_SHORTEST = 0.02
_LONGEST = 600.0


class FailedError(RuntimeError):
    """A contender's process ended with an error, or never."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call tells of its answer: a value that all contenders must agree on, and figures."""

    value: float | None = None
    figures: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start: its arguments, the first of which is the path of a program.

    With a ``limit`` it is a contender run alone (:mod:`benchmarks.alone`): it times itself, and
    ends itself that many seconds after it has prepared.
    """

    argv: tuple[str, ...]
    limit: float | None = None


Work = Callable[[], object] | Command
"""What is timed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took: seconds of wall and CPU time, and a process's peak memory in bytes.

    ``stopped`` says that it took longer and was ended; ``told`` is what it says of its answer.
    """

    wall: float
    cpu: float
    peak: int | None = None
    told: Told | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A contender's rounds. Ratios are medians of each round's ratio to the reference.

    ``told`` are figures of its answer; ``stopped`` says that times and ratios are the least they
    can be; ``differs`` says how its answer is not the reference's.
    """

    rounds: int
    wall: float
    least: float
    most: float
    cpu: float
    peak: int | None
    ratio: float | None
    ratio_cpu: float | None
    ratio_peak: float | None = None
    told: tuple[tuple[str, float | str], ...] = ()
    stopped: bool = False
    differs: str = ""


def compile_package() -> None:
    """Compile the package's bytecode, whatever ``PYTHONDONTWRITEBYTECODE`` says here."""
    compileall.compile_dir(Path(allocator.__file__).parent, quiet=1)


def interleaved(
    works: Mapping[str, Work],
    *,
    rounds: int,
    budget: float,
    seed: int,
    quick: bool = False,
    failed: dict[str, str] | None = None,
) -> dict[str, list[Sample]]:
    """Samples of each contender, one for each round.

    No further round begins once ``budget`` seconds are spent. A ``quick`` run has no untimed round
    and takes every sample from a single call. With ``failed``, a contender that fails is left out
    and its reason put there; without, its error is raised.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    order, draw, begin = list(works), random.Random(seed), time.perf_counter()

    @contextmanager
    def running(name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if failed is None:
                raise
            failed[name] = f"failed: {type(error).__name__}: {error}"
            order.remove(name)
            del samples[name]

    calls: dict[str, int] = {}
    for name in list(order):
        with running(name):
            calls[name] = 1 if quick else _calls(works[name])
    for done in range(rounds):
        if done and time.perf_counter() - begin > budget:
            break
        draw.shuffle(order)
        for name in list(order):
            with running(name):
                samples[name].append(_sample(works[name], calls[name]))
    return samples


def _calls(work: Work) -> int:
    """How many calls make a sample that the clock can tell; the untimed round."""
    if isinstance(work, Command) and work.limit is not None:
        return 1
    first = _sample(work, 1)
    if isinstance(work, Command) or first.wall > _SHORTEST:
        return 1
    again = _sample(work, 1).wall
    return max(1, min(10_000, round(_SHORTEST / max(again, 1e-7))))


def _sample(work: Work, calls: int) -> Sample:
    if isinstance(work, Command):
        return _process(work)
    gc.collect()
    found: object = None
    wall, cpu = time.perf_counter(), _cpu()
    for _ in range(calls):
        found = work()
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    return Sample(wall / calls, cpu / calls, told=found if isinstance(found, Told) else None)


def sample_alone(work: Callable[[], object], *, quick: bool) -> Sample:
    """One sample in a process that does nothing else: a call that is over within a second comes
    after an untimed one."""
    first = _sample(work, 1)
    return first if quick or first.wall > 1 else _sample(work, _calls(work))


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
    if command.limit is not None:
        return _alone(command, found, errors)
    if found["code"] != 0:
        raise FailedError(f"{command.argv} ended with {found['code']}: {errors.strip()[-500:]}")
    return Sample(found["wall"], found["cpu"], found["peak"])


def _alone(command: Command, found: dict[str, Any], errors: str) -> Sample:
    """What a contender run alone says of itself, or the least it took when it was stopped."""
    assert command.limit is not None
    told = [json.loads(line[6:]) for line in errors.splitlines() if line.startswith("told: ")]
    if found["code"] == -signal.SIGALRM and told:
        cpu = found["cpu"] - told[0]["cpu"]
        return Sample(command.limit, cpu, found["peak"], stopped=True)
    if found["code"] != 0 or len(told) != 2:
        raise FailedError(f"{command.argv} ended with {found['code']}: {errors.strip()[-500:]}")
    _, ended = told
    answer = Told(ended["value"], ended["figures"])
    return Sample(ended["wall"], ended["cpu"], found["peak"], answer)


_UNSET = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONWARNINGS"})


def ratio_of(samples: list[Sample], reference: list[Sample] | None, figure: str) -> float | None:
    """The median of the rounds' ratios in ``wall``, ``cpu`` or ``peak``; None if not known."""
    if reference is None:
        return None
    pairs = [
        (getattr(mine, figure), getattr(its, figure))
        for mine, its in zip(samples, reference, strict=True)
    ]
    known = [mine / its for mine, its in pairs if mine is not None and its]
    return median(known) if known else None


def summary(
    samples: list[Sample], reference: list[Sample] | None, *, agree: float = 1e-6
) -> Summary:
    """A contender's medians, and its ratios to the reference's samples of the same rounds.

    >>> two = [Sample(2.0, 1.0), Sample(6.0, 3.0)]
    >>> summary(two, [Sample(1.0, 1.0), Sample(2.0, 1.0)]).ratio
    2.5
    """
    walls = [sample.wall for sample in samples]
    peaks = [sample.peak for sample in samples if sample.peak is not None]
    told = next((sample.told for sample in samples if sample.told), None)
    return Summary(
        rounds=len(samples),
        wall=median(walls),
        least=min(walls),
        most=max(walls),
        cpu=median(sample.cpu for sample in samples),
        peak=round(median(peaks)) if peaks else None,
        ratio=ratio_of(samples, reference, "wall"),
        ratio_cpu=ratio_of(samples, reference, "cpu"),
        ratio_peak=ratio_of(samples, reference, "peak"),
        told=tuple(told.figures.items()) if told else (),
        stopped=any(sample.stopped for sample in samples),
        differs=_differs(samples, reference or [], agree),
    )


def _differs(samples: list[Sample], reference: list[Sample], agree: float) -> str:
    """How the values told are not the reference's."""
    for mine, its in zip(samples, reference, strict=False):
        if mine.told is None or its.told is None:
            continue
        here, there = mine.told.value, its.told.value
        if here is None or there is None:
            continue
        if abs(here - there) > agree * max(1.0, abs(there)):
            return f"another answer: {here:.9g}, not {there:.9g}"
    return ""
