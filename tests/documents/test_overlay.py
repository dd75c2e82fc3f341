"""A scenario lies over its model, and settings lie over the scenario."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import Case, load_case, load_model, load_scenario
from allocator.documents.layers import overlay
from allocator.documents.scenario import Scenario
from allocator.errors import BadDataError, BosettError, UsageError

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
    assert overlay(document, {}) == document
    assert overlay({}, document) == document
    assert overlay(document, document) == document


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
    left = overlay(overlay(first, second), third)
    assert left == overlay(first, overlay(second, third))


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


@pytest.mark.parametrize(
    ("settings", "minors", "by_age"),
    [
        (["need.em=190", "need.em_under15=20", "need.em_15_17=170"], 190, True),
        (["need.em_under15=20", "need.em_15_17=170", "need.em=100"], 100, False),
        (["need.total=900"], 197, False),
    ],
)
def test_the_last_form_in_which_minors_are_given_holds(
    settings: list[str], minors: int, by_age: bool
) -> None:
    need = load_scenario("ostfold-2016", settings).need
    assert (need.minors, need.by_age) == (minors, by_age)


def test_a_need_in_total_leaves_the_ages_of_minors_as_they_are() -> None:
    need = load_scenario("norway-2026", ["need.total=14000"]).need
    assert (need.total, need.em_under15, need.em_15_17) == (14000, 80, 571)


@pytest.mark.parametrize(
    ("setting", "county"),
    [
        ("area.county=01", ("01",)),
        ("area.county=31", ("31",)),
        ('area.county="31"', ("31",)),
        ('area.county=["31","32"]', ("31", "32")),
        ("area.county=[]", ()),
    ],
)
def test_county_codes_are_text_whether_they_look_like_numbers_or_not(
    setting: str, county: tuple[str, ...]
) -> None:
    assert load_scenario("ostfold-2016", [setting]).area.county == county


def weights(folder: Path, tables: str, *settings: str) -> dict[str, float]:
    key = case_of(folder, tables, *settings).rule.key
    return {name: part.weight for name, part in key.items()}


def test_a_setting_into_the_key_lies_over_the_models_key(tmp_path: Path) -> None:
    assert weights(tmp_path, "", "key.population=1") == {"population": 1, "requested": 0.3}
    assert weights(tmp_path, "", "key.settled=1") == {
        "population": 0.7,
        "requested": 0.3,
        "settled": 1,
    }


def test_a_weight_that_is_set_leaves_the_rest_of_its_criterion(tmp_path: Path) -> None:
    part = case_of(tmp_path, "", "key.requested=1").rule.key["requested"]
    assert (part.weight, part.missing) == (1, "zero")
    key = case_of(tmp_path, "", "key.population.period=2014", "key.requested.as=inverse").rule.key
    assert (key["population"].weight, key["population"].period) == (0.7, "2014")
    assert (key["requested"].weight, key["requested"].as_) == (0.3, "inverse")


def test_a_setting_into_a_key_of_the_scenario_lies_over_that_key(tmp_path: Path) -> None:
    assert weights(tmp_path, "[key]\nsettled = 1", "key.population=2") == {
        "settled": 1,
        "population": 2,
    }


def test_a_key_that_is_set_whole_takes_the_place_of_the_models(tmp_path: Path) -> None:
    assert weights(tmp_path, "", "key={ settled = 1 }") == {"settled": 1}
    assert weights(tmp_path, "", "key={ settled = 1 }", "key.decided=2") == {
        "settled": 1,
        "decided": 2,
    }


def test_a_setting_into_the_key_lies_over_the_key_of_the_model_that_is_used(tmp_path: Path) -> None:
    case_of(tmp_path, "")
    for settings in (["key.settled=1", "model=population"], ["model=population", "key.settled=1"]):
        key = load_case(str(tmp_path / "s.toml"), settings).rule.key
        assert list(key) == ["population", "settled"]
    key = load_case(str(tmp_path / "s.toml"), ["key.settled=1"], model="population").rule.key
    assert list(key) == ["population", "settled"]


def test_a_setting_into_the_key_of_the_minors_lies_over_that_key(tmp_path: Path) -> None:
    own = "[minors]\nkey = { population_0_17 = 1.0 }"
    key = case_of(tmp_path, own, "minors.key.population=0.5").rule.minors.key
    assert {name: part.weight for name, part in key.items()} == {
        "population_0_17": 1,
        "population": 0.5,
    }
    assert list(case_of(tmp_path, "", "minors.key.population=1").rule.minors.key) == ["population"]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("key.population.wieght=3", "did you mean 'weight'"),
        ("key.population=much", "key.population.weight is 'much'; expected a number"),
        ('municipality."0101".capasity=3', "did you mean 'capacity'"),
        ("municipality.101.capacity=3", "write it as '0101'"),
        ("area.county=1", "write it as '01'"),
    ],
)
def test_a_setting_into_a_table_with_names_of_ones_own_says_what_is_wrong(
    setting: str, told: str
) -> None:
    with pytest.raises(BadDataError) as caught:
        load_case("ostfold-2016", [setting])
    assert told in str(caught.value)


# -- base ------------------------------------------------------------------------------------------


def scenario_over(folder: Path, text: str, name: str = "over.toml") -> Scenario:
    (folder / name).write_text(text, encoding="utf-8")
    return load_scenario(str(folder / name))


def test_a_scenario_with_a_base_holds_only_what_is_different(tmp_path: Path) -> None:
    text = "base = 'ostfold-2016'\n[need]\ntotal = 900\n[municipality.0101]\nlock = 30\n"
    scenario, below = scenario_over(tmp_path, text), load_scenario("ostfold-2016")
    assert (scenario.need.total, scenario.need.minors) == (900, 197)
    assert list(scenario.municipality) == ["0121", "0101"]
    assert (scenario.year, scenario.area, scenario.lot) == (below.year, below.area, below.lot)
    assert load_case(str(tmp_path / "over.toml"), ["need.total=950"]).scenario.need.total == 950


def test_a_municipality_in_a_scenario_lies_over_the_same_one_in_its_base(tmp_path: Path) -> None:
    text = "base = 'ostfold-2016'\n[municipality.0121]\ncapacity = 5\n"
    local = scenario_over(tmp_path, text).municipality["0121"]
    assert (local.capacity, local.note[:7]) == (5, "Rømskog")


def test_a_key_in_a_scenario_replaces_that_of_its_base(tmp_path: Path) -> None:
    scenario_over(tmp_path, "base = 'ostfold-2016'\n[key]\npopulation = 1\n", "a.toml")
    assert list(scenario_over(tmp_path, "base = 'a.toml'\n").key) == ["population"]
    text = "base = 'a.toml'\n[key]\nsettled = 1\n"
    assert list(scenario_over(tmp_path, text).key) == ["settled"]


def test_minors_in_either_form_take_the_place_of_those_of_the_base(tmp_path: Path) -> None:
    need = scenario_over(tmp_path, "base = 'norway-2026'\nneed = { em = 700 }\n").need
    assert (need.total, need.minors, need.by_age) == (13000, 700, False)
    text = "base = 'ostfold-2016'\nneed = { em_under15 = 20, em_15_17 = 170 }\n"
    need = scenario_over(tmp_path, text).need
    assert (need.total, need.minors, need.by_age) == (780, 190, True)


def test_bases_and_models_are_looked_for_from_the_document_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    case_of(tmp_path / "below", "")
    text = (tmp_path / "below" / "s.toml").read_text(encoding="utf-8")
    text = text.replace(str(tmp_path / "below" / "m.toml"), "m.toml")
    (tmp_path / "below" / "s.toml").write_text(text, encoding="utf-8")
    scenario_over(tmp_path, "base = 'below/s.toml'\nyear = 2017\n", "middle.toml")
    assert scenario_over(tmp_path, "base = 'middle.toml'\nneed = { total = 50 }\n").year == 2017
    case = load_case(str(tmp_path / "over.toml"))
    assert (case.name, case.model, case.scenario.need.total) == ("over", "m", 50)
    assert case.rule == load_model(str(tmp_path / "below" / "m.toml"))


def test_bases_that_go_in_a_circle_are_refused_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("base = 'b.toml'\n", encoding="utf-8")
    with pytest.raises(BadDataError) as caught:
        scenario_over(tmp_path, "base = 'a.toml'\n", "b.toml")
    assert f"'{tmp_path / 'a.toml'}'" in str(caught.value)
    assert f"'{tmp_path / 'b.toml'}'" in str(caught.value)
    with pytest.raises(BadDataError, match="leads back"):
        scenario_over(tmp_path, "base = 'self.toml'\n", "self.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("base = 'ostfold-2061'\n", "did you mean 'ostfold-2016'"),
        ("base = 'no.toml'\n", "there is no file"),
        ("base = 3\n", "base is 3; expected some text"),
        ("base = 'ostfold-2016'\n\n[need]\ntotal = 5\n", "line 3: need: 197 minors are more than"),
        ("base = 'ostfold-2016'\n[need]\ntoatl = 5\n", "line 3: unknown key 'need.toatl'"),
        ("base = 'ostfold-2016'\nneed = 3\n", "line 2: need is 3; expected a table"),
        ("bsae = 'ostfold-2016'\n", "did you mean 'base'"),
    ],
)
def test_a_wrong_document_over_a_base_is_told_by_its_own_lines(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(BosettError) as caught:
        scenario_over(tmp_path, text)
    assert told in str(caught.value)


def test_a_base_is_not_set_from_the_command_line() -> None:
    with pytest.raises(UsageError, match="a base is said in a document"):
        load_scenario("ostfold-2016", ["base=norway-2026"])


# -- frozen ----------------------------------------------------------------------------------------


def test_a_document_is_frozen() -> None:
    case = load_case("ostfold-2016")
    with pytest.raises(FrozenInstanceError):
        case.scenario.year = 2017  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        case.rule.lot.persons = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        case.name = "x"  # type: ignore[misc]


def test_a_scenario_knows_facts_to_the_autumn_before_its_year_unless_it_says_otherwise() -> None:
    assert load_scenario("ostfold-2016").knows_until.isoformat() == "2015-10-31"
