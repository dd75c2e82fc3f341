"""The program reads as the families say, and its two builds are one."""

from __future__ import annotations

import warnings
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pulp
import pytest

from allocator.documents import load_case
from allocator.engine import prepare_case
from allocator.program import arrays, linear
from allocator.program.examples import three
from allocator.program.families import FAMILIES
from allocator.program.goals import program_of, solve
from allocator.program.horizon import Together, YearNeed, over_years
from allocator.program.problem import Bound, Lots, Problem
from allocator.program.solver import Engine
from tests.program.problems import nested, with_minors

GOLDEN = Path(__file__).parent / "lp"
INF = np.inf


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def total(family: str, lower: np.ndarray, upper: np.ndarray, *, hard: bool = True) -> Bound:
    return Bound.make(family, "total", lower, upper, hard=hard)


CASES: dict[str, Problem] = {
    "exempt": three(total("exempt", floats(0, 0, 0), floats(INF, 0, INF))),
    "lock": three(
        Bound.make(
            "lock", "total", floats(0, 12, 0), floats(0, 12, 0), keep=np.array([False, True, False])
        )
    ),
    "capacity": three(
        total("capacity", floats(0, 0, 0), floats(90, 20, INF)),
        Bound.make("capacity", "minors", floats(0, 0, 0), floats(INF, 5, 5)),
    ),
    "capacity-soft": three(total("capacity", floats(0, 0, 0), floats(70, 15, 10), hard=False)),
    "lot": three(total("lot", floats(10, 10, 10), floats(INF, INF, INF))),
    "lot-chosen": three(lots=Lots(10, 4, choose=True, choose_minors=True)),
    "band": three(total("band", floats(30, 5, 10), floats(90, 15, 30))),
    "ceiling": three(total("ceiling", floats(0, 0, 0), floats(700, 30, 50))),
    "county": three(Bound.make("county", "county", floats(85, 5), floats(95, 15))),
    "county-soft": three(Bound.make("county", "county", floats(85, 5), floats(95, 15), hard=False)),
    "minors": three(
        Bound.make("minors", "minors", floats(0, 0, 0), floats(INF, 0, INF)),
        Bound.make("minors", "share", floats(0, 0, 0), floats(0, 0, 0)),
        minors_share=0.25,
    ),
    "need": three(),
    "horizon": over_years(
        three(),
        (YearNeed(2015, 100, 20), YearNeed(2016, 120, 20)),
        up=0.5,
        down=0.25,
        together={"0301": Together(upper=190), "3101": Together(9, 9)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_golden_program_of_a_family_is_what_is_built(name: str) -> None:
    golden = GOLDEN / f"{name}.lp"
    assert linear.lp_text(CASES[name]) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("goal", ["minimax", "l1", "steady"])
def test_the_golden_program_of_a_goal_is_what_is_built(goal: str) -> None:
    golden = GOLDEN / f"goal-{goal}.lp"
    text = linear.lp_text(three(), goal)  # type: ignore[arg-type]
    assert text == golden.read_text(encoding="utf-8")


def test_no_family_lacks_a_golden_program() -> None:
    assert set(FAMILIES) <= {path.stem for path in GOLDEN.glob("*.lp")}


def test_no_golden_program_stands_without_a_case() -> None:
    goals = {"goal-minimax", "goal-l1", "goal-steady"}
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(CASES) | goals


def assert_equal_row_by_row(problem: Problem) -> None:
    fast, _ = arrays.build(problem)
    readable = linear.to_matrix(linear.program(problem))
    for part in fields(fast):
        one, other = getattr(fast, part.name), getattr(readable, part.name)
        if one is None or other is None:
            assert one is other, part.name
        else:
            np.testing.assert_array_equal(one, other, err_msg=part.name)


@pytest.mark.parametrize("name", CASES)
def test_the_two_builds_of_a_family_are_equal_row_by_row(name: str) -> None:
    assert_equal_row_by_row(CASES[name])


@pytest.mark.parametrize("seed", range(8))
def test_the_two_builds_of_a_random_problem_are_equal_row_by_row(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = with_minors(rng, nested(rng, 30), by_age=seed % 2 == 0)
    if seed % 3 == 0:
        problem = replace(problem, lots=Lots(5, 3, choose=True, choose_minors=True))
    if seed % 4 == 0:
        problem = replace(
            problem, bounds=tuple(replace(bound, hard=False) for bound in problem.bounds)
        )
    assert_equal_row_by_row(problem)


@pytest.mark.parametrize("goal", ["place", "minimax", "l1", "steady"])
def test_cbc_gives_a_second_opinion_on_the_value_of_each_goal(goal: str) -> None:
    rng = np.random.default_rng(5)
    made = linear.program(with_minors(rng, nested(rng, 25)), goal)  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP announces its next version
        solver = pulp.PULP_CBC_CMD(msg=False)
        if not solver.available():
            pytest.skip("this machine has no CBC")
        made.pulp.solve(solver)
        cbc = pulp.value(made.pulp.objective)
        assert made.pulp.status == pulp.LpStatusOptimal
        made.pulp.solve(pulp.HiGHS(msg=False))
        highs = pulp.value(made.pulp.objective)
    assert cbc == pytest.approx(highs, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("even", ["l1", "minimax"])
@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
def test_the_program_that_is_written_has_the_value_that_is_told(name: str, even: str) -> None:
    """Read and solved by CBC, it gives what the goal reached in fractions of persons."""
    settings = [
        f"goals.even={even}",
        "ceiling.per_1000=3" if name == "norway-2026" else "year=2016",
    ]
    prepared = prepare_case(load_case(name, settings))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP announces its next version
        problem = read_lp(program_of(prepared.problem))
        problem.solve(pulp.PULP_CBC_CMD(msg=False))
        value = pulp.value(problem.objective)
    (told,) = [g for g in solve(prepared.problem).goals if g.goal == "even"]
    assert value == pytest.approx(told.in_fractions, rel=1e-5)


def read_lp(text: str) -> pulp.LpProblem:
    """An LP file as another solver reads it: by HiGHS, handed on as MPS."""
    import tempfile

    import highspy

    with tempfile.TemporaryDirectory() as folder:
        lp, mps = Path(folder) / "p.lp", Path(folder) / "p.mps"
        lp.write_text(text, encoding="utf-8")
        highs = highspy.Highs()  # type: ignore[no-untyped-call]
        highs.setOptionValue("output_flag", False)
        highs.readModel(str(lp))
        highs.writeModel(str(mps))
        _, problem = pulp.LpProblem.fromMPS(str(mps))
        return problem


def test_variables_are_named_by_code_and_not_by_name() -> None:
    names = {variable.name for variable in linear.program(three()).pulp.variables()}
    assert "x_0301_ordinary" in names
    assert not any("Oslo" in name for name in names)


def test_an_infeasible_program_is_said_to_be_so_and_not_read() -> None:
    problem = three(total("lock", floats(200, 0, 0), floats(200, INF, INF)))
    matrix, _ = arrays.build(problem)
    assert not Engine(matrix).solve().optimal
