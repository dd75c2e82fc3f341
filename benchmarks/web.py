"""``python -m benchmarks.web``: the page of ``bosett serve`` – first visit, what-ifs, a crowd.

A server is started in a process of its own, on this machine alone, and stopped at the end. What is
asked for is bounded: so many questions by so many users, and not one more.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.phases.commands import bosett
from benchmarks.report import heading, machine

__all__ = ["Visit", "crowd", "first_visit", "main", "serving", "what_ifs"]

CASE = "/?scenario=norway-2026"
PARTS = re.compile(r'(?:src|href)="([^"]*static/[^"]+)"')
SECONDS = 60


@dataclass(slots=True)
class Visit:
    """Seconds of each answer, bytes that came, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    came: int = 0
    errors: list[str] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The seconds within which this share of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server that runs within the block."""
    command = bosett("serve", "--port", "0").argv
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"the server does not start: {line}{process.stderr.read()}")
        yield found[0].rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def get(connection: http.client.HTTPConnection, path: str, visit: Visit) -> str:
    """One answer, as a browser would take it; its seconds and bytes are put down."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    raw = response.read()
    visit.seconds.append(time.perf_counter() - start)
    visit.came += len(raw) + sum(
        len(name) + len(value) + 4 for name, value in response.getheaders()
    )
    text = gzip.decompress(raw).decode() if response.getheader("content-encoding") else raw.decode()
    if response.status != 200:
        visit.errors.append(f"{response.status} {path}")
    return text


def connected(address: str) -> http.client.HTTPConnection:
    """A connection to the server."""
    where = urlsplit(address)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=SECONDS)


def first_visit(address: str, rounds: int) -> tuple[Visit, float]:
    """All bytes of a first visit, and the median seconds until all of them have come.

    Each round asks for another need, so that each is solved.
    """
    whole, taken = Visit(), []
    for at in range(rounds):
        whole = Visit()
        connection = connected(address)
        page = get(connection, f"{CASE}&need={13001 + at}", whole)
        for part in dict.fromkeys(PARTS.findall(page)):
            get(connection, f"/{part}", whole)
        connection.close()
        taken.append(sum(whole.seconds))
    return whole, statistics.median(taken)


def what_ifs(address: str, count: int, start: int = 14_000) -> Visit:
    """One user who asks for one need after the other, each of them new."""
    visit, connection = Visit(), connected(address)
    for at in range(count):
        need = start + at
        page = get(connection, f"{CASE}&need={need}", visit)
        shown = re.search(r'id="sum">([^<]*)<', page)
        if shown is None or int(re.sub(r"\D", "", shown[1])) != need:
            visit.errors.append(f"the sum is not {need}")
    connection.close()
    return visit


def crowd(address: str, users: int, count: int, start: int = 20_000) -> Visit:
    """So many users at the same time, each with questions of their own and no pause between."""
    together, lock, ready = Visit(), threading.Lock(), threading.Barrier(users)

    def one(user: int) -> None:
        ready.wait(SECONDS)
        try:
            visit = what_ifs(address, count, start + user * count)
        except OSError as error:
            visit = Visit(errors=[f"{type(error).__name__}: {error}"])
        with lock:
            together.seconds.extend(visit.seconds)
            together.errors.extend(visit.errors)
            together.came += visit.came

    threads = [threading.Thread(target=one, args=(user,)) for user in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return together


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where there was an error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--users", type=int, default=20, help="at the same time (at most 100)")
    parser.add_argument("--questions", type=int, default=10, help="of each user (at most 100)")
    parser.add_argument("--rounds", type=int, default=20, help="of what is alone (at most 200)")
    options = parser.parse_args(arguments)
    users, questions = min(options.users, 100), min(options.questions, 100)
    rounds = min(options.rounds, 200)
    with serving() as address:
        visit, ready = first_visit(address, rounds)
        alone = what_ifs(address, rounds)
        crowded = crowd(address, users, questions)
    print(f"{heading(machine())}\n")
    rows = [
        ("first visit, all bytes", f"{visit.came / 1024:.0f} KiB", "under 400 KiB"),
        ("first visit, all answers", f"{ready:.2f} s", "under 1 s"),
        (f"what-if, median of {rounds}", f"{alone.quantile(0.5):.3f} s", "under 0.5 s"),
        (f"{users} users, {questions} what-ifs each, median", f"{crowded.quantile(0.5):.2f} s", ""),
        (f"{users} users, 95 of 100 within", f"{crowded.quantile(0.95):.2f} s", "under 2 s"),
        ("errors", str(len(visit.errors + alone.errors + crowded.errors)), "none"),
    ]
    for what, found, target in rows:
        print(f"{what:42} {found:>10}  {target}".rstrip())
    for error in (visit.errors + alone.errors + crowded.errors)[:5]:
        print(f"bosett: {error}", file=sys.stderr)
    return 1 if visit.errors or alone.errors or crowded.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
