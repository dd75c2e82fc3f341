"""The benchmarks run, compare like with like, and repeat themselves. Nothing here is timed."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from allocator.program import arrays
from allocator.program.goals import solve
from allocator.program.linear import program, to_matrix
from benchmarks.__main__ import main, run
from benchmarks.cases import CASES, Case, cases
from benchmarks.measure import ROOT, FailedError, Sample, interleaved, summary
from benchmarks.phases import PHASES, commands
from benchmarks.phases.whole import largest_remainder, shares, whole_program
from benchmarks.registry import Command, Phase, Work, larger_than
from benchmarks.synthetic import digest, synthetic

SMALL = Case("small", "for tests", 60, seed=3)
NAIVE = ROOT / "benchmarks" / "naive" / "propose_naive.py"


def output(*arguments: str) -> str:
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def sums(text: str) -> tuple[int, int, int]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return len(rows), sum(int(r["total"]) for r in rows), sum(int(r["em"]) for r in rows)


def test_the_registry_holds_the_named_cases_and_phases() -> None:
    assert list(CASES) == [
        "-", "ostfold-2016", "norway-2026",
        "synthetic-2000", "synthetic-11000", "synthetic-100000",
    ]  # fmt: skip
    assert list(PHASES) == ["start", "read", "build", "solve", "whole", "write", "process"]


def test_every_phase_names_one_of_its_contenders_as_reference() -> None:
    for phase in PHASES.values():
        assert phase.reference in [contender.name for contender in phase.contenders]
        assert all(contender.about for contender in phase.contenders)


def test_a_combination_that_does_not_run_says_why() -> None:
    huge = CASES["synthetic-100000"]
    pulp = next(c for c in PHASES["build"].contenders if c.name == "PuLP")
    assert PHASES["build"].missing(pulp, huge) == "out of scope: PuLP is compared up to 11 000"
    (row, *_) = run(PHASES["read"], huge, rounds=1, budget=1, seed=1)
    assert row.found is None
    assert row.missing == "no files: the problem is made of numbers"


def test_a_smoke_run_keeps_the_names_and_shrinks_the_sizes() -> None:
    small = cases(smoke=True)
    assert list(small) == list(CASES)
    assert max(case.size for case in small.values()) <= 400


def test_the_same_seed_gives_the_same_synthetic_problem() -> None:
    assert digest(synthetic(60, 3)) == digest(synthetic(60, 3))
    assert digest(synthetic(60, 3)) != digest(synthetic(60, 4))
    assert digest(synthetic(60, 3)) != digest(synthetic(61, 3))


def test_a_fingerprint_sees_every_part_of_a_problem() -> None:
    problem, other = synthetic(60, 3), synthetic(60, 3)
    other.bounds[-1].upper[0] += 1
    assert digest(problem) != digest(other)


@pytest.mark.parametrize("seed", range(4))
def test_a_synthetic_problem_has_an_answer_that_places_everyone(seed: int) -> None:
    problem = synthetic(60, seed)
    solution = solve(problem)
    assert solution.unplaced.sum() == 0
    assert solution.persons.sum(axis=0).tolist() == problem.need.tolist()


def test_both_ways_of_building_make_the_same_program() -> None:
    problem = SMALL.problem()
    fast, _ = arrays.build(problem)
    slow = to_matrix(program(problem))
    np.testing.assert_array_equal(fast.row_upper, slow.row_upper)
    np.testing.assert_array_equal(fast.index, slow.index)
    np.testing.assert_array_equal(fast.value, slow.value)


def test_rounding_contenders_keep_the_total() -> None:
    given = shares(SMALL)
    assert largest_remainder(given.target, given.total).sum() == given.total
    floor, matrix = whole_program(given)
    assert matrix.row_lower.tolist() == [given.total - floor.sum()]


@pytest.mark.parametrize(
    ("case", "expected"), [("ostfold-2016", (18, 780, 197)), ("norway-2026", (357, 13000, 651))]
)
def test_the_naive_script_and_bosett_agree_on_the_totals(
    case: str, expected: tuple[int, int, int]
) -> None:
    assert sums(output(sys.executable, str(NAIVE), case, "--solver", "highs")) == expected
    ours = commands.bosett("propose", case, "--format", "csv")
    assert sums(output(*ours.argv)) == expected


def test_both_solvers_of_the_naive_script_find_an_equally_good_answer() -> None:
    def away(text: str) -> float:
        rows = csv.DictReader(io.StringIO(text))
        return sum(abs(float(row["total"]) - float(row["entitled"])) for row in rows)

    found = [
        away(output(sys.executable, str(NAIVE), "ostfold-2016", "--solver", solver))
        for solver in ("cbc", "highs")
    ]
    assert found[0] == pytest.approx(found[1])


def test_contenders_run_in_turn_and_ratios_are_taken_within_rounds() -> None:
    seen: list[str] = []
    works: dict[str, Work] = {name: lambda name=name: seen.append(name) for name in ("a", "b")}  # type: ignore[misc]
    samples = interleaved(works, rounds=5, budget=60, seed=1, quick=True)
    assert [sorted(seen[at : at + 2]) for at in range(0, 10, 2)] == [["a", "b"]] * 5
    assert {name: len(found) for name, found in samples.items()} == {"a": 5, "b": 5}
    # Rounds of 2×, 2× and 10×: the median of the ratios, not the ratio of the medians.
    its = [Sample(1.0, 1.0), Sample(5.0, 5.0), Sample(1.0, 1.0)]
    mine = [Sample(2.0, 1.0), Sample(10.0, 5.0), Sample(10.0, 1.0)]
    assert summary(mine, its).ratio == 2.0


def test_no_round_begins_after_the_budget_is_spent() -> None:
    samples = interleaved({"a": lambda: None}, rounds=50, budget=0.0, seed=1, quick=True)
    assert len(samples["a"]) == 1


def test_a_process_that_fails_is_an_error_and_not_a_fast_contender() -> None:
    failing: dict[str, Work] = {"a": Command((sys.executable, "-c", "raise SystemExit('no')"))}
    with pytest.raises(FailedError, match="ended with 1: no"):
        interleaved(failing, rounds=1, budget=1, seed=1, quick=True)


def test_a_process_is_measured_without_the_memory_of_the_one_that_starts_it() -> None:
    ballast = np.ones(40_000_000)
    works: dict[str, Work] = {"a": Command((sys.executable, "-S", "-c", "pass"))}
    (sample,) = interleaved(works, rounds=1, budget=60, seed=1, quick=True)["a"]
    assert sample.peak is not None
    assert 0 < sample.peak < ballast.nbytes


def test_a_contender_is_added_by_one_decorated_function() -> None:
    phase = Phase("count", "to a number", reference="loop")

    @phase.contender("loop", unless=larger_than(100, "too far"))
    def loop(case: Case) -> Work:
        """One by one."""
        return lambda: sum(range(case.size))

    (row,) = run(phase, SMALL, rounds=2, budget=60, seed=1)
    assert row.found is not None
    assert (row.reference, row.found.rounds, row.found.ratio) == (True, 2, 1.0)
    (row,) = run(phase, CASES["norway-2026"], rounds=2, budget=60, seed=1)
    assert (row.found, row.missing) == (None, "too far")
    with pytest.raises(ValueError, match="two contenders 'loop'"):
        phase.contender("loop")(loop)


def test_the_command_prints_ratios_and_writes_json(tmp_path: Path) -> None:
    told = tmp_path / "found.json"
    printed = output(
        sys.executable, "-m", "benchmarks", "--smoke", "--phase", "build",
        "--case", "ostfold-2016", "--json", str(told),
    )  # fmt: skip
    assert "× wall" in printed
    assert "arrays *" in printed
    found = json.loads(told.read_text(encoding="utf-8"))
    assert [row["contender"] for row in found["rows"]] == ["arrays", "PuLP"]
    assert found["rows"][0]["ratio"] == 1.0
    assert not {"host", "node", "user"} & found.keys()


def test_the_list_shows_every_contender_and_what_does_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--list"]) == 0
    listing = capsys.readouterr().out
    for phase in PHASES.values():
        assert all(contender.name in listing for contender in phase.contenders)
    assert "not synthetic-2000, synthetic-11000, synthetic-100000: no files" in listing
