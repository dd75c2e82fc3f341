"""The URL is the state: what is written is read again, and whatever is read is no error."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from allocator.documents import Case
from allocator.engine import propose_case
from allocator.panel import Panel
from allocator.present.answer_map import COLOURS
from allocator.present.language import LANGUAGES
from allocator.web.controls import CHOICES, NUMBERS
from allocator.web.infeasible import with_settings
from allocator.web.local import MOST, Local
from allocator.web.places import find_in, matching
from allocator.web.read import Reader
from allocator.web.shelf import Shelf
from allocator.web.state import SORTS, THEMES, State, View, applicable

SHELF, PANEL = Shelf(), Panel()


def find(case: Case, text: str) -> tuple[str, str]:
    return find_in(PANEL, case, text)


READ = Reader(SHELF, find)
codes = st.from_regex(r"[0-9]{4}", fullmatch=True)
persons = st.none() | st.integers(0, MOST)
notes = st.none() | st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40)


@st.composite
def states(draw: st.DrawFn, beside: bool = True) -> State:
    scenario = draw(st.sampled_from(sorted(SHELF.scenarios)))
    own = SHELF.own_model(scenario)
    model = draw(st.sampled_from(["", *(set(SHELF.models) - {own})]))
    case = SHELF.case(scenario, model)
    says, numbers = applicable(case), []
    for control in NUMBERS:
        if control.name in says and draw(st.booleans()):
            step = Decimal(control.step)
            most = min(control.most, control.slider * 3)
            value = draw(st.integers(int(control.least / step), int(most / step))) * step
            if value != says[control.name]:
                numbers.append((control.name, value.normalize()))
    choices = []
    for choice in CHOICES:
        word = draw(st.sampled_from(choice.values))
        if word != choice.of(case) and draw(st.booleans()):
            choices.append((choice.name, word))
    local = draw(
        st.dictionaries(
            codes,
            st.tuples(persons, persons, persons, persons, st.none() | st.just(True), notes),
            max_size=4,
        )
    )
    said = [Local(code, *values) for code, values in sorted(local.items())]
    view = draw(
        st.builds(
            View,
            lang=st.sampled_from(["", *LANGUAGES]),
            theme=st.sampled_from(["", *THEMES]),
            county=st.from_regex(r"([0-9]{2})?", fullmatch=True),
            q=st.sampled_from(["", "Å", "bø i telemark", "0105"]),
            sort=st.sampled_from(["", *SORTS, *(f"-{name}" for name in SORTS)]),
            colour=st.sampled_from(["", *COLOURS]),
        )
    )
    other = draw(st.none() | states(beside=False)) if beside else None
    return State(
        scenario,
        model,
        tuple(numbers),
        tuple(choices),
        draw(st.sampled_from(["", "abcdefghijklmnopqrst_-"])),
        tuple(each for each in said if each.says),
        other.alone if other is not None else None,
        view,
    )


@settings(max_examples=60)
@given(states())
def test_a_state_is_read_again_from_its_own_address(state: State) -> None:
    read = READ(state.query())
    assert read.problems == ()
    assert read.state == state
    assert read.canonical


@settings(max_examples=150)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_no_query_whatever_is_an_error(query: str) -> None:
    read = READ(query)
    again = READ(read.state.query())
    assert again.state == read.state
    assert again.canonical


NAMES = ["scenario", "model", "need", "up", "lock", "exempt", "beside", "of", "add", "hold", "sort"]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=30)), max_size=6))
def test_no_value_of_a_known_name_is_an_error(pairs: list[tuple[str, str]]) -> None:
    read = READ(urlencode(pairs, errors="replace"))
    assert READ(read.state.query()).state == read.state


def test_what_a_document_says_itself_is_left_out() -> None:
    assert READ("scenario=norway-2026&need=13000&lot=5&up=").state.query() == "scenario=norway-2026"


def test_a_form_leads_to_the_canonical_address() -> None:
    form = "scenario=norway-2026&model=population-history&need=14%C2%A0000&em_under15=80&lot=5"
    read = READ(f"{form}&of=norway-2026%3Apopulation-history")
    assert not read.canonical
    assert read.state.query() == "scenario=norway-2026&need=14000"


def test_another_scenario_starts_from_its_own_numbers() -> None:
    query = "scenario=ostfold-2016&model=population-history&need=14000&lock=0301.5"
    read = READ(f"{query}&of=norway-2026%3Apopulation-history&lang=nb&county=03")
    assert read.problems == ()
    assert read.state.query() == "scenario=ostfold-2016&lang=nb"


def test_another_model_keeps_what_was_changed_and_takes_its_own_rule() -> None:
    # The fields were filled from a lot of 5, which the other model may have otherwise.
    query = "scenario=norway-2026&model=population&need=14000&lot=5&of=norway-2026%3A"
    assert READ(query).state.query() == "scenario=norway-2026&model=population&need=14000"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("scenario=../../etc/passwd", "scenario"),
        ("scenario=norway-2026.toml", "scenario"),
        ("scenario=norway-2026%2Bneed-high", "scenario"),
        ("model=/etc/passwd", "model"),
        ("scenario=norway-2026&model=my.toml", "model"),
        ("need=-1", "number"),
        ("need=12.5", "number"),
        ("need=1e3", "number"),
        ("need=NaN", "number"),
        ("need=1&need=2", "twice"),
        ("ned=14000", "unknown"),
        ("ceiling=2,55", "decimal"),
        ("split=best", "choice"),
        ("lock=Oslo.5", "local"),
        ("lock=0301.9999999", "local"),
        ("figures=../../x", "figures"),
        ("em=5", "not-here"),
        ("add=Nowhere&add_lock=5", "fault"),
        ("add=V%C3%A5ler&add_lock=5", "fault"),
        ("add=Oslo", "add-what"),
        ("add_lock=5", "add-who"),
        ("add=Oslo&add_lock=many", "number"),
        ("sort=size", "view"),
        ("beside=scenario%3Dnowhere", "beside"),
    ],
)
def test_what_cannot_be_read_is_told(query: str, code: str) -> None:
    assert code in {problem.code for problem in READ(query).problems}


def test_numbers_are_read_as_people_write_them() -> None:
    for text in ("14000", "14 000", "14\u00a0000", "14\u202f000"):
        read = READ(f"need={quote_plus(text)}")
        assert read.problems == ()
        assert dict(read.state.numbers)["need"] == 14000
    assert dict(READ("ceiling=2,5").state.numbers)["ceiling"] == Decimal("2.5")


def test_deeds_change_what_is_said_of_one_municipality() -> None:
    added = READ("add=Askim&add_capacity=50&add_note=fullt").state
    assert added.local == (Local("3118", capacity=50, note="fullt"),)
    locked = READ(f"{added.query()}&hold=3118.40").state
    assert locked.local[0].says == {"lock": 40, "capacity": 50, "note": "fullt"}
    assert READ(f"{locked.query()}&free=3118").state == added
    assert READ(f"{locked.query()}&drop=3118").state.local == ()
    assert READ(f"{locked.query()}&drop=all").state.local == ()
    assert READ(f"{locked.query()}&reset=1").state == State(locked.scenario)


def test_a_case_is_kept_beside_a_copy_and_let_go() -> None:
    kept = READ("need=14000&keep=1&lang=nb").state
    assert kept.beside == READ("need=14000").state
    assert kept.view.lang == "nb"
    assert READ(f"{kept.query()}&alone=1").state.beside is None


def test_a_lock_takes_the_place_of_an_exemption() -> None:
    state = READ("exempt=0301&hold=0301.50").state
    assert state.local == (Local("0301", lock=50),)


@pytest.mark.parametrize(
    "query", ["need=14000", "up=20&scaled=true", "lock=0301.900&split=band&within=40"]
)
def test_a_state_gives_the_numbers_of_its_command_line(query: str) -> None:
    state = READ(f"scenario=norway-2026&{query}").state
    command = state.command(SHELF, state.local)
    assert command[:3] == ("bosett", "propose", "norway-2026")
    case = SHELF.changed("norway-2026", "", [text for text in command[3:] if text != "--set"])
    assert propose_case(case, PANEL).total == case.scenario.need.total


def test_settings_lead_back_to_a_state() -> None:
    state = READ("need=14000&up=20&lock=0301.900").state
    settings = list(state.settings(SHELF, state.local))
    assert with_settings(State("norway-2026"), settings) == state


def test_a_search_finds_old_names_and_codes_and_any_spelling() -> None:
    assert matching(PANEL, 2026, "Askim") == {"3118": "Askim (0124)"}
    assert matching(PANEL, 2026, "0105") == {"3105": "Sarpsborg (0105)"}
    assert matching(PANEL, 2026, "aalesund") == matching(PANEL, 2026, "Ålesund")
    assert "5612" in matching(PANEL, 2026, "Guovdageaidnu")
    assert matching(PANEL, 2026, "") == matching(PANEL, 2026, "xyzzy") == {}
