"""Notes of what an answer warns of: in words, by name, and where nothing is known as they are."""

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from allocator.engine import propose
from allocator.present.language import speaking
from allocator.present.notes import noted
from allocator.proposal import Proposal

Run = Callable[..., Result]
BLANK = "intro_work_or_education_1y_after_pct 2014 has no figure for 0101, 0104 and 3 more: used 0"


@pytest.fixture(scope="module")
def ostfold() -> Proposal:
    return propose("ostfold-2016")


def test_a_note_tells_the_figure_in_words_and_the_municipalities_by_name(ostfold: Proposal) -> None:
    with speaking("nb"):
        (told,) = noted([BLANK], ostfold.municipalities)
    assert told == (
        "«i arbeid eller utdanning etter introduksjonsprogrammet, 2014» har ikke tall for "
        "Halden, Moss og 3 til: 0 er brukt"
    )


@pytest.mark.parametrize(
    ("warning", "told"),
    [
        ("own_figure 2014 has no figure for 9999: used 0",) * 2,
        ("the request for 2014 is not in the panel",) * 2,
        ("the key is below 0 for 0101: ...", "the key is below 0 for Halden: ..."),
        ("not within the limits of 0101, 0104", "not within the limits of Halden, Moss"),
        (
            "population 2014 of 0104 is from 2013: 2014 is missing",
            "'inhabitants, 2014' of Moss is from 2013: 2014 is missing",
        ),
        (
            "unemployed_all_pct of 0104 is from 2013: 2014 is missing",
            "'unemployed' of Moss is from 2013: 2014 is missing",
        ),
    ],
)
def test_what_has_words_or_a_name_is_told_by_it_and_the_rest_stays(
    ostfold: Proposal, warning: str, told: str
) -> None:
    assert noted([warning], ostfold.municipalities) == [told]


@pytest.mark.parametrize("lang", ["nb", "nn"])
@pytest.mark.parametrize("command", ["propose", "fairness", "compare"])
def test_no_text_in_norwegian_shows_an_indicators_code(
    bosett: Run, command: str, lang: str
) -> None:
    told = bosett(command, "norway-2018", "--lang", lang)
    assert told.exit_code == 0
    assert re.findall(r"\b[a-z]+_[a-z_0-9]+", told.stdout) == []
