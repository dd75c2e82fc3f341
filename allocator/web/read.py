"""From the query of a request to a state: everything is checked, and every fault is told at once.

Beside the canonical parameters a form sends some that stand for a deed: ``add…`` says something of
one more municipality, ``hold`` locks a row at its number, ``drop`` forgets one, ``keep`` puts the
state beside itself. ``of`` tells which documents the form's fields were filled from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from allocator.documents import Case
from allocator.errors import BosettError
from allocator.present.answer_map import COLOURS
from allocator.present.language import LANGUAGES
from allocator.web.controls import CHOICES, NUMBERS, read_number
from allocator.web.local import COUNTS, MOST, Local, merged, read_params
from allocator.web.shelf import Shelf
from allocator.web.state import SORTS, THEMES, State, View, applicable

__all__ = ["Problem", "Read", "Reader"]

Find = Callable[[Case, str], tuple[str, str]]
"""The code and name of the municipality of a case that a text means; a BosettError if none is."""

_DEEDS = ("of", "add", "add_exempt", "add_note", "hold", "free", "drop", "keep", "alone", "reset")
_ADDS = tuple(f"add_{name}" for name in COUNTS)
_KNOWN = {
    *("scenario", "model", "figures", "beside", "exempt", "lift", *COUNTS, *_DEEDS, *_ADDS),
    *(control.name for control in NUMBERS),
    *(control.name for control in CHOICES),
    *View.__slots__,
}
_FIGURES = re.compile(r"[A-Za-z0-9_-]{22}")
_LONGEST = 200
_PAIRS = "0301.900_3107.180"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in the URL or the form: at which field, and its words with what fills them."""

    at: str
    code: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """What a query says. ``typed`` holds what was written in fields that could not be read."""

    state: State
    problems: tuple[Problem, ...]
    canonical: bool
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads queries by what is on the shelf, and by the names of municipalities."""

    shelf: Shelf
    find: Find

    def __call__(self, query: str) -> Read:
        """The state of a query; never an error, whatever the query is.

        >>> reader = Reader(Shelf(), lambda case, name: ("0301", "Oslo"))
        >>> read = reader("scenario=norway-2026&need=13 000&lot=7&of=norway-2026:")
        >>> read.state.query(), read.canonical
        ('scenario=norway-2026&lot=7', False)
        """
        pairs = _pairs(query)
        given, problems = dict(pairs), []
        problems += [
            Problem("", "unknown", {"name": name[:40]})
            for name in sorted(set(given))
            if name not in _KNOWN and not name.startswith(("note.", "reason."))
        ]
        if len(given) < len(pairs):
            names = [name for name, _ in pairs]
            twice = sorted({name for name in names if names.count(name) > 1})
            problems.append(Problem("", "twice", {"name": ", ".join(twice)[:80]}))
        state, found, typed = self._state(given)
        problems += found
        if "beside" in given and not problems:
            other, wrong, _ = self._state(dict(_pairs(given["beside"])))
            state = replace(state, beside=other.alone)
            if wrong:
                problems.append(Problem("", "beside"))
        if not problems:
            state = _deeds(state, given)
        return Read(state, tuple(problems), pairs == state.params() or not pairs, typed)

    def _state(self, given: dict[str, str]) -> tuple[State, list[Problem], dict[str, str]]:
        problems: list[Problem] = []
        scenario = given.get("scenario", "") or self.shelf.first
        if scenario not in self.shelf.scenarios:
            problems.append(Problem("scenario", "scenario", {"name": scenario[:40]}))
            scenario = self.shelf.first
        model = given.get("model", "")
        view = _view(given, problems)
        filled_scenario, filled_model = scenario, model
        if "of" in given:  # the fields of a form stand for the documents they were filled from
            filled_scenario, _, filled_model = given["of"].partition(":")
            if filled_scenario not in self.shelf.scenarios:
                filled_scenario, filled_model = scenario, model
            own = self._own(filled_scenario)
            if scenario != filled_scenario and model == own:
                model = ""  # the other scenario's own
        if model not in ("", self._own(scenario), *self.shelf.models):
            problems.append(Problem("model", "model", {"name": model[:40]}))
            model = ""
        if model == self._own(scenario):
            model = ""
        if filled_model not in self.shelf.models or filled_model == self._own(filled_scenario):
            filled_model = ""
        if scenario != filled_scenario:
            return State(scenario, model, view=replace(view, county="", q="")), problems, {}
        try:
            filled = self.shelf.case(filled_scenario, filled_model)
            case = self.shelf.case(scenario, model)
        except BosettError as error:  # two documents that do not go together
            problems += [Problem("model", "fault", {"text": str(f)}) for f in error.faults]
            return State(scenario, view=view), problems, {}
        numbers, typed = self._numbers(given, filled, case, problems)
        choices = self._choices(given, filled, case, problems)
        local, wrong = read_params(given)
        problems += [
            Problem("local", "local", {"name": name[:40], "example": _PAIRS}) for name in wrong
        ]
        figures = given.get("figures", "")
        if figures and not _FIGURES.fullmatch(figures):
            problems.append(Problem("figures", "figures"))
            figures = ""
        local = self._added(given, case, local, problems, typed)
        return State(scenario, model, numbers, choices, figures, local, None, view), problems, typed

    def _own(self, scenario: str) -> str:
        return self.shelf.own_model(scenario)

    def _numbers(
        self, given: dict[str, str], filled: Case, case: Case, problems: list[Problem]
    ) -> tuple[tuple[tuple[str, Decimal], ...], dict[str, str]]:
        found, typed, says, now = [], {}, applicable(filled), applicable(case)
        for control in NUMBERS:
            text = given.get(control.name, "").strip()
            if not text:
                continue
            number = read_number(text, control)
            if control.name not in says:
                problems.append(Problem("", "not-here", {"name": control.name}))
            elif number is None:
                typed[control.name] = text[:40]
                problems.append(
                    Problem(
                        control.name,
                        "number" if control.step == "1" else "decimal",
                        {"text": text[:40], "least": control.least, "most": control.most},
                    )
                )
            elif number not in (says[control.name], now[control.name]):
                found.append((control.name, number))
        return tuple(found), typed

    def _choices(
        self, given: dict[str, str], filled: Case, case: Case, problems: list[Problem]
    ) -> tuple[tuple[str, str], ...]:
        found = []
        for control in CHOICES:
            value = given.get(control.name, "")
            if value and value not in control.values:
                problems.append(Problem(control.name, "choice", {"text": value[:40]}))
            elif value and value not in (control.of(filled), control.of(case)):
                found.append((control.name, value))
        return tuple(found)

    def _added(
        self,
        given: dict[str, str],
        case: Case,
        local: tuple[Local, ...],
        problems: list[Problem],
        typed: dict[str, str],
    ) -> tuple[Local, ...]:
        """The locals, with what the fields ``add…`` say of one more municipality."""
        said = {name: given[name].strip() for name in ("add", *_ADDS, "add_note") if name in given}
        said = {name: text[:_LONGEST] for name, text in said.items() if text}
        if given.get("add_exempt"):
            said["add_exempt"] = "1"
        if not said:
            return local
        before = len(problems)
        values: dict[str, Any] = {}
        for name in _ADDS:
            text = "".join(said.get(name, "").split())
            if text and not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST):
                fields = {"text": text[:40], "least": 0, "most": MOST}
                problems.append(Problem(name, "number", fields))
            elif text:
                values[name.removeprefix("add_")] = int(text)
        if "add_exempt" in said:
            values["exempt"] = True
        if "add_note" in said:
            values["note"] = " ".join(said["add_note"].split())
        code = ""
        if not said.get("add"):
            problems.append(Problem("add", "add-who"))
        else:
            try:
                code, name = self.find(case, said["add"])
            except BosettError as error:
                problems += [Problem("add", "fault", {"text": str(f)}) for f in error.faults]
            else:
                if not values:
                    problems.append(Problem("add_lock", "add-what", {"name": name}))
        if len(problems) > before:
            typed |= said
            return local
        return merged(local, [Local(code, **values)])


def _deeds(state: State, given: dict[str, str]) -> State:
    """What the buttons of the page do."""
    held, _ = read_params({"lock": given.get("hold", "")})
    if held:
        state = replace(state, local=merged(state.local, held))
    freed, dropped = given.get("free", ""), given.get("drop", "")
    if freed:
        kept = [replace(each, lock=None) if each.code == freed else each for each in state.local]
        state = replace(state, local=merged((), kept))
    if dropped:
        kept = [each for each in state.local if dropped not in (each.code, "all")]
        figures = "" if dropped in ("figures", "all") else state.figures
        state = replace(state, local=tuple(kept), figures=figures)
    if given.get("keep"):
        state = replace(state, beside=state.alone)
    if given.get("alone"):
        state = replace(state, beside=None)
    if given.get("reset"):
        state = State(state.scenario, beside=state.beside, view=state.view)
    return state


def _pairs(query: str) -> list[tuple[str, str]]:
    """The parameters of a query, without what no text has."""
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    return [(name, "".join(c for c in value if c.isprintable())) for name, value in pairs]


def _view(given: dict[str, str], problems: list[Problem]) -> View:
    """How it is looked at; what is no way to look at it is told."""
    allowed: dict[str, Iterable[str]] = {
        "lang": LANGUAGES,
        "theme": THEMES,
        "sort": [way for name in SORTS for way in (name, f"-{name}")],
        "colour": COLOURS,
    }
    found = {}
    for name, values in allowed.items():
        value = given.get(name, "")
        if value in values:
            found[name] = value
        elif value:
            problems.append(Problem("", "view", {"name": name, "text": value[:40]}))
    county = given.get("county", "")
    if county and not re.fullmatch(r"[0-9]{2}", county):
        problems.append(Problem("county", "view", {"name": "county", "text": county[:40]}))
        county = ""
    q = " ".join(given.get("q", "").split())[:60]
    return View(**found, county=county, q=q)
