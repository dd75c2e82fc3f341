"""Scenarios that stand on each other: bases, overrides by name, and copies of one's own."""

import itertools
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import load_case, load_scenario
from allocator.documents.stack import stacked
from allocator.engine import propose
from allocator.errors import BadDataError, MissingInputError
from allocator.panel import Panel

Run = Callable[..., Result]

BASE = """\
title = "A case"
source = "A letter"
year = 2016
model = "population"
[need]
total = 100
em = 10
[area]
county = "01"
[override.more]
title = "more"
source = "A guess"
need = { total = 200, assumption = "200 are guessed" }
[override.fewer]
title = "fewer"
source = "A guess"
need = { total = 50 }
[override.by-age]
title = "the minors by age"
source = "A guess"
need = { em_under15 = 2, em_15_17 = 9 }
[override.minors]
title = "more minors"
source = "A guess"
need = { em = 30, assumption = "30 are guessed" }
[override.moss-held]
title = "Moss held"
source = "A guess"
municipality = { 0104 = { lock = 20 } }
"""
NAMES = {
    path: list(stacked(path).overrides) for path in ("norway-2027", "norway-2025", "norway-2017")
}
SHIPPED = [f"{scenario}+{name}" for scenario, names in NAMES.items() for name in names]


def written(folder: Path, text: str, name: str = "base.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_overrides_are_laid_over_the_scenario_and_settings_over_both(tmp_path: Path) -> None:
    path = written(tmp_path, BASE)
    case = load_case(f"{path}+more+moss-held", ["need.em=20"])
    assert (case.scenario.need.total, case.scenario.need.em) == (200, 20)
    assert case.scenario.municipality["0104"].lock == 20
    assert case.name == "base+more+moss-held"
    assert case.scenario.title == "A case + more + Moss held"
    assert case.scenario.source == "A letter; A guess; A guess"


def test_the_order_in_which_overrides_are_named_changes_no_number() -> None:
    names = ("need-high", "oslo-held", "small-exempt")
    answers = {
        tuple(
            (r.code, r.total, r.em)
            for r in propose("+".join(("norway-2027", *order))).municipalities
        )
        for order in itertools.permutations(names)
    }
    assert len(answers) == 1


def test_a_form_of_the_minors_takes_the_place_of_the_other(tmp_path: Path) -> None:
    need = load_scenario(f"{written(tmp_path, BASE)}+by-age").need
    assert (need.em, need.em_under15, need.minors) == (None, 2, 11)


def test_what_several_overrides_assume_is_told_together(tmp_path: Path) -> None:
    need = load_scenario(f"{written(tmp_path, BASE)}+more+minors").need
    assert need.assumption == "200 are guessed; 30 are guessed"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("more+fewer", ["need.total is 200 in [override.more]", "line 13", "and 50", "line 17"]),
        ("by-age+minors", ["em_under15 is 2 in [override.by-age]", "need.em is 30", "line 25"]),
    ],
)
def test_overrides_that_contradict_each_other_are_refused_with_both_places(
    tmp_path: Path, names: str, told: list[str]
) -> None:
    path = written(tmp_path, BASE)
    with pytest.raises(BadDataError) as error:
        load_case(f"{path}+{names}")
    text = str(error.value)
    assert all(part in text for part in told), text
    assert text.splitlines()[0].count(path) == 2


def test_overrides_that_say_the_same_go_together(tmp_path: Path) -> None:
    same = '[override.also-more]\ntitle = "x"\nsource = "y"\nneed = { total = 200 }\n'
    path = written(tmp_path, BASE + same)
    assert load_scenario(f"{path}+more+also-more+more").need.total == 200


def test_an_unknown_override_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no override 'mor' – did you mean 'more'"):
        load_case(f"{written(tmp_path, BASE)}+mor")
    with pytest.raises(MissingInputError, match=r"no override is named after a \+ – known: by-age"):
        load_case(f"{written(tmp_path, BASE)}+")
    with pytest.raises(MissingInputError, match="has no overrides"):
        load_case("ostfold-2016+more")


def test_an_override_belongs_to_the_descendants_of_its_scenario_too(tmp_path: Path) -> None:
    written(tmp_path, BASE)
    child = 'base = "base.toml"\n[need]\nem = 5\n'
    own = '[override.more]\ntitle = "even more"\nsource = "z"\nneed = { total = 300 }\n'
    path = written(tmp_path, child + own, "child.toml")
    need = load_scenario(f"{path}+fewer+moss-held").need
    assert (need.total, need.em) == (50, 5)
    assert load_scenario(f"{path}+more").need.total == 300, "its own takes the base's place"


def test_a_base_may_be_a_scenario_with_overrides(tmp_path: Path) -> None:
    written(tmp_path, BASE)
    path = written(tmp_path, 'base = "base.toml+more"\n[lot]\npersons = 3\n', "child.toml")
    assert load_scenario(path).need.total == 200
    assert load_scenario(f"{path}+fewer").need.total == 50
    mine = written(tmp_path, 'base = "norway-2027+need-low"\ntitle = "mine"\n', "mine.toml")
    assert load_scenario(mine).need.total == 5025


def test_a_circle_of_bases_is_told_with_every_place(tmp_path: Path) -> None:
    first = written(tmp_path, 'base = "b.toml+more"\n', "a.toml")
    second = written(tmp_path, 'base = "a.toml"\n', "b.toml")
    with pytest.raises(BadDataError) as error:
        load_case(first)
    assert first in str(error.value)
    assert second in str(error.value)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("[override.x]\nneed = { totl = 3 }\n", ["override.x.need.totl", "'total'", "title"]),
        ("[override.x]\ntitle = 3\nsource = 'a'\n", ["override.x.title is 3", "line 31"]),
        ("[override.X]\ntitle = 'a'\nsource = 'a'\n", ["X", "small letters"]),
        ("[override.x]\ntitle = 'a'\nsource = 'a'\nbase = 'b'\n", ["unknown key 'override.x.base"]),
        ("[overide.x]\ntitle = 'a'\n", ["did you mean 'override'"]),
    ],
)
def test_a_fault_in_an_override_is_told_whether_it_is_used_or_not(
    tmp_path: Path, block: str, told: list[str]
) -> None:
    with pytest.raises(BadDataError) as error:
        load_case(written(tmp_path, BASE + block))
    assert all(part in str(error.value) for part in told), str(error.value)


def test_what_contradicts_the_scenario_is_told_where_it_is_used(tmp_path: Path) -> None:
    block = '[override.x]\ntitle = "a"\nsource = "a"\nneed = { em = 101 }\n'
    path = written(tmp_path, BASE + block)
    assert load_scenario(path).need.em == 10
    with pytest.raises(BadDataError, match=r"base.toml\+x: need: 101 minors are more than"):
        load_scenario(f"{path}+x")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_override_makes_a_proposal(name: str) -> None:
    proposal = propose(name)
    assert proposal.status == "optimal"
    assert proposal.total == load_scenario(name).need.total
    assert len(load_scenario(name).source) > 40


def test_a_factor_of_capacity_for_some_limits_those_alone() -> None:
    setting = 'capacity={among=[{indicator="ssb_centrality_1to6",max=1,factor=0.5}]}'
    proposal = propose("norway-2027", [setting, "need.total=30000"])
    held = {r.code for r in proposal.municipalities if "capacity" in r.binding}
    assert "0301" in held
    classes = Panel().of_period("ssb_centrality_1to6", "2024")
    assert {str(classes[code].value) for code in held} == {"1"}
    # Oslo's best of 2024-2026 is the 1 648 decided for 2024.
    assert next(r.total for r in proposal.municipalities if r.code == "0301") == 824


@given(st.permutations(list(NAMES["norway-2027"])), st.integers(0, 4))
def test_any_overrides_either_go_together_or_are_refused_in_words(
    names: list[str], count: int
) -> None:
    name = "+".join(("norway-2027", *names[:count]))
    chosen = set(names[:count])
    needs = chosen & {"need-low", "need-mid", "need-high", "need-as-2023"}
    clash = len(needs) > 1 or {"county-first", "no-county-split"} <= chosen
    clash |= {"stop-above-15", "stop-above-30"} <= chosen
    if clash:
        with pytest.raises(BadDataError, match="name only one of"):
            load_scenario(name)
    else:
        assert load_scenario(name).title.count(" + ") == count


# -- bosett new and bosett scenarios ---------------------------------------------------------------


def test_new_copies_a_scenario_to_the_letter(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bosett("new", "mine", "--from", "norway-2027").exit_code == 0
    mine = (tmp_path / "mine.toml").read_text(encoding="utf-8").splitlines()
    source = stacked("norway-2027").path.read_text(encoding="utf-8").splitlines()
    assert mine[:1] + mine[2:] == source
    assert mine[1].startswith("# A copy of norway-2027.")
    again = bosett("new", "mine.toml", "--from", "norway-2026")
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    assert (tmp_path / "mine.toml").read_text(encoding="utf-8").splitlines() == mine


def test_new_writes_the_overrides_it_is_given_into_the_copy(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "norway-2027+need-high+oslo-held+cities-20-less"
    assert bosett("new", "mine", "--from", name).exit_code == 0
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert "# What-ifs to be combined" in text
    assert tomllib.loads(text)["override"].keys() == set(NAMES["norway-2027"])
    assert load_case("mine.toml").rule == load_case(name).rule
    assert load_scenario("mine.toml") == load_scenario(name)


def test_new_tells_paths_from_the_new_place(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    written(tmp_path / "a", BASE)
    child = '# kept\nbase = "base.toml+more"  # kept too\n'
    path = written(tmp_path / "a", child, "child.toml")
    monkeypatch.chdir(tmp_path / "b")
    assert bosett("new", "mine", "--from", path).exit_code == 0
    text = Path("mine.toml").read_text(encoding="utf-8")
    assert text.count("# kept") == 2
    assert load_scenario("mine.toml") == load_scenario(path)


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["mine"]),
        (2, ["no/such/folder/mine", "--from", "norway-2027"]),
        (66, ["mine", "--from", "norway-1927"]),
        (66, ["mine", "--from", "norway-2027+x"]),
    ],
)
def test_new_that_cannot_be_done_says_why_and_writes_nothing(
    bosett: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    result = bosett("new", *arguments)
    assert (result.exit_code, list(tmp_path.iterdir())) == (code, [])
    assert result.stderr.strip()


def test_scenarios_lists_the_overrides_of_each_in_every_form(bosett: Run) -> None:
    assert "\n  +need-high  " in bosett("scenarios").stdout
    assert (
        "\nnorway-2027+need-high,high need: 18 900,"
        in bosett("scenarios", "--format", "csv").stdout
    )
    rows = json.loads(bosett("scenarios", "--format", "json").stdout)["scenarios"]
    named = {row["name"]: [other["name"] for other in row["overrides"]] for row in rows}
    assert named["norway-2025"] == ["july-cut"]
    assert named["norway-2026"] == []
