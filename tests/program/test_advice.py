"""What is advised can be written in a document, and then there is a proposal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import Case, load_case
from allocator.documents.change import changed
from allocator.engine import prepare_case, propose_case
from allocator.errors import BadDataError, StoppedError
from allocator.panel import Panel
from allocator.program.advice import advised, settings_of
from allocator.program.examples import three
from allocator.program.infeasible import Infeasibility, NoProposalError
from allocator.program.problem import Bound, Lots, Problem
from allocator.program.relax import Change, Relaxation

PANEL = Panel()

TIGHT = {
    "band.up": st.floats(0.05, 0.7).map(lambda up: f"{up:.2f}"),
    "ceiling.per_1000": st.floats(1.5, 3).map(lambda most: f"{most:.1f}"),
    "capacity.factor": st.floats(0.5, 2).map(lambda factor: f"{factor:.1f}"),
    "county.split": st.just("first"),
    "minors.share": st.floats(0.05, 0.25).map(lambda share: f"{share:.2f}"),
    "municipality.0104.capacity": st.integers(10, 40).map(str),
    "municipality.0105.lock": st.integers(10, 300).map(str),
    "municipality.0106.exempt": st.just("true"),
    "municipality.0101.minors_service": st.just("false"),
    "lot.minors": st.integers(5, 9).map(str),
}


def why_not(case: Case) -> Infeasibility | None:
    """Why there is no proposal; None when there is one, or the case contradicts itself."""
    try:
        propose_case(case, PANEL, time_limit=2)
    except NoProposalError as error:
        return error.infeasibility
    except (BadDataError, StoppedError):
        return None
    return None


@settings(max_examples=12)
@given(data=st.data(), keys=st.sets(st.sampled_from(sorted(TIGHT)), min_size=1, max_size=3))
def test_every_setting_that_is_advised_makes_a_proposal_possible(
    data: st.DataObject, keys: set[str]
) -> None:
    tight = [f"{key}={data.draw(TIGHT[key], label=key)}" for key in sorted(keys)]
    case = load_case("ostfold-2016", tight)
    found = why_not(case)
    if found is None:
        return
    for relaxation in found.relaxations:
        if relaxation.settings:
            helped = propose_case(changed(case, relaxation.settings), PANEL)
            assert helped.status == "optimal"
    for setting in found.soft:
        assert propose_case(changed(case, [setting]), PANEL).status == "optimal"


@pytest.mark.parametrize(
    ("tight", "advice"),
    [
        (["band.up=0.1"], ("need.total=474",)),
        (
            ["municipality.0104.capacity=8"],
            ("municipality.0104.capacity=10",),
        ),
        (
            ["municipality.0106.exempt=true", "band.up=1.0"],
            ("municipality.0106.exempt=false",),
        ),
        (
            ["minors.service=declared"],
            ("need.em=0", "need.total=583"),
        ),
    ],
    ids=["band", "capacity", "exempt", "minors"],
)
def test_the_advice_is_what_a_planner_would_write(
    tight: list[str], advice: tuple[str, ...]
) -> None:
    found = why_not(load_case("ostfold-2016", tight))
    assert found is not None
    assert advice in [relaxation.settings for relaxation in found.relaxations]


def test_what_stands_in_place_of_a_limit_needs_that_limit() -> None:
    case = load_case("ostfold-2016", ["municipality.0104.ceiling=50", "county.most.03=5"])
    with pytest.raises(BadDataError, match="ceiling stands in place of a limit") as caught:
        propose_case(case, PANEL)
    assert 'county.most."03" is no county of the case' in str(caught.value)


def test_one_municipality_can_have_a_band_of_its_own() -> None:
    usual = ["band.up=1.5", "band.down=0.5"]
    free = propose_case(load_case("ostfold-2016", usual), PANEL)
    held = propose_case(
        load_case("ostfold-2016", [*usual, "municipality.0104.band_most=70"]), PANEL
    )
    (before,) = (r for r in free.municipalities if r.code == "0104")
    (after,) = (r for r in held.municipalities if r.code == "0104")
    assert before.total > 70
    assert after.total == 70
    assert "band" in after.binding
    assert held.total == 780


def test_a_county_can_have_a_total_of_its_own() -> None:
    least = ["county.least.03=1500", "county.most.03=1500"]
    proposal = propose_case(load_case("norway-2026", least), PANEL)
    assert sum(r.total for r in proposal.municipalities if r.county == "03") == 1500
    assert proposal.total == 13000


def said(problem: Problem, *changes: Change) -> tuple[str, ...]:
    return settings_of(problem, Relaxation((changes[0].family,), 1, changes))


def test_a_lower_lot_is_a_lower_lot_for_everybody() -> None:
    lot = Change("lot", "lot", "", "every municipality", "fewer", 4)
    assert said(three(lots=Lots(10, 0, choose=True)), lot) == ("lot.persons=6",)


def test_the_limit_of_a_county_is_its_own_and_not_that_of_a_municipality() -> None:
    problem = three(Bound.make("county", "county", np.array([20.0, 5.0]), np.array([60.0, 80.0])))
    first, second = problem.counties
    fewer = Change("county", "county", first, "Oslo", "fewer", 3)
    more = Change("county", "county", second, "Østfold", "more", 7)
    assert said(problem, fewer, more) == (f"county.least.{first}=17", f"county.most.{second}=87")


def test_what_no_key_of_a_document_can_say_is_advised_by_no_setting() -> None:
    limits = Bound.make("own", "total", np.zeros(3), np.full(3, 20.0))
    problem = three(limits)
    assert said(problem, Change("own", "total", problem.units.codes[0], "Oslo", "more", 5)) == ()


def test_settings_that_do_not_help_are_not_advised() -> None:
    case = load_case("ostfold-2016", ["municipality.0104.capacity=8"])
    found = why_not(case)
    assert found is not None
    problem = prepare_case(case).problem
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    helped = advised(found, case, problem, lambda _: three())
    unhelped = advised(found, case, problem, lambda _: three(caps))
    assert any(relaxation.settings for relaxation in helped.relaxations)
    assert not any(relaxation.settings for relaxation in unhelped.relaxations)


@pytest.mark.parametrize(
    ("tight", "advice"),
    [
        ("need.total=2000", ("horizon.need.2016.total=1597", "need.total=1597")),
        ("municipality.1601.capacity=200", ("municipality.1601.capacity=685",)),
    ],
)
def test_of_several_years_each_need_is_said_and_of_a_limit_the_widest(
    tight: str, advice: tuple[str, ...]
) -> None:
    found = why_not(load_case("sor-trondelag-2015-2016", [tight]))
    assert found is not None
    assert advice in [relaxation.settings for relaxation in found.relaxations]
