"""A key becomes persons: shares, amounts, limits on shares, sizes, and what is missing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import KeyPart, load_case, load_model
from allocator.documents.model import Cap, MinorsCeiling, Shares, Size
from allocator.errors import BadDataError
from allocator.program.entitlement import Entitlement, entitlement
from allocator.program.known import Table
from allocator.program.own import own_numbers
from allocator.program.shares import capped, floored, modulation
from allocator.runs import run, verify_run, write_run
from tests.models.rules import changed

UNITS = Table(
    {
        "A": {"population": 60, "there": 5, "rate": 2, "area": 10, "gap": 3},
        "B": {"population": 30, "there": 10, "rate": 4, "area": 40, "gap": None},
        "C": {"population": 10, "there": 25, "rate": 6, "area": 50, "gap": 1},
    }
)
positive = st.lists(st.floats(min_value=0.01, max_value=1e6), min_size=2, max_size=30).map(np.array)


def of(key: dict[str, KeyPart], **more: object) -> Entitlement:
    return entitlement(key, UNITS, UNITS.codes, **more)  # type: ignore[arg-type]


def test_a_key_is_the_weighted_sum_of_the_shares_of_its_parts() -> None:
    found = of({"population": KeyPart(weight=3), "area": KeyPart(weight=1)})
    assert found.persons(400).tolist() == pytest.approx([190, 130, 80])


def test_a_negative_weight_lowers_and_what_is_below_0_is_taken_from_the_positive_ones() -> None:
    found = of({"population": KeyPart(weight=2), "there": KeyPart(weight=-1)})
    assert found.signed == pytest.approx([1.2 - 0.125, 0.6 - 0.25, 0.2 - 0.625])
    assert found.persons(1000) == pytest.approx(np.array([1.075, 0.35, 0]) / 1.425 * 1000)


def test_an_amount_taken_off_is_first_added_to_what_is_shared() -> None:
    part = KeyPart(weight=-1, as_="amount")
    found = of({"population": KeyPart(weight=1), "there": part})
    pot = 100 + 40
    assert found.persons(100) == pytest.approx(
        np.array([pot * 0.6 - 5, pot * 0.3 - 10, 0]) * 100 / (pot * 0.9 - 15)
    )
    assert found.parts[1].amount


def test_an_amount_given_beforehand_leaves_the_rest_to_be_shared() -> None:
    found = of({"population": KeyPart(weight=1), "there": KeyPart(weight=1, as_="amount")})
    assert found.persons(140) == pytest.approx([65, 40, 35])


def test_amounts_alone_are_the_numbers_themselves_or_their_proportion_of_the_need() -> None:
    found = of({"there": KeyPart(weight=0.5, as_="amount")})
    assert found.own(1000).tolist() == [2.5, 5, 12.5]
    assert found.persons(1000).tolist() == pytest.approx([125, 250, 625])


def test_a_key_that_gives_nobody_anything_is_refused() -> None:
    found = of({"there": KeyPart(weight=-1, as_="amount")})
    with pytest.raises(BadDataError, match="gives nobody anything"):
        found.persons(10)
    assert found.persons(0).tolist() == [0, 0, 0]


def test_weights_that_sum_to_nothing_are_refused() -> None:
    with pytest.raises(BadDataError, match="sum to 0"):
        of({"population": KeyPart(weight=1), "area": KeyPart(weight=-1)})


def test_a_size_stands_wherever_an_indicator_does() -> None:
    sizes = {
        "seats": Size(of={"population": 1, "area": 1.8}),
        "base": Size(of={"population": 0.5, "area": 0.5}, as_="shares"),
    }
    assert of({"seats": KeyPart(weight=1)}, sizes=sizes).parts[0].values == pytest.approx(
        [78, 102, 100]
    )
    assert of({"base": KeyPart(weight=1)}, sizes=sizes).share == pytest.approx([0.35, 0.35, 0.3])
    rate = KeyPart(weight=1, indicator="rate", as_="inverse", of="base")
    assert of({"r": rate}, sizes=sizes).share == pytest.approx(
        np.array([0.175, 0.0875, 0.05]) / 0.3125
    )
    cap = KeyPart(weight=1, indicator="area", cap=Cap(factor=1.0, basis="base", excess="basis"))
    found = of({"a": cap}, sizes=sizes).share
    assert found == pytest.approx(np.array([0.1, 0.35, 0.3]) + 0.25 * np.array([0.35, 0.35, 0.3]))


def test_a_modulated_part_is_scaled_by_how_far_others_are_from_their_mean() -> None:
    part = KeyPart(weight=1, modulated={"rate": 0.1, "there": 3.0})
    found = of({"population": part}).share
    by_rate, by_there = np.array([1.05, 1, 0.95]), np.array([2.875, 1.75, 0])
    by_hand = np.array([60, 30, 10]) * by_rate * by_there
    assert found == pytest.approx(by_hand / by_hand.sum())


def test_limits_on_the_shares_of_the_whole_key_come_before_persons() -> None:
    key = {"area": KeyPart(weight=1)}
    cap = Shares(cap=Cap(factor=2.0, basis="population", excess="iterate"))
    assert of(key, limits=cap).share == pytest.approx([0.2, 0.6, 0.2])
    assert of(key, limits=Shares(floor=0.2)).share == pytest.approx([0.2, 3.2 / 9, 4 / 9])
    with pytest.raises(BadDataError, match="more than the whole"):
        of(key, limits=Shares(floor=0.4))


def test_every_missing_figure_is_told_at_once_or_means_what_the_key_says() -> None:
    with pytest.raises(BadDataError, match="gap given of B is missing"):
        of({"gap": KeyPart(weight=1)})
    with pytest.raises(BadDataError, match="gap given of B is missing"):
        of({"gap": KeyPart(weight=1, missing="earlier")})
    assert of({"gap": KeyPart(weight=1, missing="zero")}).share.tolist() == [0.75, 0, 0.25]
    found = of({"gap": KeyPart(weight=1, missing="mean")})
    assert found.share == pytest.approx([0.5, 1 / 3, 1 / 6])
    assert found.warnings == ("gap given has no figure for B: used the mean, 2",)


def test_an_unknown_indicator_is_told_with_the_nearest_there_is() -> None:
    with pytest.raises(BadDataError, match="did you mean 'rate'"):
        of({"rte": KeyPart(weight=1)})


@given(positive, st.floats(min_value=0, max_value=1))
def test_a_floor_is_kept_by_all_and_the_sum_by_the_whole(values: np.ndarray, part: float) -> None:
    share = values / values.sum()
    floor = part / len(share)
    found = floored(share, floor)
    assert found.sum() == pytest.approx(1)
    assert (found >= floor - 1e-12).all()


@given(positive, st.floats(min_value=1.05, max_value=3), st.sampled_from(["pro-rata", "iterate"]))
def test_a_cap_keeps_the_sum_and_repeated_nobody_is_above_it(
    values: np.ndarray, factor: float, excess: str
) -> None:
    share = values / values.sum()
    basis = np.full(len(share), 1 / len(share))
    found = capped(share, factor, basis, excess)
    assert found.sum() == pytest.approx(1)
    if excess == "iterate":
        assert (found <= factor * basis + 1e-9).all()


@given(positive, st.floats(min_value=0, max_value=2))
def test_a_modulation_is_never_negative_and_1_at_the_mean(values: np.ndarray, k: float) -> None:
    found = modulation(values, k)
    assert (found >= 0).all()
    assert modulation(np.full(4, 7.0), k) == pytest.approx(np.ones(4))


@given(positive, st.integers(min_value=0, max_value=40_000))
def test_persons_sum_to_the_need_whatever_is_taken_off(values: np.ndarray, need: int) -> None:
    share = values / values.sum()
    taken = Entitlement(share, (), (), -np.minimum(values[::-1], 50.0))
    assert taken.persons(need).sum() == pytest.approx(need)
    assert (taken.persons(need) >= 0).all()


def test_own_numbers_have_a_floor_steps_and_a_way_to_round() -> None:
    e, everyone = np.array([0.0, 2.5, 12.4, 23.0]), np.array([True, True, True, False])
    plain = changed("population", whole={"total": "own"})
    assert own_numbers(e, plain, everyone).tolist() == [0, 3, 12, 0]
    up = changed("population", whole={"total": "own", "method": "up", "step": 5})
    assert own_numbers(e, up, everyone).tolist() == [0, 5, 15, 0]
    least = changed("population", whole={"total": "own"}, lot={"persons": 10, "every": True})
    assert own_numbers(e, least, everyone).tolist() == [10, 10, 12, 0]


def test_a_run_of_a_rule_with_its_own_total_is_verified_without_a_solver(tmp_path: Path) -> None:
    case = load_case("ostfold-2016", ["model=netherlands"])
    made = run(case)
    total = made.proposal.total
    assert total > 780
    assert made.proposal.need["total"] == total
    path, _ = write_run(made, tmp_path)
    assert [check.name for check in verify_run(path) if not check.ok] == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"method": "up"}, "goes with total = 'own'"),
        ({"method": "adams", "total": "own"}, "apportions a given total"),
    ],
)
def test_a_way_to_round_that_does_not_go_with_the_total_is_refused(
    fields: dict[str, str], told: str
) -> None:
    with pytest.raises(BadDataError, match=f"whole.method: .*{told}"):
        changed("population", whole=fields)


def test_a_setting_changes_one_thing_in_a_ceiling_and_leaves_the_rest_to_the_model() -> None:
    there = load_case("norway-2026", ["ceiling.minors.there=refugees_resident"], "uk-minors")
    assert there.rule.ceiling.minors == MinorsCeiling(
        per_1000=1.0, of="population_0_17", there="refugees_resident"
    )
    dutch = load_case("norway-2026", ["whole.method=nearest"], "netherlands")
    assert (dutch.rule.whole.method, dutch.rule.whole.total) == ("nearest", "own")


def test_a_table_is_read_from_csv_with_its_numbers_and_what_is_missing() -> None:
    table = Table.from_csv("code,population,name\nB,2,b\nA,,a\n")
    assert table.codes == ("A", "B")
    assert table.periods("name") == ()
    with pytest.raises(BadDataError, match="population given of A is missing"):
        entitlement(load_model("netherlands").key, table, table.codes)
