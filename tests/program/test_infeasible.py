"""When it cannot be done, the changes that would help are named, and they do help."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.program.examples import three
from allocator.program.goals import solve
from allocator.program.infeasible import NoProposalError, explain
from allocator.program.problem import Bound, Lots, Problem
from allocator.program.relax import apply
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


def test_the_changes_can_be_read_by_a_program() -> None:
    caps = Bound.make("capacity", "total", np.zeros(3), np.array([50.0, 20, 20]))
    fields = explain(three(caps)).as_dict()
    change = fields["relaxations"][0]["changes"][0]
    assert set(change) == {"family", "measure", "code", "name", "side", "persons"}
