"""The metrics of a comparison: small cases worked by hand, and what always holds."""

import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.audit.compare import compare, gini, metrics, spearman
from allocator.errors import BadDataError
from allocator.panel import Figure, Panel, Series, Status
from allocator.proposal import Proposal, Request

counts = st.integers(0, 500)
pairs = st.lists(st.tuples(counts, counts, st.integers(1, 10**6)), min_size=1, max_size=30)


# -- by hand ---------------------------------------------------------------------------------------


def test_two_like_allocations_are_placed_wholly_the_same() -> None:
    found = metrics([10, 20, 30], [10, 20, 30], [100, 200, 300])
    assert (found.overlap, found.mae, found.max_abs, found.exact, found.within_5) == (1, 0, 0, 1, 1)
    assert found.spearman == pytest.approx(1)
    assert (found.gini_proposal, found.gini_actual) == (0, 0)


def test_a_case_of_four_municipalities_worked_by_hand() -> None:
    # Differences 5, −10, 5, 0: Σ|x − a| = 20, Σa = 100, so overlap = 1 − 10/100.
    found = metrics([25, 10, 25, 40], [20, 20, 20, 40], [1000, 1000, 1000, 1000])
    assert found.municipalities == 4
    assert found.overlap == pytest.approx(0.9)
    assert found.mae == pytest.approx(5)
    assert found.max_abs == 10
    assert found.exact == pytest.approx(0.25)
    assert found.within_5 == pytest.approx(0.75)


def test_persons_all_placed_elsewhere_overlap_by_nothing() -> None:
    assert metrics([10, 0], [0, 10], [1, 1]).overlap == 0


def test_a_gini_worked_by_hand() -> None:
    # Half of the inhabitants have none of the persons: the Lorenz curve is a flat half.
    assert gini([0, 30], [500, 500]) == pytest.approx(0.5)
    # A quarter of the inhabitants has three quarters of the persons: G = 1 − 3·¼·¼ − 1¼·¼.
    assert gini([30, 10], [100, 300]) == pytest.approx(0.5)
    # 1 : 2 : 3 over equal parts: 2·(1·1 + 2·2 + 3·3)/(3·6) − 4/3.
    assert gini([3, 1, 2], [10, 10, 10]) == pytest.approx(2 / 9)


def test_a_rank_correlation_worked_by_hand() -> None:
    assert spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    # Ranks 1, 2, 3, 4, 5 against 2, 1, 4, 3, 5: 1 − 6·4/(5·24).
    assert spearman([1, 2, 3, 4, 5], [20, 10, 40, 30, 50]) == pytest.approx(0.8)
    # Two share the ranks 2 and 3: 2½ each.
    assert spearman([1, 2, 3], [10, 20, 20]) == pytest.approx(math.sqrt(3) / 2)


def test_there_is_no_metric_where_there_is_nothing_to_measure() -> None:
    empty = metrics([], [], [])
    assert (empty.municipalities, empty.overlap, empty.mae) == (0, None, None)
    assert metrics([5, 5], [0, 0], [1, 1]).overlap is None
    assert spearman([5, 5], [1, 2]) is None
    assert gini([0, 0], [10, 10]) is None
    assert gini([1, 1], [0, 0]) is None


# -- always ----------------------------------------------------------------------------------------


@given(pairs)
def test_overlap_is_one_exactly_when_the_two_are_alike(cases: list[tuple[int, int, int]]) -> None:
    x, a, inhabitants = zip(*cases, strict=True)
    assume(sum(a))
    found = metrics(x, a, inhabitants)
    assert found.overlap is not None
    assert (found.overlap == 1) == (x == a)
    assert found.overlap <= 1
    if sum(x) == sum(a):
        assert found.overlap >= 0


@given(pairs)
def test_overlap_of_equal_totals_is_the_share_of_persons_both_give_the_same_place(
    cases: list[tuple[int, int, int]],
) -> None:
    x, a, inhabitants = (list(part) for part in zip(*cases, strict=True))
    x[0] += max(0, sum(a) - sum(x))
    a[0] += max(0, sum(x) - sum(a))
    assume(sum(a))
    same = sum(min(one, other) for one, other in zip(x, a, strict=True)) / sum(a)
    assert metrics(x, a, inhabitants).overlap == pytest.approx(same, abs=1e-6)


@given(pairs)
def test_the_metrics_stand_in_order(cases: list[tuple[int, int, int]]) -> None:
    found = metrics(*zip(*cases, strict=True))
    assert found.mae is not None
    assert found.max_abs is not None
    assert found.exact is not None
    assert found.within_5 is not None
    assert 0 <= found.exact <= found.within_5 <= 1
    assert 0 <= found.mae <= found.max_abs + 1e-6
    assert (found.max_abs == 0) == (found.exact == 1)


@given(st.lists(st.tuples(counts, st.integers(1, 10**6)), min_size=1, max_size=40))
def test_a_gini_lies_between_nought_and_one(cases: list[tuple[int, int]]) -> None:
    persons, inhabitants = zip(*cases, strict=True)
    assume(sum(persons))
    value = gini(persons, inhabitants)
    assert value is not None
    assert -1e-12 <= value < 1


@given(
    st.lists(st.tuples(counts, st.integers(1, 10**6)), min_size=1, max_size=40),
    st.floats(1e-3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_a_gini_does_not_depend_on_the_unit_of_persons_or_of_inhabitants(
    cases: list[tuple[int, int]], more: float, larger: float
) -> None:
    persons, inhabitants = zip(*cases, strict=True)
    assume(sum(persons))
    scaled = gini([more * p for p in persons], [larger * i for i in inhabitants])
    assert scaled == pytest.approx(gini(persons, inhabitants), abs=1e-9)


@given(st.lists(st.integers(1, 10**4), min_size=1, max_size=40), st.integers(1, 9))
def test_a_gini_is_nought_in_proportion_to_inhabitants(sizes: list[int], each: int) -> None:
    assert gini([each * size for size in sizes], sizes) == pytest.approx(0, abs=1e-12)


@given(st.lists(st.tuples(counts, st.integers(1, 1000)), min_size=1, max_size=20), st.randoms())
def test_a_gini_does_not_depend_on_the_order_of_municipalities(
    cases: list[tuple[int, int]], luck: Any
) -> None:
    mixed = list(cases)
    luck.shuffle(mixed)
    assume(sum(persons for persons, _ in cases))
    assert gini(*zip(*mixed, strict=True)) == pytest.approx(
        gini(*zip(*cases, strict=True)), abs=1e-12
    )


@given(st.lists(counts, min_size=2, max_size=30, unique=True), st.randoms())
def test_a_rank_correlation_sees_only_ranks(values: list[int], luck: Any) -> None:
    other = list(values)
    luck.shuffle(other)
    found = spearman(values, other)
    assert found is not None
    assert -1 - 1e-12 <= found <= 1 + 1e-12
    assert spearman([v**3 + 1 for v in values], other) == pytest.approx(found)
    assert spearman(other, values) == pytest.approx(found)
    assert spearman(values, values) == pytest.approx(1)


# -- compare ---------------------------------------------------------------------------------------


class SmallPanel(Panel):
    """A panel with the figures of one stage, and nothing else."""

    def __init__(self, series: Series) -> None:
        super().__init__()
        self.given = series

    def requests(
        self, year: int, stage: str, group: str = "total", vintage: str = "final"
    ) -> Series:
        return self.given if (year, stage, group) == (2016, "decided", "total") else {}

    def vintages(self, year: int) -> tuple[str, ...]:
        return ("final",)


def proposal(*persons: int) -> Proposal:
    requests = tuple(
        Request(
            code=f"{place:04}",
            name=f"M{place}",
            year=2016,
            county="01",
            county_name="C",
            population=1000,
            entitlement=float(total),
            total=total,
            ordinary=total,
            em_under15=None,
            em_15_17=None,
            em=0,
            last_year=None,
            binding=(),
        )
        for place, total in enumerate(persons, start=1)
    )
    return Proposal(
        scenario="s",
        title="S",
        model="m",
        year=2016,
        as_of="2015-10-31",
        status="optimal",
        years=(),
        need={"total": sum(persons)},
        assumption="",
        unplaced={},
        goals=(),
        municipalities=requests,
        inputs=(),
        gave=(),
        ties=(),
        warnings=(),
    )


def test_unreported_figures_are_left_out_of_the_metrics_and_counted() -> None:
    series: Series = {
        "0001": Figure(10),
        "0002": Figure(None, Status.SUPPRESSED),
        "0003": Figure(None, Status.PENDING),
        "0004": Figure(30, Status.PARTIAL),
        "0005": Figure(0),
        "0006": Figure(None, Status.SUPPRESSED),
    }
    found = compare(proposal(10, 20, 30, 40, 5, 6, 7), SmallPanel(series), "decided")
    assert found.left_out == {"suppressed": 2, "pending": 1, "partial": 1, "missing": 1}
    assert found.metrics.municipalities == 2
    assert found.metrics.max_abs == 5
    assert found.metrics.overlap == pytest.approx(0.75)
    assert [row.actual for row in found.municipalities] == [10, None, None, 30, 0, None, None]
    assert [row.difference for row in found.municipalities] == [0, None, None, 10, 5, None, None]
    assert [row.status for row in found.municipalities] == [
        "reported",
        "suppressed",
        "pending",
        "partial",
        "reported",
        "suppressed",
        "missing",
    ]
    assert "1 missing, 1 partial, 1 pending, 2 suppressed" in found.warnings[0]
    assert "15 proposed and 10 decided in the 2 compared" in found.warnings[1]


def test_a_comparison_where_all_is_reported_and_adds_up_warns_of_nothing() -> None:
    series: Series = {"0001": Figure(12), "0002": Figure(8)}
    found = compare(proposal(10, 10), SmallPanel(series), "decided")
    assert (found.left_out, found.warnings) == ({}, ())
    assert (found.proposed_total, found.actual_total) == (20, 20)


def test_figures_of_other_municipalities_do_not_count() -> None:
    series: Series = {"0001": Figure(10), "9999": Figure(1000)}
    found = compare(proposal(10), SmallPanel(series), "decided")
    assert (found.actual_total, found.metrics.overlap) == (10, 1)


def test_a_stage_without_figures_is_refused() -> None:
    with pytest.raises(BadDataError, match="no settled figures"):
        compare(proposal(10), SmallPanel({}), "settled")


def test_the_json_form_calls_the_stage_with() -> None:
    found = compare(proposal(10), SmallPanel({"0001": Figure(10)}), "decided").as_dict()
    assert (found["schema"], found["with"]) == (1, "decided")
    assert "stage" not in found
