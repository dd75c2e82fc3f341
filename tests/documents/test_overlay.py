"""A scenario lies over its model, and settings lie over the scenario."""

from pathlib import Path

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import Case, load_case, load_model, load_scenario
from allocator.documents.case import _overlay
from allocator.errors import BadDataError, UsageError

MODEL = """\
title = "A rule"
source = "A letter"
[key]
population = 0.7
requested = { weight = 0.3, missing = "zero" }
[lot]
persons = 10
minors = 4
[whole]
step = 5
"""
SCENARIO = """\
title = "A case"
source = "A letter"
year = 2016
model = "{model}"
[need]
total = 100
{tables}
"""


def case_of(folder: Path, tables: str, *settings: str) -> Case:
    (folder / "m.toml").write_text(MODEL, encoding="utf-8")
    text = SCENARIO.format(model=folder / "m.toml", tables=tables)
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return load_case(str(folder / "s.toml"), settings)


def test_a_scenario_without_rule_tables_leaves_the_model_as_it_is(tmp_path: Path) -> None:
    assert case_of(tmp_path, "").rule == load_model(str(tmp_path / "m.toml"))


def test_a_key_in_a_scenario_replaces_the_models_key_whole(tmp_path: Path) -> None:
    assert list(case_of(tmp_path, "[key]\nsettled = 1.0").rule.key) == ["settled"]


def test_any_other_table_of_a_scenario_is_merged_with_the_models(tmp_path: Path) -> None:
    rule = case_of(tmp_path, "[lot]\npersons = 20\n[goals]\neven = 'l1'").rule
    assert (rule.lot.persons, rule.lot.minors, rule.whole.step) == (20, 4, 5)
    assert (rule.goals.even, rule.goals.order) == ("l1", ("place", "even", "steady"))


def test_a_key_of_the_minors_is_replaced_whole_too(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    case = case_of(tmp_path, "[minors]\nshare = 0.5\nkey = { population_0_17 = 1.0 }")
    assert list(case.rule.minors.key) == ["population_0_17"]
    assert case.rule.minors.share == 0.5
    assert list(case.rule.key) == ["population", "requested"]


def test_the_rule_keeps_the_title_and_source_of_the_model(tmp_path: Path) -> None:
    assert case_of(tmp_path, "[lot]\npersons = 20").rule.title == "A rule"


def test_a_model_can_be_put_in_another_ones_place(tmp_path: Path) -> None:
    case_of(tmp_path, "")
    case = load_case(str(tmp_path / "s.toml"), model="population")
    assert (case.model, list(case.rule.key)) == ("population", ["population"])


tables = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from("abcd"), tables, max_size=4)


@given(documents)
def test_an_empty_overlay_changes_nothing_and_a_document_over_itself_is_itself(
    document: dict[str, object],
) -> None:
    assert _overlay(document, {}) == document
    assert _overlay({}, document) == document
    assert _overlay(document, document) == document


@given(documents, documents, documents)
def test_overlays_can_be_laid_in_any_grouping_where_no_table_meets_a_value(
    first: dict[str, object], second: dict[str, object], third: dict[str, object]
) -> None:
    def kinds(document: dict[str, object], at: str = "") -> dict[str, bool]:
        found: dict[str, bool] = {}
        for name, value in document.items():
            found[at + name] = isinstance(value, dict)
            if isinstance(value, dict):
                found |= kinds(value, at + name)
        return found

    shapes = [kinds(document) for document in (first, second, third)]
    for name in set().union(*shapes):
        if len({shape[name] for shape in shapes if name in shape}) > 1:
            return
    left = _overlay(_overlay(first, second), third)
    assert left == _overlay(first, _overlay(second, third))


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("need.total=14000", 14000),
        ("need.total = 14000", 14000),
        ("need.assumption=a guess, no more", "a guess, no more"),
        ('need.assumption="quoted"', "quoted"),
        ("need.hard=false", False),
    ],
)
def test_a_setting_of_the_need_takes_numbers_words_and_truth(
    setting: str, expected: object
) -> None:
    need = load_scenario("ostfold-2016", [setting]).need
    assert getattr(need, setting.split("=")[0].strip().removeprefix("need.")) == expected


def test_a_county_code_in_a_setting_keeps_its_leading_zero() -> None:
    assert load_scenario("ostfold-2016", ["area.county=01"]).area.county == ("01",)


@pytest.mark.parametrize("key", ['municipality."0101".capacity', "municipality.0101.capacity"])
def test_a_municipality_in_a_setting_may_be_quoted_or_not(key: str) -> None:
    scenario = load_scenario("ostfold-2016", [f"{key}=1000"])
    assert scenario.municipality["0101"].capacity == 1000
    assert scenario.municipality["0121"].note.startswith("Rømskog")


def test_a_list_of_codes_may_be_set() -> None:
    area = load_scenario("norway-2026", ['area.county=["31", "32"]']).area
    assert area.county == ("31", "32")


def test_a_date_may_be_set() -> None:
    scenario = load_scenario("ostfold-2016", ["as_of=2015-11-30"])
    assert scenario.knows_until.isoformat() == "2015-11-30"


def test_a_table_may_be_set() -> None:
    rule = load_case("ostfold-2016", ["key={ population = 0.5, settled = 0.5 }"]).rule
    assert list(rule.key) == ["population", "settled"]


def test_a_setting_of_a_rule_reaches_the_effective_rule() -> None:
    rule = load_case("ostfold-2016", ["lot.persons=20", "goals.even=l1", "band.up=0.25"]).rule
    assert (rule.lot.persons, rule.goals.even, rule.band.up) == (20, "l1", 0.25)


def test_a_model_may_be_set_by_name() -> None:
    assert load_case("ostfold-2016", ["model=population"]).model == "population"


def test_the_last_of_two_settings_of_one_key_holds() -> None:
    settings = ["need.total=900", "need.total=800"]
    assert load_scenario("ostfold-2016", settings).need.total == 800


def test_minors_by_age_take_the_place_of_minors_in_one_number() -> None:
    need = load_scenario("ostfold-2016", ["need.em_under15=20", "need.em_15_17=170"]).need
    assert (need.minors, need.by_age) == (190, True)


def test_minors_in_one_number_take_the_place_of_minors_by_age() -> None:
    need = load_scenario("norway-2026", ["need.em=700"]).need
    assert (need.minors, need.by_age) == (700, False)


@pytest.mark.parametrize(
    "setting", ["", "need.total", "=3", ".total=3", "need..total=3", "need.=3", "need.total.x=3"]
)
def test_a_setting_of_a_bad_form_is_a_usage_error(setting: str) -> None:
    with pytest.raises(UsageError, match="--set") as caught:
        load_scenario("ostfold-2016", [setting])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("need.toatl=3", "did you mean 'total'"),
        ("titel=x", "did you mean 'title'"),
        ("need.total=many", "need.total is 'many'"),
        ("need.total=1e3", "need.total is 1000.0"),
        ("need=3", "need is 3"),
        ("year=1066", "year is 1066"),
        ("goals.even=fair", "goals.even is 'fair'"),
        ("whole.step=0", "whole.step is 0"),
        ("county.within=2", "county.within is 2"),
    ],
)
def test_a_setting_that_makes_a_wrong_document_says_which(setting: str, told: str) -> None:
    with pytest.raises(BadDataError) as caught:
        load_case("ostfold-2016", [setting])
    assert told in str(caught.value)
    assert setting in str(caught.value)


@given(st.integers(0, 10**6))
def test_any_need_that_is_set_is_the_need(total: int) -> None:
    assert load_scenario("ostfold-2015", [f"need.total={total}"]).need.total == total


def test_a_setting_never_changes_the_shipped_document() -> None:
    load_scenario("ostfold-2016", ["need.total=1000", 'municipality."0101".lock=3'])
    again = load_scenario("ostfold-2016")
    assert (again.need.total, list(again.municipality)) == (780, ["0121"])


# -- frozen ----------------------------------------------------------------------------------------


def test_a_document_is_frozen() -> None:
    case = load_case("ostfold-2016")
    with pytest.raises(pydantic.ValidationError):
        case.scenario.year = 2017  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        case.rule.lot.persons = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        case.name = "x"  # type: ignore[misc]


def test_a_scenario_knows_facts_to_the_autumn_before_its_year_unless_it_says_otherwise() -> None:
    assert load_scenario("ostfold-2016").knows_until.isoformat() == "2015-10-31"
