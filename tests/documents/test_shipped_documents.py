"""The documents that come with bosett, and their schemas."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from allocator.documents import load_case, load_model, load_scenario, shipped_names
from allocator.documents.schema import schema
from allocator.locate import shipped

KINDS = {"models": "model", "scenarios": "scenario"}
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
        "string": (str,),
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
