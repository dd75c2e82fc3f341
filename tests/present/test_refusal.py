"""Why there is no proposal is told in three languages, with the same names and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from allocator.documents import load_case
from allocator.engine import propose_case
from allocator.panel import Panel
from allocator.present.language import speaking
from allocator.present.refusal import refusal
from allocator.program.infeasible import NoProposalError

Run = Callable[..., Result]
PANEL = Panel()
CASES = {
    "band": ["band.up=0.1"],
    "clash": ["ceiling.per_1000=5"],
    "many clashes": ["county.split=first", "capacity.factor=0.2"],
    "minors": ["minors.service=declared"],
    "share": ["minors.share=0.25", "municipality.0105.lock=10"],
    "locks": ["municipality.0104.lock=20", "band.up=0.7"],
    "county": ["county.least.01=900"],
}


def error_of(name: str) -> NoProposalError:
    with pytest.raises(NoProposalError) as caught:
        propose_case(load_case("ostfold-2016", CASES[name]), PANEL)
    return caught.value


@pytest.mark.parametrize("name", CASES)
def test_in_english_it_is_what_the_error_says(name: str) -> None:
    error = error_of(name)
    assert refusal(error) == [str(fault) for fault in error.faults]


@pytest.mark.parametrize("lang", ["nb", "nn"])
@pytest.mark.parametrize("name", CASES)
def test_no_english_is_left_and_every_number_is(name: str, lang: str) -> None:
    error = error_of(name)
    with speaking(lang):
        told = "\n".join(refusal(error))
    english = re.compile(r"\b(must|asked|most|least|need|limits?|persons|minors|more|the|and|or)\b")
    assert english.search(re.sub(r"--set \S+", "", told)) is None
    assert re.findall(r"\d+", told) == re.findall(r"\d+", str(error))


def test_the_command_refuses_in_the_language_it_was_asked_in(bosett: Run) -> None:
    result = bosett("propose", "ostfold-2016", "--set", "band.up=0.1", "--lang", "nb")
    assert result.exit_code == 3
    assert "ikke noe forslag: Østfold kan ta 474 av 780 personer" in result.stderr
