"""When it cannot be done, the changes that would help are named, and they do help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.engine import prepare_case, propose
from allocator.program.examples import three
from allocator.program.goals import solve
from allocator.program.infeasible import NoProposalError, explain
from allocator.program.problem import Bound, Lots, Problem
from allocator.program.relax import Change, Relaxation, apply
from tests.program.problems import nested, with_minors


def too_tight(seed: int, size: int) -> Problem:
    """A random problem with capacities or counties that cannot hold the need."""
    rng = np.random.default_rng(seed)
    problem = nested(rng, size)
    if rng.random() < 0.5:
        problem = with_minors(rng, problem, by_age=rng.random() < 0.5)
    tight = rng.uniform(0.1, 0.9)
    return replace(
        problem,
        lots=Lots(4, 0, choose=rng.random() < 0.3),
        bounds=tuple(
            replace(b, upper=np.maximum(np.floor(b.upper * tight), 0.0))
            if b.family == "capacity" else b
            for b in problem.bounds
        ),
    )  # fmt: skip


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(2, 15))
def test_an_infeasible_case_is_explained_by_changes_that_make_it_feasible(
    seed: int, size: int
) -> None:
    problem = too_tight(seed, size)
    found = None
    try:
        solve(problem)
    except NoProposalError as error:
        found = error.infeasibility.relaxations
    if found is None:
        return
    assert found
    for relaxation in found:
        changed = apply(problem, relaxation)
        assert solve(changed).totals.sum() == changed.persons


BARELY = {
    "need.total": "500",
    "need.em": "90",
    "band.down": "0.0",
    "minors.share": "0.3",
    "whole.step": "1",
    "eligible.min_population": "1000",
    "municipality.0101.exempt": "true",
    "municipality.0104.lock": "106",
    "municipality.0106.capacity": "90",
}


@pytest.mark.parametrize("even", ["leximin", "l1", "minimax", "l2"])
def test_what_only_whole_persons_make_impossible_is_explained_too(even: str) -> None:
    """Five minors at a share of 0.3 need 17 persons, not 16 and two thirds."""
    given = [*(f"{key}={value}" for key, value in BARELY.items()), f"goals.even={even}"]
    with pytest.raises(NoProposalError) as caught:
        propose("ostfold-2016", given)
    found = caught.value.infeasibility
    assert found.summary == "no whole numbers within the limits sum to 500"
    assert [str(r.changes[0]) for r in found.relaxations] == [
        "band: Askim 1 person fewer",
        "lock: Moss 1 fewer",
    ]
    for relaxation in found.relaxations:
        assert propose("ostfold-2016", [*given, *relaxation.settings]).total == 500


@pytest.mark.parametrize(
    "given",
    [
        ["band.down=0.0", "need.total=300"],
        ["county.split=first", "minors.share=0.1", "band.up=0.1", "whole.step=7"],
        ["lot.every=false", "minors.share=0.1", "ceiling.per_1000=3.0", "need.total=300"],
        ["lot.every=false", "lot.persons=30", "need.total=300", "band.down=0.5"],
    ],
)
def test_where_no_family_helps_alone_all_together_do(given: list[str]) -> None:
    """In whole persons, if need be: what a program in fractions finds cannot always be rounded."""
    problem = prepare_case(load_case("ostfold-2016", given)).problem
    with pytest.raises(NoProposalError) as caught:
        solve(problem)
    found = caught.value.infeasibility.relaxations
    assert found
    for relaxation in found:
        changed = apply(problem, relaxation)
        assert solve(changed).totals.sum() == changed.persons


def test_the_fewest_persons_are_named_first() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    found = explain(three(caps)).relaxations
    assert [r.persons for r in found] == sorted(r.persons for r in found)
    assert found[0].persons == 10


def test_a_capacity_that_lacks_is_told_in_municipal_words() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    with pytest.raises(NoProposalError) as caught:
        solve(three(caps))
    text = str(caught.value)
    assert "can take 90 of 100 persons; 10 persons have no place" in text
    assert "capacity +9 in Oslo" in text
    assert "need −10 persons" in text


def test_missing_room_is_shared_by_size_and_not_heaped_on_one() -> None:
    problem = replace(nested(np.random.default_rng(1), 12, 1), bounds=())
    caps = Bound.make("capacity", "total", np.zeros(12), np.floor(problem.entitlement / 2))
    (first, *_) = explain(replace(problem, bounds=(caps,))).relaxations
    changes = {c.code: c.persons for c in first.changes if c.family == "capacity"}
    if changes:
        parts = [changes[c] / problem.entitlement[problem.units.codes.index(c)] for c in changes]
        assert max(parts) < 1.5 * max(min(parts), 0.4)


def test_limits_of_one_municipality_that_clash_are_named() -> None:
    floor = Bound.make("band", "total", np.array([0, 9.0, 0]), np.full(3, np.inf))
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([np.inf, 4, np.inf]))
    with pytest.raises(NoProposalError, match="Halden must be asked for at least 9") as caught:
        solve(three(floor, caps))
    families = {r.families for r in caught.value.infeasibility.relaxations}
    assert families >= {("band",), ("capacity",)}


def test_a_lot_that_is_too_large_is_named_with_the_largest_that_works() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([90.0, 6, 6]))
    with pytest.raises(NoProposalError) as caught:
        solve(three(caps, lots=Lots(10, 0, choose=True)))
    lots = [r for r in caught.value.infeasibility.relaxations if r.families == ("lot",)]
    assert [r.persons for r in lots] == [4]
    assert lots[0].changes == (Change("lot", "lot", "", "every municipality", "fewer", 4),)


def test_a_minor_who_has_room_in_fractions_only_is_one_fewer_of_the_need() -> None:
    """Room for 9 persons, 3 in each; half of 3 may be minors: 4.5 in fractions, 3 in whole."""
    caps = Bound.make("capacity", "total", np.zeros(3), np.full(3, 3.0))
    share = Bound.make("minors", "share", np.zeros(3), np.zeros(3))
    problem = three(
        caps, share, groups=("ordinary", "em"), need=(10, 4), minors_share=0.5,
        entitlement=np.array([7.0, 3.5, 3.5]), entitlement_minors=np.array([2.0, 1.0, 1.0]),
    )  # fmt: skip
    (need,) = [r for r in explain(problem).relaxations if r.families == ("need",)]
    assert [(c.code, c.persons) for c in need.changes] == [("ordinary", 5), ("em", 1)]


def test_the_changes_can_be_read_by_a_program() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    fields = explain(three(caps)).as_dict()
    change = fields["relaxations"][0]["changes"][0]
    assert set(change) == {"family", "measure", "code", "name", "side", "persons"}


def test_a_change_is_told_with_one_person_or_several() -> None:
    def told(persons: int) -> str:
        return str(Change("minors", "minors", "0301", "Oslo", "more", persons))

    assert told(1) == "1 minor in Oslo, which has no service for them"
    assert told(2) == "2 minors in Oslo, which has no service for them"
    assert str(Change("county", "county", "03", "Oslo", "fewer", 1)) == (
        "county split: Oslo 1 person fewer"
    )
    assert str(Change("own", "total", "0301", "Oslo", "more", 2)) == "Oslo 2 persons more"


def test_few_settings_are_written_out_and_many_changes_cut_short() -> None:
    changes = tuple(Change("capacity", "total", f"{n}", f"K{n}", "more", n) for n in range(1, 14))
    two = Relaxation(("capacity",), 3, changes[:2], ("a=1", "b=2"))
    assert str(two) == "capacity +1 in K1, capacity +2 in K2 (--set a=1 --set b=2)"
    many = Relaxation(("capacity",), 91, changes, ("a=1", "b=2", "c=3", "d=4"))
    assert len(many.shown) == 12
    assert str(many).endswith(
        "capacity +12 in K12 and 1 more (4 settings; --format json lists them)"
    )
    assert str(replace(many, settings=("a=1", "b=2", "c=3"))).endswith("--set c=3)")
    assert str(replace(many, changes=changes[:12], settings=())).endswith("capacity +12 in K12")


def test_a_need_that_is_lowered_is_fewer_persons_of_a_group() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    (need,) = [r for r in explain(three(caps)).relaxations if r.families == ("need",)]
    assert [(c.code, c.side, c.persons) for c in need.changes] == [("ordinary", "fewer", 10)]
    assert apply(three(caps), need).need.tolist() == [70, 20]
