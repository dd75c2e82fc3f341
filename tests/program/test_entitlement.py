"""A key becomes persons: shares, amounts, limits on shares, sizes, and what is missing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import KeyPart, load_case, load_model
from allocator.documents.model import Cap, MinorsCeiling, Shares, Size
from allocator.errors import BadDataError
from allocator.program.entitlement import Entitlement, combined, entitlement, entitlement_of
from allocator.program.known import Table
from allocator.program.own import own_numbers
from allocator.program.shares import capped, floored, modulation, shares
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


def test_amounts_beyond_the_need_leave_nothing_to_be_shared() -> None:
    found = of({"population": KeyPart(weight=1), "there": KeyPart(weight=1, as_="amount")})
    assert found.own(10).tolist() == [5, 10, 25]
    assert found.persons(10).tolist() == pytest.approx([1.25, 2.5, 6.25])


def test_an_amount_is_of_what_is_above_0_and_may_be_less_than_a_person() -> None:
    table = Table({"A": {"x": 0.25}, "B": {"x": -1}, "C": {"x": 0.0625}})
    part = KeyPart(weight=1, as_="amount", exponent=0.5)
    found = entitlement({"x": part}, table, table.codes)
    assert found.own(0).tolist() == [0.5, 0, 0.25]
    assert found.persons(3).tolist() == pytest.approx([2, 0, 1])
    parts = Entitlement(np.zeros(2), (), (), np.array([0.25, 0.25]))
    assert parts.persons(100).tolist() == [50, 50]


def test_an_extra_stands_beside_the_need() -> None:
    found = of({"population": KeyPart(weight=1), "there": KeyPart(weight=2, as_="extra")})
    assert found.own(100).tolist() == pytest.approx([70, 50, 60])
    assert (found.parts[1].amount, found.parts[1].extra) == (True, True)
    assert found.amounts is None
    assert found.extra is not None
    assert found.extra.tolist() == [10, 20, 50]


def test_without_amounts_the_keys_own_numbers_are_those_of_the_need() -> None:
    found = of({"population": KeyPart(weight=1)})
    assert found.own(200).tolist() == found.persons(200).tolist() == [120, 60, 20]


def test_minors_have_a_key_of_their_own_where_the_rule_gives_one() -> None:
    by_area = {"seats": {"weight": 1}}
    rule = changed("population", minors={"key": by_area}, size={"seats": {"of": {"area": 2}}})
    given = {
        minors: entitlement_of(rule, UNITS, UNITS.codes, minors=minors).share.tolist()
        for minors in (False, True)
    }
    assert given == {False: [0.6, 0.3, 0.1], True: [0.1, 0.4, 0.5]}


def test_a_key_that_gives_nobody_anything_is_refused() -> None:
    found = of({"there": KeyPart(weight=-1, as_="amount")})
    with pytest.raises(BadDataError, match="gives nobody anything") as caught:
        found.persons(10)
    assert [fault.code for fault in caught.value.faults] == ["key.all-zero"]
    assert found.persons(0).tolist() == [0, 0, 0]


def test_an_indicator_that_is_0_for_everyone_is_refused_and_a_missing_one_told_once() -> None:
    table = Table({"A": {"none": 0, "gap": None}, "B": {"none": 0, "gap": 0}})
    with pytest.raises(BadDataError, match="'none' given is 0 for every municipality") as caught:
        entitlement({"none": KeyPart(weight=1)}, table, table.codes)
    assert [fault.code for fault in caught.value.faults] == ["key.all-zero"]
    with pytest.raises(BadDataError) as caught:
        entitlement({"gap": KeyPart(weight=1)}, table, table.codes)
    assert len(caught.value.faults) == 1


def test_what_a_missing_figure_means_goes_for_modulators_and_caps_too() -> None:
    modulated = KeyPart(weight=1, modulated={"gap": 1.0}, missing="mean")
    by_hand = np.array([60 * 0.5, 30 * 1.0, 10 * 1.5])
    assert of({"population": modulated}).share == pytest.approx(by_hand / by_hand.sum())
    cap = Cap(factor=1.0, basis="gap", excess="basis")
    found = of({"population": KeyPart(weight=1, missing="zero", cap=cap)}).share
    assert found == pytest.approx(np.array([0.6 + 0.3 * 0.75, 0, 0.1 + 0.3 * 0.25]))


def test_only_a_share_below_0_is_told_as_such() -> None:
    assert of({"gap": KeyPart(weight=1, missing="zero")}).warnings == (
        "gap given has no figure for B: used 0",
    )
    found = of({"population": KeyPart(weight=2), "there": KeyPart(weight=-1)})
    assert found.warnings == ("the key is below 0 for C: counted as 0",)


def test_a_basis_without_a_cap_changes_nothing() -> None:
    parts = of({"population": KeyPart(weight=1)}).parts
    assert combined(parts, Shares(), np.ones(3)).share.tolist() == [0.6, 0.3, 0.1]


def test_weights_that_sum_to_nothing_are_refused() -> None:
    with pytest.raises(BadDataError, match="sum to 0") as caught:
        of({"population": KeyPart(weight=1), "area": KeyPart(weight=-1)})
    assert [fault.code for fault in caught.value.faults] == ["key.weight"]


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
    with pytest.raises(BadDataError, match="more than the whole") as caught:
        of(key, limits=Shares(floor=0.4))
    assert [fault.code for fault in caught.value.faults] == ["key.floor"]


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


def test_a_share_is_of_what_is_above_0_and_an_inverse_of_nothing_is_nothing() -> None:
    values = np.array([2.0, 0.0, 6.0])
    assert shares(values, "share").tolist() == [0.25, 0, 0.75]
    assert shares(values, "inverse").tolist() == [0.75, 0, 0.25]
    assert shares(values, "inverse", 2.0).tolist() == pytest.approx([0.9, 0, 0.1])
    assert shares(np.array([2.0, -1.0, 6.0]), "share").tolist() == [0.25, 0, 0.75]
    assert shares(values, "share", size=np.array([3.0, 9.0, 1.0])).tolist() == [0.5, 0, 0.5]
    assert shares(np.zeros(2), "inverse").tolist() == [0, 0]


def test_a_modulator_is_a_figure_against_the_plain_mean_times_a_size() -> None:
    size = np.array([10.0, 30.0])
    assert shares(np.array([6.0, 2.0]), "modulator", size=size).tolist() == [0.5, 0.5]
    assert shares(np.array([3.0, 1.0]), "modulator", 2.0, size).tolist() == [0.75, 0.25]
    assert shares(np.array([-3.0, -1.0]), "modulator").tolist() == [0.75, 0.25]
    assert shares(np.array([2.0, -2.0]), "modulator").tolist() == [1, 0]


def test_a_cap_gives_its_excess_once_again_and_again_or_by_the_basis() -> None:
    share, basis = np.array([0.7, 0.18, 0.12]), np.array([0.25, 0.25, 0.5])
    pro_rata = [0.25, 0.45, 0.3]
    assert capped(share, 1.0, basis, "pro-rata").tolist() == pytest.approx(pro_rata)
    assert capped(share, 1.0, basis, "iterate").tolist() == pytest.approx([0.25, 0.25, 0.5])
    by_basis = np.array([0.25, 0.18, 0.12]) + 0.45 * basis
    assert capped(share, 1.0, basis, "basis").tolist() == pytest.approx(by_basis)
    below = np.array([0.5, 0.3, 0.2])
    assert capped(below, 9.0, basis, "iterate").tolist() == below.tolist()


def test_where_everybody_is_above_the_cap_nobody_takes_the_excess() -> None:
    half = np.full(2, 0.5)
    for excess in ("pro-rata", "iterate"):
        assert capped(half, 0.5, half, excess).tolist() == [0.25, 0.25]
    assert capped(np.array([1.0, 0.0]), 0.5, half, "iterate").tolist() == [0.25, 0]


def test_a_floor_is_given_again_to_whom_the_giving_brings_below_it() -> None:
    found = floored(np.array([0.6, 0.21, 0.19, 0.0]), 0.2)
    assert found.tolist() == pytest.approx([0.4, 0.2, 0.2, 0.2])
    assert floored(np.array([0.5, 0.5, 0.0]), 0.0).tolist() == [0.5, 0.5, 0]
    assert floored(np.zeros(2), 0.5).tolist() == [0.5, 0.5]


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
