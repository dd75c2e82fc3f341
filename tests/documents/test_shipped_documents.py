"""The documents that come with bosett, and their schemas."""

import datetime as dt
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from allocator.documents import load_case, load_model, load_scenario, shipped_names
from allocator.documents.kinds import known_keys
from allocator.documents.model import Model
from allocator.documents.scenario import Scenario
from allocator.documents.schema import schema
from allocator.errors import BadDataError
from allocator.locate import shipped

KINDS = {"models": "model", "scenarios": "scenario"}
PLAIN = """\
title = "A case"
source = "A letter"
year = 2016
model = "population"
need = { total = 100 }
"""
FILES = [path for kind in KINDS for path in sorted(shipped(kind).glob("*.toml"))]


def ids(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("name", shipped_names("models"))
def test_every_shipped_model_loads_and_says_where_it_comes_from(name: str) -> None:
    model = load_model(name)
    assert model.title
    assert len(model.source) > 20
    assert model.modelled
    assert model.not_modelled


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_every_shipped_scenario_loads_with_its_model_and_says_where_it_comes_from(
    name: str,
) -> None:
    case = load_case(name)
    assert case.scenario.title
    assert len(case.scenario.source) > 20
    assert case.model in shipped_names("models")


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_the_first_line_of_a_document_names_its_schema(path: Path) -> None:
    kind = KINDS[path.parent.name]
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"#:schema {kind}.schema.json"
    assert (path.parent / f"{kind}.schema.json").is_file()


@pytest.mark.parametrize("name", shipped_names("scenarios"))
def test_a_shipped_scenario_is_named_for_its_year_and_says_it_in_its_title(name: str) -> None:
    scenario = load_scenario(name)
    assert str(scenario.year) in name
    assert str(scenario.year) in scenario.title


@pytest.mark.parametrize("kind", ["model", "scenario"])
def test_the_committed_schema_is_the_one_the_classes_make(kind: str) -> None:
    committed = (shipped(f"{kind}s") / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert committed == schema(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["model", "scenario"])
def test_every_field_of_a_schema_that_a_person_writes_is_described(kind: str) -> None:
    body = json.loads(schema(kind))  # type: ignore[arg-type]
    top = set(body["properties"]) - set(body["$defs"])
    tables = {
        "eligible",
        "capacity",
        "lot",
        "band",
        "county",
        "ceiling",
        "minors",
        "goals",
        "whole",
        "area",
        "need",
    }
    bare = [name for name in top - tables if "description" not in body["properties"][name]]
    assert not bare


def resolve(part: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = body["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return part


def breaches(value: Any, part: dict[str, Any], body: dict[str, Any], at: str = "") -> list[str]:
    """Where a value breaks the few words of JSON Schema that ours use."""
    part = resolve(part, body)
    if "anyOf" in part:
        tried = [breaches(value, option, body, at) for option in part["anyOf"]]
        return [] if [] in tried else tried[0]
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,),
        "array": (list,),
        "string": (str, dt.date),  # an editor shows TOML's dates as text
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "null": (type(None),),
    }
    found = []
    if "type" in part and not isinstance(value, kinds[part["type"]]):
        return [f"{at} is {value!r}, not {part['type']}"]
    if "enum" in part and value not in part["enum"]:
        found.append(f"{at} is {value!r}, not one of {part['enum']}")
    if isinstance(value, dict):
        known, others = part.get("properties", {}), part.get("additionalProperties", True)
        required = part.get("required", ())
        found += [f"{at}.{name} is missing" for name in required if name not in value]
        for name, inner in value.items():
            if name in known:
                found += breaches(inner, known[name], body, f"{at}.{name}")
            elif others is False:
                found.append(f"{at}.{name} is unknown")
            elif isinstance(others, dict):
                found += breaches(inner, others, body, f"{at}.{name}")
        names = part.get("propertyNames", {}).get("pattern", "")
        found += [f"{at}.{name} is misnamed" for name in value if not re.search(names, name)]
        if "if" in part:
            met = not breaches(value, part["if"], body)
            found += breaches(value, part.get("then" if met else "else", {}), body, at)
    if isinstance(value, str) and not re.search(part.get("pattern", ""), value):
        found.append(f"{at} is {value!r}, not {part['pattern']}")
    if isinstance(value, list) and "items" in part:
        for inner in value:
            found += breaches(inner, part["items"], body, f"{at}[]")
    return found


def test_the_reading_of_schemas_in_these_tests_finds_what_is_wrong() -> None:
    body = json.loads(schema("model"))
    document = {"title": 3, "key": {"population": {"wieght": 1}}, "goals": {"even": "x"}, "a": 1}
    assert len(breaches(document, body, body)) >= 5


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_the_schema_an_editor_uses_accepts_every_shipped_document(path: Path) -> None:
    body = json.loads(schema(KINDS[path.parent.name]))  # type: ignore[arg-type]
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    assert breaches(document, body, body) == []


@pytest.mark.parametrize("kind", ["model", "scenario"])
def test_a_schema_refuses_unknown_keys_in_every_table(kind: str) -> None:
    body = json.loads(schema(kind))  # type: ignore[arg-type]
    tables = [body, *body["$defs"].values()]
    assert all(t["additionalProperties"] is False for t in tables if "properties" in t)


@pytest.mark.parametrize(
    "tables",
    [
        "[key]\npopulation = 0.5",
        "[key]\npopulation = { weight = 0.5, period = '2014', as = 'share' }",
        "[minors]\nkey = { population = 1 }",
        "[area]\ncounty = '01'\nmunicipality = ['0101', '0104']",
        "[municipality.0101]\nlock = 5",
    ],
)
def test_the_schema_accepts_every_form_that_is_read(tmp_path: Path, tables: str) -> None:
    text = f"{PLAIN}{tables}\n"
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    load_scenario(str(tmp_path / "s.toml"))
    body = json.loads(schema("scenario"))
    assert breaches(tomllib.loads(text), body, body) == []


@pytest.mark.parametrize(
    "tables",
    [
        "[key]\npopulation = 'much'",
        "[key]\npopulation = { weight = 1, period = '14' }",
        "[area]\ncounty = '1'",
        "[area]\ncounty = 1",
        "[municipality.101]\nlock = 5",
    ],
)
def test_the_schema_refuses_what_is_refused_when_read(tmp_path: Path, tables: str) -> None:
    text = f"{PLAIN}{tables}\n"
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadDataError):
        load_scenario(str(tmp_path / "s.toml"))
    body = json.loads(schema("scenario"))
    assert breaches(tomllib.loads(text), body, body)


def test_by_the_schema_only_a_scenario_with_a_base_may_leave_something_out() -> None:
    body = json.loads(schema("scenario"))
    assert breaches({"base": "ostfold-2016", "need": {"em": 3}}, body, body) == []
    told = breaches({"need": {"em": 3}}, body, body)
    assert {".title is missing", ".year is missing", ".need.total is missing"} <= set(told)


def test_a_schema_names_every_key_that_is_read() -> None:
    for kind, cls in (("model", Model), ("scenario", Scenario)):
        body = json.loads(schema(kind))  # type: ignore[arg-type]
        assert set(body["properties"]) - {"$schema"} == set(known_keys(cls, ()))
