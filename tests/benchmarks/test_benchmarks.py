"""The benchmarks run, compare like with like, and repeat themselves. Nothing here is timed."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pytest

from allocator.program import arrays
from allocator.program.goals import solve
from allocator.program.linear import program, to_matrix
from allocator.program.problem import Problem
from allocator.program.room import everyone_fits
from benchmarks.__main__ import main, run
from benchmarks.alone import alone
from benchmarks.cases import CASES, Case, cases
from benchmarks.measure import ROOT, FailedError, Sample, Told, interleaved, summary
from benchmarks.nested import nested
from benchmarks.phases import PHASES, commands
from benchmarks.phases.whole import largest_remainder, shares, whole_program
from benchmarks.registry import Command, Phase, Work, larger_than, without
from benchmarks.report import Row, as_table
from benchmarks.synthetic import digest, synthetic
from benchmarks.targets import Target, judge

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
        "-", "ostfold-2016", "norway-2026", "norway-2026-full",
        "norway-2027-sweep", "synthetic-40",
        "network-357", "network-357-counties",
        "synthetic-2000", "synthetic-11000", "synthetic-100000",
    ]  # fmt: skip
    assert list(PHASES) == [
        "start", "read", "build", "national", "place", "goals", "l1", "minimax", "leximin",
        "network", "whole", "whole-l1", "rounding", "growth", "solve", "sweep", "write",
        "letters", "process", "import",
    ]  # fmt: skip


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


def test_a_contender_that_fails_leaves_the_others_running_and_says_why() -> None:
    phase = Phase("fall", "to nothing", reference="stands")

    @phase.contender("stands")
    def stands(_: Case) -> Work:
        """Does not fail."""
        return lambda: None

    @phase.contender("falls")
    def falls(_: Case) -> Work:
        """Fails."""
        return lambda: 1 / 0

    first, second = run(phase, SMALL, rounds=2, budget=60, seed=1)
    assert first.found is not None
    assert first.found.rounds == 2
    expected = "failed: ZeroDivisionError: division by zero"
    assert (second.found, second.missing) == (None, expected)


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
    assert "target on synthetic-100000: ≥ 20 × CPU" in listing
    assert "not synthetic-2000, synthetic-11000, synthetic-100000: no files" in listing


def test_every_family_of_the_full_norwegian_case_binds_somewhere() -> None:
    problem = CASES["norway-2026-full"].problem()
    solution = solve(problem)
    assert solution.gap is None
    assert problem.groups == ("ordinary", "em_under15", "em_15_17")
    held = {family for families in solution.binding for family in families}
    assert {"lot", "lot_em", "band", "capacity", "county"} <= held
    assert not (solution.totals % 5).any()


@pytest.mark.parametrize("case", ["network-357", "network-357-counties"])
def test_the_network_cases_are_those_the_closed_form_does_not_solve(case: str) -> None:
    assert not everyone_fits(CASES[case].problem())
    assert not everyone_fits(cases(smoke=True)[case].problem())


@pytest.mark.parametrize(
    ("phase", "case"),
    [
        ("national", "norway-2026"),
        ("place", "norway-2026"),
        ("l1", "synthetic-2000"),
        ("minimax", "synthetic-2000"),
        ("leximin", "synthetic-2000"),
        ("network", "network-357"),
        ("whole-l1", "synthetic-2000"),
        ("rounding", "synthetic-2000"),
    ],
)
def test_contenders_with_a_target_give_the_same_answer(phase: str, case: str) -> None:
    rows = run(PHASES[phase], cases(smoke=True)[case], rounds=1, budget=60, seed=1, smoke=True)
    found = [row.found for row in rows if row.found is not None]
    assert len(found) > 1
    assert [each.differs for each in found] == [""] * len(found)


REMEMBERING = [
    (phase.name, contender.name, case)
    for case in ("ostfold-2016", "synthetic-2000", "network-357")
    for phase in PHASES.values()
    for contender in phase.contenders
    if not phase.missing(contender, cases(smoke=True)[case], smoke=True)
    and phase.name not in ("read", "write", "letters", "process")  # they begin with files
]


@pytest.mark.parametrize(("phase", "name", "case"), REMEMBERING)
def test_a_contender_does_as_much_when_it_is_called_again(
    phase: str, name: str, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a problem keeps for when it is asked again would pass for quick work."""
    made = 0

    def once(problem: Problem, key: Hashable, work: Callable[[], object]) -> object:
        nonlocal made
        if key not in problem.kept:
            made += 1
            problem.kept[key] = work()
        return problem.kept[key]

    contender = next(c for c in PHASES[phase].contenders if c.name == name)
    work = contender.prepare(cases(smoke=True)[case])
    assert not isinstance(work, Command)
    monkeypatch.setattr(Problem, "once", once)
    found = []
    for _ in range(2):
        made = 0
        work()
        found.append(made)
    assert found[0] == found[1]


def test_the_library_for_leximin_gives_the_same_answer_where_it_is_installed() -> None:
    pytest.importorskip("cvxpy_leximin")
    case = cases(smoke=True)["synthetic-40"]
    given, _ = nested(case)
    work = next(c for c in PHASES["leximin"].contenders if c.name == "cvxpy_leximin").prepare(case)
    assert not isinstance(work, Command)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = work()
    assert isinstance(told, Told)
    assert told.value == pytest.approx(given.squares(given.filled()))


def test_an_optional_library_that_is_not_installed_is_said_so() -> None:
    assert without("no_such_library")(SMALL) == "no_such_library is not installed"
    assert without("json")(SMALL) is None


def contender_alone(limit: float) -> Command:
    phase, case = PHASES["l1"], cases(smoke=True)["synthetic-2000"]
    pulp = next(c for c in phase.contenders if c.name == "PuLP + HiGHS")
    command = alone(phase, pulp, case, smoke=True)
    assert command.limit == phase.alone
    argv = tuple(str(limit) if part == str(phase.alone) else part for part in command.argv)
    return Command(argv, limit)


def test_a_contender_run_alone_tells_its_times_its_peak_memory_and_its_answer() -> None:
    works: dict[str, Work] = {"a": contender_alone(60.0)}
    (sample,) = interleaved(works, rounds=1, budget=60, seed=1)["a"]
    given, _ = nested(cases(smoke=True)["synthetic-2000"])
    assert sample.told is not None
    assert sample.told.value == pytest.approx(given.away(given.filled()))
    assert sample.peak is not None
    assert sample.peak > 20 * 2**20
    assert not sample.stopped


def test_a_contender_that_passes_its_limit_is_stopped_and_its_ratio_is_at_least() -> None:
    works: dict[str, Work] = {"a": contender_alone(0.001)}
    (sample,) = interleaved(works, rounds=1, budget=60, seed=1)["a"]
    assert (sample.stopped, sample.wall) == (True, 0.001)
    found = summary([sample], [Sample(0.0001, 0.0001)])
    assert found.stopped
    assert "≥ 10" in as_table([Row("c", "p", "a", False, found)])


def judged(target: Target, mine: Sample, its: Sample) -> str:
    found = judge(target, "c", summary([mine], [its]), [mine], {"r": [its], "b": [its]}, "r")
    assert found is not None
    return str(found)


def test_a_target_is_judged_by_the_figures_of_the_run() -> None:
    one, twenty = Sample(1.0, 1.0, 100), Sample(20.0, 30.0, 250, Told(5.0, {"LPs": 7}))
    assert judged(Target("wall", "≥", 20), twenty, one) == "≥ 20 ×: met (20)"
    assert judged(Target("CPU", "≥", 31), twenty, one) == "≥ 31 × CPU: missed (30)"
    assert judged(Target("peak", "≥", 3), twenty, one) == "≥ 3 × memory: missed (2.5)"
    assert judged(Target("wall", "≥", 5, to="b"), twenty, one) == "≥ 5 × b: met (20)"
    assert judged(Target("seconds", "<", 1), twenty, one) == "< 1 s: missed (20)"
    assert judged(Target("LPs", "≤", 12), twenty, one) == "≤ 12 LPs: met (7)"
    status = Sample(1.0, 1.0, told=Told(figures={"status": "optimal"}))
    assert judged(Target("status", "=", "optimal"), status, one) == "status optimal: met (optimal)"


def test_a_target_is_not_met_by_another_answer() -> None:
    mine, its = Sample(50.0, 1.0, told=Told(5.0)), Sample(1.0, 1.0, told=Told(6.0))
    expected = "≥ 5 ×: missed (another answer: 5, not 6)"
    assert judged(Target("wall", "≥", 5), mine, its) == expected


def test_a_target_stays_open_where_the_run_was_stopped_too_early_to_tell() -> None:
    stopped, its = Sample(50.0, 50.0, stopped=True), Sample(1.0, 1.0)
    assert judged(Target("wall", "≥", 40), stopped, its) == "≥ 40 ×: met (at least 50)"
    assert judged(Target("wall", "≥", 60), stopped, its) == "≥ 60 ×: open (at least 50)"


def test_a_target_is_for_its_cases_only() -> None:
    target, one = Target("wall", "≥", 1, on=("other",)), Sample(1.0, 1.0)
    assert judge(target, "c", summary([one], [one]), [one], {"r": [one]}, "r") is None


def test_every_target_names_cases_and_contenders_that_there_are() -> None:
    for phase in PHASES.values():
        names = {contender.name for contender in phase.contenders}
        for contender in phase.contenders:
            for target in contender.targets:
                assert {*target.on} <= CASES.keys()
                assert not target.to or target.to in names
                for case in target.on:
                    skipped = phase.missing(contender, CASES[case])
                    assert skipped is None or "not installed" in skipped


def test_the_web_page_is_measured_and_answers_without_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("starlette", reason="the extra 'web' is not installed")
    from benchmarks import web

    assert web.main(["--rounds", "1", "--users", "2", "--questions", "1"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == 6
    assert rows[-1].split() == ["errors", "0", "none"]
