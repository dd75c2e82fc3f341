"""From the key to the request, family by family, on three municipalities that fit on one page."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.audit.waterfall import Stage, cumulated, fall
from allocator.program.examples import three
from allocator.program.goals import solve
from allocator.program.problem import Bound, Goals, Link, Lots, Problem

INF = np.inf
ZERO = np.zeros(3)


def case(*bounds: Bound, need: tuple[int, int] = (100, 0), **changes: object) -> Problem:
    """The key gives 50, 30 and 20; the first is a county by itself, the others are one."""
    key = np.array([50.0, 30.0, 20.0])
    fields: dict[str, object] = {"entitlement": key, "entitlement_minors": key * need[1] / 100}
    return three(*bounds, need=need, **(fields | changes))


def stages(problem: Problem) -> dict[str, Stage]:
    return {stage.step: stage for stage in fall(problem, solve(problem))}


def total(family: str, lower: list[float], upper: list[float]) -> Bound:
    return Bound.make(family, "total", np.array(lower), np.array(upper))


def acts(stage: Stage) -> list[str]:
    return [str(how) for how in stage.acts]


def limits(stage: Stage) -> list[float | None]:
    return [None if np.isnan(limit) else float(limit) for limit in stage.limit]


def test_a_cap_acts_on_whom_it_holds_down_and_through_it_on_the_others() -> None:
    found = stages(case(total("capacity", [0, 0, 0], [40, 99, 99])))
    assert list(found) == ["capacity", "whole"]
    assert found["capacity"].totals.tolist() == pytest.approx([40, 36, 24])
    assert acts(found["capacity"]) == ["own", "others", "others"]
    assert limits(found["capacity"]) == [40, None, None]
    assert acts(found["whole"]) == ["", "", ""]
    assert limits(found["whole"]) == [None, None, None]


def test_a_floor_acts_on_whom_it_lifts() -> None:
    found = stages(case(total("band", [0, 0, 30], [INF, INF, INF])))
    assert found["band"].totals.tolist() == pytest.approx([43.75, 26.25, 30])
    assert acts(found["band"]) == ["others", "others", "own"]
    assert limits(found["band"]) == [None, None, 30]
    assert acts(found["whole"]) == ["own", "own", ""]


def test_a_limit_acts_only_on_whom_it_moves_its_own_way() -> None:
    """The second rises to 36: a floor there holds it up, a cap there does not press it down."""
    floor = total("band", [0, 36, 0], [40, 99, 99])
    assert acts(stages(case(floor))["band"]) == ["own", "own", "others"]
    cap = total("band", [0, 0, 0], [40, 36, 99])
    assert acts(stages(case(cap))["band"]) == ["own", "others", "others"]


def test_each_family_is_told_on_its_own_in_the_documented_order() -> None:
    found = stages(
        case(
            Bound.make("county", "county", np.array([0.0, 75]), np.full(2, INF)),
            total("ceiling", [0, 0, 0], [INF, INF, 10]),
            total("capacity", [0, 0, 0], [40, INF, INF]),
        )
    )
    assert list(found) == ["capacity", "ceiling", "county", "whole"]
    assert found["ceiling"].totals.tolist() == pytest.approx([40, 50, 10])
    assert acts(found["ceiling"]) == ["", "others", "own"]
    assert limits(found["ceiling"]) == [None, None, 10]
    assert found["county"].totals.tolist() == pytest.approx([25, 65, 10])
    assert acts(found["county"]) == ["others", "own", ""]


def test_a_family_of_another_name_comes_before_the_locks() -> None:
    found = stages(
        case(
            total("lock", [10, 0, 0], [10, INF, INF]),
            total("own", [0, 0, 0], [INF, 50, INF]),
            total("band", [0, 0, 0], [45, INF, INF]),
        )
    )
    assert list(found) == ["band", "own", "lock", "whole"]
    assert found["lock"].totals.tolist() == pytest.approx([10, 50, 40])


def test_who_is_exempt_is_so_from_the_start() -> None:
    exempt = Bound.make("exempt", "total", ZERO, ZERO, keep=np.array([False, False, True]))
    found = stages(case(exempt, total("capacity", [0, 0, 0], [40, 99, 99])))
    assert list(found) == ["capacity", "whole"]
    assert found["capacity"].totals.tolist() == pytest.approx([40, 60, 0])
    assert acts(found["capacity"]) == ["own", "others", "others"]


def test_minors_that_must_be_somewhere_lift_the_total_there() -> None:
    here = Bound.make("minors", "minors", ZERO, np.array([0.0, 0, 40]))
    half = Bound.make("minors", "share", ZERO, ZERO)
    lock = Bound.make("lock", "minors", np.array([0.0, 0, 20]), np.array([0.0, 0, 20]))
    problem = case(here, half, lock, need=(80, 20), minors_share=0.5)
    found = stages(problem)
    assert list(found) == ["minors", "lock", "whole"]
    assert found["minors"].totals.tolist() == pytest.approx([37.5, 22.5, 40])
    assert found["lock"].totals.tolist() == found["minors"].totals.tolist()
    assert acts(found["lock"]) == ["", "", ""]


def test_minors_that_are_a_part_of_all_who_come_bring_others_with_them() -> None:
    lots = total("lot", [1, 1, 1], [INF, INF, INF])
    of_minors = Bound.make("lot", "minors", np.array([0.0, 0, 20]), np.full(3, INF))
    half = Bound.make("minors", "share", ZERO, ZERO)
    found = stages(case(lots, of_minors, half, need=(80, 20), minors_share=0.5))
    assert list(found) == ["lot", "minors", "whole"]
    assert found["minors"].totals.tolist() == pytest.approx([37.5, 22.5, 40])
    assert acts(found["minors"]) == ["others", "others", "own"]
    assert limits(found["minors"]) == [None, None, 40]
    assert found["minors"].families == ("minors",)


def test_a_lot_that_lifts_some_and_drops_others_is_the_first_step() -> None:
    problem = case(lots=Lots(25, 0, choose=True))
    found = stages(problem)
    assert list(found) == ["lot", "whole"]
    assert all(each == 0 or each >= 25 for each in found["lot"].totals.tolist())
    assert found["lot"].totals.sum() == pytest.approx(100)


def test_a_link_acts_on_those_that_it_ties_together() -> None:
    together = Link("together", "both", np.array([0, 1]), np.ones(2), 0.0, 70.0)
    found = stages(case(total("capacity", [0, 0, 0], [45, INF, INF]), links=(together,)))
    assert list(found) == ["capacity", "together", "whole"]
    assert acts(found["together"]) == ["own", "own", "others"]
    assert found["together"].totals.sum() == pytest.approx(100)
    assert found["together"].totals[2] == pytest.approx(30)


def test_other_goals_than_the_usual_are_the_last_step_and_act_on_all_whom_they_move() -> None:
    cap = total("capacity", [0, 0, 0], [40, INF, INF])
    goals = Goals(("place", "steady", "even"))
    found = stages(case(cap, goals=goals, last=np.array([40.0, 40.0, 20.0])))
    assert list(found) == ["capacity", "goals", "whole"]
    assert found["goals"].totals.tolist() == pytest.approx([40, 40, 20])
    assert acts(found["goals"]) == ["", "own", "own"]
    by_norm = Goals(even="l1")
    assert list(stages(case(cap, goals=by_norm))) == ["capacity", "goals", "whole"]
    assert list(stages(case(cap, goals=Goals(("place",))))) == ["capacity", "whole"]


def test_persons_come_whole_before_they_come_in_steps() -> None:
    found = stages(case(total("capacity", [0, 0, 0], [38, 99, 99]), step=5))
    assert list(found) == ["capacity", "whole", "step"]
    assert found["capacity"].totals.tolist() == pytest.approx([38, 37.2, 24.8])
    assert found["whole"].totals.tolist() == [38, 37, 25]
    assert acts(found["whole"]) == ["", "own", "own"]
    assert found["step"].totals.tolist() == [35, 40, 25]
    assert acts(found["step"]) == ["own", "own", ""]
    assert found["step"].families == ()


def test_levels_are_in_millionths_so_that_differences_add_up() -> None:
    problem = case(total("capacity", [0, 0, 0], [40, 99, 99]))
    start, change = np.zeros(3), np.array([50.0, 30.0, 20.0])
    levels = cumulated(start, [change / 2, change / 2], fall(problem, solve(problem)))
    assert [level.tolist() for level in levels] == [
        [25_000_000, 15_000_000, 10_000_000],
        [50_000_000, 30_000_000, 20_000_000],
        [40_000_000, 36_000_000, 24_000_000],
        [40_000_000, 36_000_000, 24_000_000],
    ]
    assert all(level.dtype == np.int64 for level in levels)
