"""What is advised can be written in a document, and then there is a proposal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import Case, load_case
from allocator.documents.change import changed
from allocator.engine import propose_case
from allocator.errors import BadDataError, StoppedError
from allocator.panel import Panel
from allocator.program.infeasible import Infeasibility, NoProposalError

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
            advised = propose_case(changed(case, relaxation.settings), PANEL)
            assert advised.status == "optimal"
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
