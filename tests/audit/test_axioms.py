"""Axioms over every method of apportionment: what theory says holds, holds; what can fail, fails.

The table of who keeps what is that of Balinski & Young 2001, *Fair Representation*, ISBN
978-0-8157-0111-8: largest remainder keeps quota and nothing that moves; divisor methods keep all
that moves and break quota, Jefferson only above and Adams only below.
"""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.audit.axioms import (
    Counterexample,
    anonymity,
    consistency,
    equal_treatment,
    house_monotonicity,
    lower_quota,
    method,
    new_states,
    population_monotonicity,
    quota,
    upper_quota,
)
from allocator.program.apportion import METHODS

DIVISORS = sorted(set(METHODS) - {"largest-remainder"})
KEEPS = {
    "lower-quota": {"largest-remainder", "jefferson"},
    "upper-quota": {"largest-remainder", "adams"},
    "house-monotonicity": set(DIVISORS),
    "population-monotonicity": set(DIVISORS),
    "consistency": set(DIVISORS),
    "new-states": set(DIVISORS),
    "equal-treatment": set(METHODS),
    "anonymity": set(METHODS),
}
Check = Callable[[str, Sequence[int], Sequence[int], int], Counterexample | None]
CHECKS: dict[str, Check] = {
    "lower-quota": lambda name, w, _, n: lower_quota(method(name), w, n),
    "upper-quota": lambda name, w, _, n: upper_quota(method(name), w, n),
    "house-monotonicity": lambda name, w, _, n: house_monotonicity(method(name), w, n, n + 5),
    "population-monotonicity": lambda name, w, v, n: population_monotonicity(method(name), w, v, n),
    "consistency": lambda name, w, _, n: consistency(method(name), w, n),
    "new-states": lambda name, w, _, n: new_states(method(name), w, n, len(w) - 1),
    "equal-treatment": lambda name, w, _, n: equal_treatment(method(name), [*w, w[0]], n),
    "anonymity": lambda name, w, _, n: anonymity(
        method(name), w, n, sorted(range(len(w)), key=lambda unit: (w[unit] * 7919) % 101)
    ),
}
# Worked instances of the failures: weights, later weights, total.
FAILS: dict[tuple[str, str], tuple[list[int], list[int], int]] = {
    ("lower-quota", "adams"): ([592, 18, 19], [], 16),
    ("lower-quota", "dean"): ([1058, 8, 36], [], 6),
    ("lower-quota", "huntington-hill"): ([1402, 90, 69], [], 5),
    ("lower-quota", "modified-webster"): ([6000] + [71] * 20, [], 80),
    ("lower-quota", "webster"): ([762, 74, 96, 73], [], 8),
    ("upper-quota", "dean"): ([600] + [13] * 20, [], 80),
    ("upper-quota", "huntington-hill"): ([600] + [14] * 20, [], 80),
    ("upper-quota", "jefferson"): ([1379, 87, 73], [], 11),
    ("upper-quota", "modified-webster"): ([1321, 45, 42], [], 20),
    ("upper-quota", "webster"): ([1197, 43, 8, 26, 49], [], 12),
    ("house-monotonicity", "largest-remainder"): ([6, 6, 2], [], 10),
    ("population-monotonicity", "largest-remainder"): ([247, 84, 28, 81], [244, 76, 29, 77], 6),
    ("consistency", "largest-remainder"): ([1410, 67, 50, 95, 2], [], 7),
    ("new-states", "largest-remainder"): ([1091, 35, 31], [], 13),
}

weights = st.lists(st.integers(1, 2000), min_size=2, max_size=7)
instances = weights.flatmap(
    lambda w: st.tuples(
        st.just(w),
        st.tuples(*(st.integers(max(1, each - 40), each + 40) for each in w)).map(list),
        st.integers(1, 60),
    )
)


@pytest.mark.parametrize("axiom", sorted(KEEPS))
@given(case=instances)
def test_what_theory_says_a_method_keeps_it_keeps(
    axiom: str, case: tuple[list[int], list[int], int]
) -> None:
    for name in sorted(KEEPS[axiom]):
        assert CHECKS[axiom](name, *case) is None, name


def test_every_cell_of_the_table_is_either_kept_or_shown_to_fail() -> None:
    cells = {(axiom, name) for axiom in KEEPS for name in METHODS}
    kept = {(axiom, name) for axiom, names in KEEPS.items() for name in names}
    assert cells - kept == set(FAILS)


@pytest.mark.parametrize(("axiom", "name"), sorted(FAILS))
def test_what_theory_says_a_method_breaks_it_breaks(axiom: str, name: str) -> None:
    found = CHECKS[axiom](name, *FAILS[axiom, name])
    assert found is not None
    assert found.axiom == axiom


def test_alabama_loses_a_seat_when_the_house_of_1880_grows_to_300() -> None:
    import csv
    from pathlib import Path

    path = Path(__file__).parents[1] / "program" / "golden" / "alabama_paradox_1880.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    states = [row["state"] for row in rows]
    people = [int(row["population_1880"]) for row in rows]

    def with_a_seat_each(weights: Sequence[object], total: int) -> Sequence[int]:
        from allocator.program.apportion import apportion

        return apportion(people, total, "hamilton", lower=[1] * len(people)).seats

    found = house_monotonicity(with_a_seat_each, people, 299)
    assert found is not None
    assert [states[unit] for unit in found.units] == ["Alabama"]
    assert (found.first, found.second) == ((299, (8,)), (300, (7,)))
    assert house_monotonicity(method("webster"), people, 299, 310) is None


def test_a_counterexample_shows_the_numbers_of_its_units() -> None:
    found = quota(method("jefferson"), [1379, 87, 73], 11)
    assert found is not None
    assert found.as_dict(["A", "B", "C"]) == {
        "axiom": "upper-quota",
        "units": ["A"],
        "weights": [1379.0],
        "total": 11,
        "numbers": [11],
        "other_total": 11,
        "other_numbers": [10],
    }


def test_a_rule_that_looks_at_the_order_is_found_out() -> None:
    def first_takes_all(weights: Sequence[object], total: int) -> Sequence[int]:
        return (total, *(0 for _ in weights[1:]))

    assert anonymity(first_takes_all, [3, 5], 4, [1, 0]) is not None
    assert equal_treatment(first_takes_all, [5, 5], 4) is not None
    assert lower_quota(first_takes_all, [3, 5], 4) is not None
