"""What a document says of a family becomes these limits, on three municipalities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from allocator.documents import load_case
from allocator.errors import BadDataError
from allocator.panel import Reading, Series
from allocator.panel.figures import Figure, Status
from allocator.program.examples import three
from allocator.program.families import Setting, bounds
from allocator.program.known import Table
from allocator.program.memory import Memory
from allocator.program.problem import Bound

CODES = ("0301", "3101", "3103")
INF = np.inf
PENDING = Figure(400.0, Status.PENDING)


class Past(Table):
    """A table with what was asked, decided and settled in earlier years."""

    def __init__(self, **stages: dict[int, list[float | Figure | None]]) -> None:
        columns = {"size": (1000, 2000, 4000), "there": (1, 9, 4), "central": (1, 3, 6)}
        super().__init__(
            {code: {name: of[i] for name, of in columns.items()} for i, code in enumerate(CODES)}
            | {"3104": {"gap": 1}}
        )
        self.stages = stages
        self.periods_read: list[str | None] = []

    def newest(
        self, name: str, period: str | None = None, *, blank_is_zero: bool = False
    ) -> Reading:
        self.periods_read.append(period)
        return super().newest(name, period, blank_is_zero=blank_is_zero)

    def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
        name = stage if group == "total" else f"{stage}_{group}"
        return iter(sorted(self.stages.get(name, {}), reverse=True))

    def history(
        self, stage: str, year: int, group: str = "total", *, blank_is_zero: bool = False
    ) -> Series:
        name = stage if group == "total" else f"{stage}_{group}"
        row = zip(CODES, self.stages[name][year], strict=True)
        return {
            code: value if isinstance(value, Figure) else Figure(value)
            for code, value in row
            if value is not None
        }


def said(
    *settings: str,
    past: Past | None = None,
    eligible: tuple[bool, ...] = (True, True, True),
    last: tuple[float, ...] = (60.0, 10.0, np.nan),
    memory: Memory | None = None,
    who: int = 0,
) -> tuple[dict[tuple[str, str], Bound], list[str]]:
    """The bounds by family and measure, and the warnings."""
    case = load_case("norway-2017", ["need.total=100", "need.em=20", *settings], "population")
    problem, warnings = three(), list[str]()
    setting = Setting(
        case, past or Past(), problem.units, np.array(eligible), np.array([50.0, 33.0, 17.0]),
        np.array(last), warnings, memory or Memory(), who,
    )  # fmt: skip
    return {(bound.family, bound.measure): bound for bound in bounds(setting)}, warnings


def limits(bound: Bound) -> dict[int, tuple[float, float]]:
    return {
        int(i): (float(low), float(high))
        for i, low, high in zip(bound.index, bound.lower, bound.upper, strict=True)
    }


def only(
    family: str, measure: str, *settings: str, **more: object
) -> dict[int, tuple[float, float]]:
    """The limits of a case in which one family says anything."""
    found, _ = said(*settings, **more)  # type: ignore[arg-type]
    assert list(found) == [(family, measure)]
    return limits(found[family, measure])


def test_a_rule_that_says_nothing_limits_nobody() -> None:
    assert said() == ({}, [])


def test_who_is_not_eligible_is_exempt() -> None:
    found, _ = said("need.em=0", eligible=(True, False, True))
    assert list(found) == [("exempt", "total")]
    assert limits(found["exempt", "total"]) == {1: (0, 0)}


def test_a_locked_number_is_the_only_limit() -> None:
    found, _ = said("municipality.3101.lock=7", "municipality.3101.lock_minors=2",
                    "ceiling.per_1000=0.5", "lot.every=true", "lot.persons=5")  # fmt: skip
    assert list(found) == [
        ("lock", "total"),
        ("lock", "minors"),
        ("lot", "total"),
        ("ceiling", "total"),
    ]
    assert limits(found["lock", "total"]) == {1: (7, 7)}
    assert limits(found["lock", "minors"]) == {1: (2, 2)}
    assert set(limits(found["lot", "total"])) == {0, 2}
    assert set(limits(found["ceiling", "total"])) == {0, 2}


DECIDED = Past(
    decided={2021: [900, 900, 900], 2023: [10, 20, None], 2024: [30, PENDING, None]},
    settled={2024: [5, 25, None]},
    requested={2024: [99, 99, 99]},
)


def test_a_capacity_is_a_multiple_of_the_best_reported_of_the_last_years() -> None:
    settings = ("capacity.factor=1.5", "capacity.years=2")
    found, told = said(*settings, past=DECIDED)
    assert limits(found["capacity", "total"]) == {0: (0, 45), 1: (0, 37)}
    assert found["capacity", "total"].hard
    assert told == ["no capacity is known for 1 municipalities: not limited"]
    _, told = said(*settings, past=DECIDED, eligible=(True, True, False))
    assert told == []


def test_a_capacity_may_be_stated_and_may_be_soft() -> None:
    found, _ = said(
        "capacity.factor=1.5", "capacity.best_of=['requested']", "capacity.hard=false",
        "municipality.3101.capacity=8", "municipality.3103.capacity_minors=3", past=DECIDED,
    )  # fmt: skip
    assert limits(found["capacity", "total"]) == {0: (0, 148), 1: (0, 8), 2: (0, 148)}
    assert limits(found["capacity", "minors"]) == {2: (0, 3)}
    assert not found["capacity", "total"].hard
    assert not found["capacity", "minors"].hard


def test_some_have_a_factor_of_their_own_and_the_smallest_of_several() -> None:
    among = (
        "capacity.among=[{indicator='central',max=3,factor=0.5},"
        "{indicator='central',min=3,max=5,factor=0.25}]",
        "capacity.best_of=['requested']",
    )
    alone = only("capacity", "total", *among, past=DECIDED)
    assert alone == {0: (0, 49), 1: (0, 24)}
    others = only("capacity", "total", *among, "capacity.factor=2.0", past=DECIDED)
    assert others == {0: (0, 49), 1: (0, 24), 2: (0, 198)}


def test_every_eligible_municipality_may_have_to_take_a_lot() -> None:
    settings = ("lot.persons=10", "lot.every=true", "municipality.3101.lot=4")
    assert only("lot", "total", *settings) == {0: (10, INF), 1: (4, INF), 2: (10, INF)}
    minors = ("lot.minors=5", "lot.every_minors=true", "municipality.3101.lot_minors=3")
    assert only("lot", "minors", *minors) == {0: (5, INF), 1: (3, INF), 2: (5, INF)}
    assert said(*minors, "need.em=0")[0] == {}


def test_a_band_is_around_last_years_request_and_not_around_none() -> None:
    found, told = said("band.down=0.5", "band.up=0.2")
    assert limits(found["band", "total"]) == {0: (30, 72), 1: (5, 12)}
    assert told == ["1 municipalities had no request last year: the band does not limit them"]
    assert only("band", "total", "band.down=0.5") == {0: (30, INF), 1: (5, INF)}
    assert only("band", "total", "band.up=0.2") == {0: (0, 72), 1: (0, 12)}
    soft, _ = said("band.up=0.2", "band.hard=false")
    assert not soft["band", "total"].hard


def test_a_scaled_band_is_around_last_years_part_of_the_need() -> None:
    scaled = ("band.down=0.5", "band.up=0.5", "band.scaled=true")
    last = (60.0, 20.0, 120.0)
    assert only("band", "total", *scaled, last=last)[0] == (15, 45)
    found, _ = said(*scaled, last=last, eligible=(True, True, False))
    assert limits(found["band", "total"]) == {0: (38, 112), 1: (13, 37)}


def test_a_band_of_ones_own_stands_in_its_place_and_needs_no_warning() -> None:
    found, told = said(
        "band.down=0.5", "band.up=0.2",
        "municipality.3101.band_least=1", "municipality.3103.band_most=9",
    )  # fmt: skip
    assert limits(found["band", "total"]) == {0: (30, 72), 1: (1, 12), 2: (0, 9)}
    assert told == []


def test_a_ceiling_is_by_size_less_those_already_there() -> None:
    plain = only("ceiling", "total", "ceiling.per_1000=0.5")
    assert plain == {0: (0, 350), 1: (0, 15), 2: (0, 25)}
    of = ("ceiling.per_1000=4", "ceiling.of=size", "ceiling.there=there")
    assert only("ceiling", "total", *of) == {0: (0, 3), 1: (0, 0), 2: (0, 12)}
    own = (*of, "municipality.3101.ceiling=6", "ceiling.hard=false")
    found, _ = said(*own, eligible=(False, True, True))
    assert limits(found["ceiling", "total"]) == {1: (0, 6), 2: (0, 12)}
    assert not found["ceiling", "total"].hard


def test_minors_have_a_ceiling_of_their_own() -> None:
    settings = (
        "ceiling.minors={per_1000=2,of='size',there='there'}",
        "municipality.3103.ceiling_minors=1",
    )
    assert only("ceiling", "minors", *settings) == {0: (0, 1), 1: (0, 0), 2: (0, 1)}
    assert said(*settings, "need.em=0")[0] == {}


def test_a_county_has_its_part_of_the_key_first_or_within_a_band_of_it() -> None:
    assert said("county.split=free")[0] == {}
    assert only("county", "county", "county.split=first") == {0: (50, 50), 1: (50, 50)}
    steps = ("county.split=first", "whole.step=20")
    assert only("county", "county", *steps) == {0: (40, 60), 1: (40, 60)}
    band = ("county.split=band", "county.within=0.1")
    assert only("county", "county", *band) == {0: (45, 55), 1: (45, 55)}
    wide = ("county.split=band", "county.within=0.9")
    assert only("county", "county", *wide) == {0: (5, 95), 1: (5, 95)}
    own = (*band, "county.least.03=20", "county.most.31=70", "county.hard=false")
    found, _ = said(*own)
    assert limits(found["county", "county"]) == {0: (20, 55), 1: (45, 70)}
    assert not found["county", "county"].hard


def test_minors_are_where_there_is_a_service_and_a_share_of_all_who_come() -> None:
    declared = ("minors.service=declared", "municipality.3101.minors_service=true")
    assert only("minors", "minors", *declared) == {0: (0, 0), 2: (0, 0)}
    found, _ = said(*declared, "minors.share=0.5", "municipality.3101.minors_beyond=2")
    assert limits(found["minors", "share"]) == {1: (0, 2)}
    assert found["minors", "share"].hard
    not_here = ("minors.share=0.5", "municipality.3101.minors_service=false")
    found, _ = said(*not_here, "minors.hard=false")
    assert limits(found["minors", "minors"]) == {1: (0, 0)}
    assert limits(found["minors", "share"]) == {0: (0, 0), 2: (0, 0)}
    assert not found["minors", "share"].hard
    assert said(*not_here, "need.em=0")[0] == {}


@pytest.mark.parametrize("stage", ["requested", "decided", "settled"])
def test_a_service_is_known_by_the_minors_of_earlier_years(stage: str) -> None:
    years: dict[int, list[float | Figure | None]] = {2020: [3, 0, None], 2024: [0, 0, None]}
    past = Past(**{f"{stage}_em": years})
    found, told = said("minors.service=history", past=past)
    assert limits(found["minors", "minors"]) == {1: (0, 0), 2: (0, 0)}
    assert told == [
        "no earlier figure of minors is known for 1 municipalities: "
        "taken as without a service for them"
    ]


def test_some_are_told_by_the_period_that_the_rule_names_and_a_missing_figure_is_told() -> None:
    among = (
        "capacity.among=[{indicator='gap',period='2020',max=3,factor=0.5}]",
        "capacity.best_of=['requested']",
    )
    past = Past(requested={2024: [99, 99, 99]})
    found, told = said(*among, past=past)
    assert found == {}
    assert past.periods_read == ["2020"]
    assert told == ["gap given is unknown for 3 municipalities: their capacity is the usual"]


def test_two_ceilings_of_one_case_are_each_by_its_own_size() -> None:
    both = ("ceiling.per_1000=1", "ceiling.minors={per_1000=1,of='size'}")
    found, _ = said(*both)
    assert limits(found["ceiling", "total"]) == {0: (0, 700), 1: (0, 30), 2: (0, 50)}
    assert limits(found["ceiling", "minors"]) == {0: (0, 1), 1: (0, 2), 2: (0, 4)}


def test_a_ceiling_may_be_by_a_size_of_the_rules_own_and_needs_every_figure() -> None:
    own = ("size.seats={of={size=0.5,there=1.0}}", "ceiling.of=seats", "ceiling.per_1000=10")
    assert only("ceiling", "total", *own) == {0: (0, 5), 1: (0, 10), 2: (0, 20)}
    with pytest.raises(BadDataError, match="gap given of 3101 is missing") as caught:
        said("ceiling.of=gap", "ceiling.per_1000=10")
    assert len(caught.value.faults) == 3


def test_who_is_left_out_has_no_limit_of_minors_but_none() -> None:
    here = (True, True, False)
    stated = ("municipality.3103.capacity_minors=3", "municipality.3101.capacity_minors=4")
    found, _ = said(*stated, eligible=here)
    assert limits(found["capacity", "minors"]) == {1: (0, 4)}
    lots = ("lot.minors=5", "lot.every_minors=true", "municipality.3101.minors_service=false")
    found, _ = said(*lots, eligible=here)
    assert limits(found["lot", "minors"]) == {0: (5, INF)}
    assert limits(found["minors", "minors"]) == {1: (0, 0), 2: (0, 0)}


def test_what_is_remembered_of_one_case_is_not_taken_for_another() -> None:
    memory, past = Memory(), Past(requested={2024: [10, 20, 30]})
    plain = ("capacity.factor=1.0", "capacity.best_of=['requested']")
    first, _ = said(*plain, "ceiling.per_1000=1", past=past, memory=memory)
    other, _ = said("capacity.factor=2.0", *plain[1:], "ceiling.per_1000=1", "ceiling.of=size",
                    past=past, memory=memory)  # fmt: skip
    fewer, told = said(*plain, past=past, memory=memory, who=1, eligible=(True, False, True))
    assert limits(first["capacity", "total"]) == {0: (0, 10), 1: (0, 20), 2: (0, 30)}
    assert limits(first["ceiling", "total"])[0] == (0, 700)
    assert limits(other["capacity", "total"]) == {0: (0, 20), 1: (0, 40), 2: (0, 60)}
    assert limits(other["ceiling", "total"])[0] == (0, 1)
    assert limits(fewer["capacity", "total"]) == {0: (0, 10), 2: (0, 30)}
    assert told == []
