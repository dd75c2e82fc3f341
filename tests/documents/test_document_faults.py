"""A wrong document is refused with every fault, where it is, and what to write instead."""

import shutil
from dataclasses import MISSING
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import load_case, load_model, load_scenario
from allocator.documents.kinds import fields_of, known_keys
from allocator.documents.lines import line_of
from allocator.documents.model import Model
from allocator.documents.read import read_toml, validated
from allocator.documents.scenario import Scenario
from allocator.errors import BadDataError, Fault, MissingInputError, did_you_mean
from allocator.locate import shipped

MODEL = """\
#:schema model.schema.json
title = "A rule"
source = "A letter"

[key]
population = 1.0
"""
SCENARIO = """\
#:schema scenario.schema.json
title = "A case"
source = "A letter"
year = 2016
model = "population"

[area]
county = "01"

[need]
total = 100
"""


def faults_of_model(folder: Path, text: str) -> tuple[Fault, ...]:
    path = folder / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError) as caught:
        load_model(str(path))
    return caught.value.faults


def faults_of_scenario(folder: Path, text: str) -> tuple[Fault, ...]:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError) as caught:
        load_scenario(str(path))
    return caught.value.faults


def test_the_plain_documents_of_these_tests_are_sound(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "s.toml").write_text(SCENARIO, encoding="utf-8")
    assert load_model(str(tmp_path / "m.toml")).key["population"].weight == 1.0
    assert load_scenario(str(tmp_path / "s.toml")).area.county == ("01",)


@pytest.mark.parametrize(
    ("text", "row", "key", "nearest"),
    [
        (MODEL.replace("title", "titel"), 2, "titel", "title"),
        (MODEL + "[lott]\npersons = 10\n", 7, "lott", "lot"),
        (MODEL + "[lot]\npersons = 10\nminor = 5\n", 9, "lot.minor", "minors"),
        (MODEL + '[goals]\nevenn = "l1"\n', 8, "goals.evenn", "even"),
        (MODEL.replace("1.0", "{ wieght = 1.0, weight = 1.0 }"), 6, "wieght", "weight"),
        (MODEL.replace("1.0", "{ weight = 1.0, ass = 'share' }"), 6, "ass", "as"),
        (
            MODEL.replace("1.0", "{ weight = 1.0, cap = { factor = 1.5, basic = 'x' } }"),
            6,
            "basic",
            "basis",
        ),
    ],
)
def test_an_unknown_key_of_a_model_is_refused_with_its_line_and_the_nearest_key(
    tmp_path: Path, text: str, row: int, key: str, nearest: str
) -> None:
    found = [f for f in faults_of_model(tmp_path, text) if f.code == "document.unknown-key"]
    assert len(found) == 1
    assert found[0].row == row
    assert f"{key}'" in found[0].found
    assert f"'{nearest}'" in found[0].remedy
    assert found[0].file == str(tmp_path / "m.toml")


@pytest.mark.parametrize(
    ("text", "row", "key", "nearest"),
    [
        (SCENARIO + "em_under_15 = 3\n", 12, "need.em_under_15", "em_under15"),
        (SCENARIO.replace("county", "conty"), 8, "area.conty", "county"),
        (SCENARIO + '[municipality."0101"]\ncapasity = 4\n', 13, "capasity", "capacity"),
        (
            SCENARIO.replace("[area]", 'municipality."0101".capasity = 4\n[area]'),
            7,
            "capasity",
            "capacity",
        ),
        (SCENARIO + "[lot]\nperson = 4\n", 13, "lot.person", "persons"),
    ],
)
def test_an_unknown_key_of_a_scenario_is_refused_with_its_line_and_the_nearest_key(
    tmp_path: Path, text: str, row: int, key: str, nearest: str
) -> None:
    found = [f for f in faults_of_scenario(tmp_path, text) if f.code == "document.unknown-key"]
    assert len(found) == 1
    assert found[0].row == row
    assert f"{key}'" in found[0].found
    assert f"'{nearest}'" in found[0].remedy


def test_every_fault_of_a_document_is_told_at_once(tmp_path: Path) -> None:
    text = SCENARIO.replace("title", "titel").replace("2016", '"2016"').replace("100", '"100"')
    text += 'emm = 3\n[municipality."0101"]\nlock = -1\n'
    told = {(f.row, f.found) for f in faults_of_scenario(tmp_path, text)}
    assert told == {
        (2, "unknown key 'titel'"),
        (None, "the key 'title' is missing"),
        (4, "year is '2016'"),
        (11, "need.total is '100'"),
        (12, "unknown key 'need.emm'"),
        (14, "municipality.0101.lock is -1"),
    }


@pytest.mark.parametrize("key", ["title", "source", "key"])
def test_a_model_without_title_source_or_key_is_refused(tmp_path: Path, key: str) -> None:
    lines = [line for line in MODEL.splitlines() if not line.startswith((key, f"[{key}]"))]
    text = "\n".join(line for line in lines if key != "key" or "population" not in line)
    (fault,) = faults_of_model(tmp_path, text)
    assert fault.code == "document.missing-key"
    assert f"'{key}'" in fault.found


@pytest.mark.parametrize("key", ["title", "source", "year", "model"])
def test_a_scenario_without_title_source_year_or_model_is_refused(tmp_path: Path, key: str) -> None:
    text = "\n".join(line for line in SCENARIO.splitlines() if not line.startswith(key))
    (fault,) = faults_of_scenario(tmp_path, text)
    assert fault.code == "document.missing-key"
    assert f"'{key}'" in fault.found


@pytest.mark.parametrize("key", ["title", "source"])
def test_an_empty_title_or_source_is_as_good_as_none(tmp_path: Path, key: str) -> None:
    word = {"title": "A case", "source": "A letter"}[key]
    (fault,) = faults_of_scenario(tmp_path, SCENARIO.replace(f'{key} = "{word}"', f'{key} = ""'))
    assert fault.row == {"title": 2, "source": 3}[key]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total = 100", 'total = "100"'),
        ("total = 100", "total = 100.0"),
        ("total = 100", "total = true"),
        ("total = 100", "total = -1"),
        ("total = 100", "total = nan"),
        ("total = 100", "total = [100]"),
        ("year = 2016", "year = 2016.5"),
        ("year = 2016", 'year = "2016"'),
        ('county = "01"', "county = 1"),
        ('county = "01"', "county = [1]"),
        ('title = "A case"', "title = 3"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_and_never_converted(
    tmp_path: Path, old: str, new: str
) -> None:
    (fault,) = faults_of_scenario(tmp_path, SCENARIO.replace(old, new))
    assert fault.code == "document.value"
    assert fault.row == SCENARIO.splitlines().index(old) + 1


@pytest.mark.parametrize("weight", ['"0.7"', "nan", "inf", "true", "[1]"])
def test_a_weight_that_is_no_finite_number_is_refused(tmp_path: Path, weight: str) -> None:
    found = faults_of_model(tmp_path, MODEL.replace("1.0", weight))
    assert {fault.row for fault in found} == {6}


@pytest.mark.parametrize(
    "numbers",
    [
        "em = 101",
        "em_under15 = 10",
        "em_15_17 = 10",
        "em = 5\nem_under15 = 2\nem_15_17 = 2",
        "em_under15 = 60\nem_15_17 = 60",
    ],
)
def test_a_need_that_does_not_add_up_is_refused(tmp_path: Path, numbers: str) -> None:
    (fault,) = faults_of_scenario(tmp_path, f"{SCENARIO}{numbers}\n")
    assert fault.found.startswith("need: ")


def test_a_syntax_error_is_told_with_file_line_and_column(tmp_path: Path) -> None:
    (fault,) = faults_of_model(tmp_path, MODEL.replace("population = 1.0", "population = = 1.0"))
    assert (fault.code, fault.row, fault.column) == ("document.not-toml", 6, "14")
    assert str(fault).startswith(f"{tmp_path / 'm.toml'}, line 6, column 14: is not TOML: ")


@pytest.mark.parametrize("text", ['title = "x', "[key", "a = 1\na = 2", "[need]\n[need]\n", "\0"])
def test_what_is_not_toml_is_bad_data_and_never_another_error(tmp_path: Path, text: str) -> None:
    (fault,) = faults_of_scenario(tmp_path, text)
    assert fault.code == "document.not-toml"


def test_a_document_that_is_no_utf_8_is_bad_data(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(SCENARIO.replace("case", "kåse").encode("cp1252"))
    with pytest.raises(BadDataError, match="cannot be read as UTF-8"):
        load_scenario(str(tmp_path / "s.toml"))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(SCENARIO.encode("utf-8-sig"))
    assert load_scenario(str(tmp_path / "s.toml")).need.total == 100


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("ostfold-2061", "ostfold-2016"),
        ("norway2026", "norway-2026"),
        ("Norway-2027", "norway-2027"),
    ],
)
def test_a_scenario_that_does_not_exist_is_missing_input_with_the_nearest_name(
    name: str, nearest: str
) -> None:
    with pytest.raises(MissingInputError, match=f"'{nearest}'") as caught:
        load_scenario(name)
    assert caught.value.exit_code == 66


def test_a_model_that_does_not_exist_is_missing_input_with_the_nearest_name() -> None:
    with pytest.raises(MissingInputError, match="'population-history'"):
        load_case("ostfold-2016", model="population-histroy")


def test_a_path_that_does_not_exist_names_the_nearest_file_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "my-case.toml").write_text(SCENARIO, encoding="utf-8")
    with pytest.raises(MissingInputError, match=r"my-case\.toml"):
        load_scenario(str(tmp_path / "my-caes.toml"))


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "s.toml").mkdir()
    with pytest.raises(MissingInputError):
        load_scenario(str(tmp_path / "s.toml"))
    with pytest.raises(BadDataError):
        read_toml(tmp_path)


def test_a_document_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    shutil.copy(shipped("scenarios") / "ostfold-2016.toml", tmp_path / "mine.toml")
    (tmp_path / "rule.toml").write_text(MODEL, encoding="utf-8")
    case = load_case(str(tmp_path / "mine.toml"), model=str(tmp_path / "rule.toml"))
    assert (case.name, case.model) == ("mine", "rule")
    assert list(case.rule.key) == ["population"]


@pytest.mark.parametrize("cls", [Model, Scenario])
def test_a_document_is_missing_all_that_is_mandatory_when_it_is_empty(
    cls: type[Model] | type[Scenario],
) -> None:
    with pytest.raises(BadDataError) as caught:
        validated(cls, {}, "empty.toml")
    missing = {fault.remedy.split()[1] for fault in caught.value.faults}
    mandatory = {
        key for key, field, _ in fields_of(cls) if field.default is field.default_factory is MISSING
    }
    assert missing == mandatory


def test_the_keys_of_every_table_are_known_to_the_remedy() -> None:
    assert "total" in known_keys(Scenario, ("need",))
    assert "capacity" in known_keys(Scenario, ("municipality", "0101"))
    assert "weight" in known_keys(Model, ("key", "population"))
    assert "basis" in known_keys(Model, ("key", "population", "cap"))
    assert "indicator" in known_keys(Model, ("eligible", "where", "0"))
    assert known_keys(Scenario, ("no", "such")) == []


@given(st.text(max_size=200), st.lists(st.text(max_size=5), max_size=3))
def test_the_line_of_a_key_is_a_line_of_the_text_or_none(text: str, loc: list[str]) -> None:
    line = line_of(text, tuple(loc))
    assert line is None or 1 <= line <= len(text.splitlines())


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=30))
def test_a_remedy_never_names_what_is_not_known(word: str, known: list[str]) -> None:
    remedy = did_you_mean(word, known)
    assert remedy == "" or any(name in remedy for name in known)
    assert isinstance(remedy, str)
