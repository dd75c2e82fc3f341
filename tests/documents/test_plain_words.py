"""A wrong document is told in the words of the person who wrote it."""

import copy
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import load_case, load_scenario, shipped_names
from allocator.documents.base import Document
from allocator.documents.kinds import fields_of, known_keys, takes_text
from allocator.documents.model import Lot, Model
from allocator.documents.read import validated
from allocator.documents.scenario import Local, Need, Scenario
from allocator.errors import BadDataError, BosettError, MissingInputError

ROOT = Path(__file__).parents[2]
PLAIN = """\
title = "A case"
source = "A letter"
year = 2016
model = "population"
need = { total = 100 }
"""


def told(folder: Path, text: str) -> list[str]:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError) as caught:
        load_case(str(path))
    return [str(fault).removeprefix(str(path)) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ("vintage = ''", "vintage is ''; expected some text"),
        ("vintage = 3", "vintage is 3; expected some text"),
        ("area = 3", "area is 3; expected a table"),
        ("municipality = 3", "municipality is 3; expected a table"),
        ("key = 3", "key is 3; expected a table"),
        ("[key]\nx = 'much'", "key.x is 'much'; expected a number"),
        ("[key]\nx = nan", "key.x is nan; expected a finite number"),
        ("[lot]\npersons = 1.5", "lot.persons is 1.5; expected a whole number"),
        ("[lot]\npersons = -1", "lot.persons is -1; expected at least 0"),
        ("[lot]\nevery = 1", "lot.every is 1; expected true or false"),
        ("[county]\nwithin = 2.0", "county.within is 2.0; expected at most 1"),
        ("[goals]\norder = 'even'", "goals.order is 'even'; expected a list"),
        ("[goals]\norder = ['odd']", "goals.order[0] is 'odd'; expected 'place', 'even' or"),
        ("as_of = '2015'", "as_of is '2015'; expected a date such as 2015-10-31"),
        ("as_of = 2015-01-01T12:00:00", "as_of is 2015-01-01T12:00:00; expected a date such as"),
        ("eligible.where = [{ indicator = 'x', min = '3' }]", "eligible.where[0].min is '3'"),
    ],
)
def test_what_is_expected_is_told_in_plain_words(
    tmp_path: Path, tables: str, expected: str
) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}{tables}\n")
    line = 6 + tables.count("\n")
    assert fault.startswith(f", line {line}: {expected}")
    for word in ("Input", "dictionary", "instance", "integer", "String", "valid"):
        assert word not in fault


def test_a_key_without_criteria_is_told_to_need_one(tmp_path: Path) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}[key]\n")
    assert fault.endswith("key is empty; expected at least one criterion")


def test_faults_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    faults = told(tmp_path, PLAIN.replace("100", "-1") + "[lot]\npersons = -1\n[area]\ncouny = 1\n")
    assert [fault.split(":")[0] for fault in faults] == [", line 5", ", line 7", ", line 9"]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (
            "[area]\ncounty = 1",
            "area.county is 1; expected two digits in quotes, such as '01' – write it as '01'",
        ),
        (
            "[area]\ncounty = ['31', '1']",
            "area.county[1] is '1'; expected two digits in quotes, such as '01' – write it as '01'",
        ),
        (
            "[area]\nmunicipality = 301",
            "area.municipality is 301; expected four digits in quotes, "
            "such as '0101' – write it as '0301'",
        ),
        (
            "[area]\ncounty = 'Oslo'",
            "area.county is 'Oslo'; expected two digits in quotes, such as '01'",
        ),
        (
            "[municipality.301]\nlock = 1",
            'municipality."301" is no municipality code; expected four '
            "digits in quotes, such as '0101' – write it as '0301'",
        ),
        (
            "[horizon.need.17]\ntotal = 1",
            "horizon.need.\"17\" is no key here; expected a year such as '2016'",
        ),
    ],
)
def test_a_code_is_told_how_many_digits_it_has(tmp_path: Path, tables: str, expected: str) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}{tables}\n")
    assert fault.endswith(expected)


def test_all_wrong_codes_are_told_at_once(tmp_path: Path) -> None:
    tables = (
        "[area]\ncounty = 1\nmunicipality = [301, '0101', 5]\n[municipality.11]\n[municipality.x]\n"
    )
    assert len(told(tmp_path, PLAIN + tables)) == 5


@pytest.mark.parametrize("period", ["", "14", "2014-13", "2014-1", "2014K1", "autumn"])
def test_a_period_is_a_year_or_a_month(tmp_path: Path, period: str) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}[key]\nx = {{ weight = 1, period = '{period}' }}\n")
    assert fault.endswith("expected a year such as '2014' or a month such as '2022-10'")


@pytest.mark.parametrize("total", ["1000001", "99999999999999999999", "9" * 100])
def test_a_need_of_more_than_a_million_is_refused(tmp_path: Path, total: str) -> None:
    (fault,) = told(tmp_path, PLAIN.replace("100", total))
    assert fault.endswith("expected at most 1 000 000")


def test_a_number_of_many_thousand_digits_is_told_and_no_trace(tmp_path: Path) -> None:
    (fault,) = told(tmp_path, PLAIN.replace("100", "9" * 5000))
    assert "is not TOML" in fault
    (fault,) = told(tmp_path, "x = " + "[" * 100_000)
    assert "nested too deeply" in fault


def test_a_scenario_cannot_know_what_comes_after_its_year(tmp_path: Path) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}as_of = 2026-01-01\n")
    assert fault == ", line 6: as_of: a scenario of 2016 cannot know 2026-01-01"
    assert load_scenario("ostfold-2016", ["as_of=2016-12-31"]).knows_until.year == 2016


@pytest.mark.parametrize(
    ("local", "line", "expected"),
    [
        ("exempt = true\nlock = 5", 8, "lock: exempt, and yet asked for exactly 5"),
        (
            "exempt = true\nlock_minors = 5",
            8,
            "lock_minors: exempt, and yet asked for exactly 5 minors",
        ),
        (
            "lock = 5\nlock_minors = 6",
            8,
            "lock_minors: 6 minors are more than the 5 it is asked for",
        ),
        ("lock = 5\ncapacity = 4", 7, "lock: 5 is more than the capacity of 4"),
        (
            "capacity_minors = 4\nlock_minors = 5",
            8,
            "lock_minors: 5 is more than the capacity of 4",
        ),
    ],
)
def test_what_is_known_of_a_municipality_must_go_together(
    tmp_path: Path, local: str, line: int, expected: str
) -> None:
    (fault,) = told(tmp_path, f"{PLAIN}[municipality.0101]\n{local}\n")
    assert fault.startswith(f", line {line}: municipality.0101.{expected}")


def test_all_contradictions_are_told_at_once(tmp_path: Path) -> None:
    local = "lock = 5\nexempt = true\nlock_minors = 6\ncapacity = 4\n"
    faults = told(tmp_path, f"{PLAIN}[municipality.0101]\n{local}[municipality.0104]\n{local}")
    assert len(faults) == 8


@pytest.mark.parametrize(
    "local", ["exempt = true\nlock = 0", "lock = 5\nlock_minors = 5\ncapacity = 5"]
)
def test_what_goes_together_is_not_refused(tmp_path: Path, local: str) -> None:
    (tmp_path / "s.toml").write_text(f"{PLAIN}[municipality.0101]\n{local}\n", encoding="utf-8")
    assert "0101" in load_scenario(str(tmp_path / "s.toml")).municipality


def test_a_weight_may_be_negative(tmp_path: Path) -> None:
    text = f"{PLAIN}[key]\npopulation = 1.5\nrequested = -0.5\n"
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    assert load_case(str(tmp_path / "s.toml")).rule.key["requested"].weight == -0.5


# -- documents that are not there ------------------------------------------------------------------


def test_a_shipped_name_with_an_ending_is_told_its_name() -> None:
    with pytest.raises(MissingInputError, match=r"is named 'ostfold-2016', without \.toml"):
        load_scenario("ostfold-2016.toml")


def test_a_file_that_is_not_there_is_told_from_files_that_are_near_by_name(tmp_path: Path) -> None:
    for name in ("rule.toml", "other.toml"):
        (tmp_path / name).write_text("", encoding="utf-8")
    with pytest.raises(MissingInputError) as caught:
        load_scenario(str(tmp_path / "rul.toml"))
    assert f"did you mean '{tmp_path / 'rule.toml'}'?" in str(caught.value)
    assert "other" not in str(caught.value)


@pytest.mark.parametrize(
    "name", [f"{'x' * 5000}.toml", "\0.toml", ".toml", "~.toml", "x/../y.toml"]
)
def test_a_name_no_file_can_have_is_told_and_no_trace(name: str) -> None:
    with pytest.raises(MissingInputError, match=r"there is no file|cannot be a file"):
        load_scenario(name)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no folder"):
        load_scenario(str(tmp_path / "no" / "s.toml"))


@pytest.mark.parametrize("name", ["", "x", "ostfold", "ostfold-2061"])
def test_an_unknown_name_is_told_in_a_sentence_that_reads_well(name: str) -> None:
    with pytest.raises(MissingInputError) as caught:
        load_scenario(name)
    message = str(caught.value)
    assert "'bosett scenarios' lists" in message
    for slip in ("?;", "''", "  ", " ;", "– ;", "..", "known: ;"):
        assert slip not in message


def test_a_model_is_looked_for_beside_the_scenario_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "here").mkdir()
    rule = "title = '{0}'\nsource = 's'\n[key]\npopulation = 1\n"
    scenario = PLAIN.replace('"population"', '"rule.toml"')
    (tmp_path / "mine" / "s.toml").write_text(scenario, encoding="utf-8")
    (tmp_path / "here" / "rule.toml").write_text(rule.format("here"), encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(MissingInputError) as caught:
        load_case("../mine/s.toml")
    assert "there is no file '../mine/rule.toml'" in str(caught.value)
    assert "from the place of '../mine/s.toml'" in str(caught.value)
    (tmp_path / "mine" / "rule.toml").write_text(rule.format("mine"), encoding="utf-8")
    assert load_case("../mine/s.toml").rule.title == "mine"
    assert load_case("../mine/s.toml", model="rule.toml").rule.title == "here"
    assert load_case("../mine/s.toml", ["model=rule.toml"]).rule.title == "here"


# -- the classes themselves ------------------------------------------------------------------------


def test_a_document_made_in_code_is_checked_like_one_that_is_read() -> None:
    assert Lot(persons=3) == Lot(persons=3) != Lot(persons=4)
    assert Lot(persons=3) != 3
    assert len({Lot(persons=3), Lot(persons=3), Lot()}) == 2
    with pytest.raises(pydantic_core.ValidationError):
        Lot(persons=-1)
    with pytest.raises(pydantic_core.ValidationError, match="more than the total"):
        Need(total=3, em=4)
    with pytest.raises(pydantic_core.ValidationError):
        Local(exempt=True, lock=3)


def test_a_document_can_be_copied_and_sent_to_another_process() -> None:
    scenario = load_scenario("ostfold-2016")
    assert copy.deepcopy(scenario) == scenario
    assert pickle.loads(pickle.dumps(scenario)) == scenario
    with pytest.raises(AttributeError):
        del scenario.year


def test_a_document_as_fields_is_what_json_can_hold_and_reads_back_the_same() -> None:
    for name in shipped_names("scenarios"):
        case = load_case(name, ["as_of=2014-10-31", "key.population.as=inverse"])
        fields = json.loads(json.dumps(case.rule.as_dict()))
        assert fields["key"]["population"]["as"] == "inverse"
        told = json.loads(json.dumps(case.scenario.as_dict()))
        assert (told["as_of"], told["base"]) == ("2014-10-31", None)
        assert list(told) == known_keys(Scenario, ())


def test_reading_a_case_loads_only_the_part_of_pydantic_that_validates() -> None:
    code = "import sys, allocator.documents as d; d.load_case('norway-2026'); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "pydantic_core" in loaded
    assert not {"pydantic", "numpy", "pandas"} & loaded


def tables_of(cls: type[Document], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, _, kind in fields_of(cls):
        yield (*at, key)
        if kind.is_table:
            yield from tables_of(kind.inner, (*at, key))


PATHS = sorted(tables_of(Scenario))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([Model, Scenario]), st.dictionaries(st.sampled_from(PATHS), values, max_size=5)
)
def test_any_tables_make_a_document_or_faults_and_never_another_error(
    cls: type[Model] | type[Scenario], given_values: dict[tuple[str, ...], object]
) -> None:
    raw: dict[str, object] = {}
    for path, value in given_values.items():
        table = raw
        for part in path[:-1]:
            inner = table.setdefault(part, {})
            table = inner if isinstance(inner, dict) else {}
        table[path[-1]] = value
    try:
        made = isinstance(validated(cls, raw, "any.toml"), cls)
    except BadDataError as error:
        made = all(str(fault).startswith("any.toml: ") for fault in error.faults)
    assert made


@given(st.sampled_from(PATHS), st.text(max_size=8))
def test_any_setting_makes_a_scenario_or_is_told_and_never_another_error(
    path: tuple[str, ...], text: str
) -> None:
    try:
        good = load_scenario("ostfold-2016", [f"{'.'.join(path)}={text}"]).need.total >= 0
    except BosettError as error:
        good = all("--set" in str(fault) for fault in error.faults)
    assert good
    assert takes_text(Scenario, path) in ((), (str,), (str, list))
