"""Freedom bands of a proposal, and the outlier test on what was really asked."""

import csv
import io
import json
from collections.abc import Callable

from click.testing import Result

from allocator.audit.fairness import fairness
from allocator.documents import load_case
from allocator.panel import Panel

Run = Callable[..., Result]

PANEL = Panel()


def test_the_proposal_lies_within_its_own_bands() -> None:
    found = fairness(load_case("ostfold-2016"), PANEL, eps=0.05).freedom
    assert found is not None
    assert len(found.bands) == 18
    assert all(band.least <= band.request.total <= band.most for band in found.bands)
    assert all(band.least % 5 == band.most % 5 == 0 for band in found.bands)


def test_an_actual_number_is_outside_only_beyond_the_end_of_its_band() -> None:
    found = fairness(load_case("norway-2026"), PANEL, eps=0.1).freedom
    assert found is not None
    assert found.counts["unknown"] == 0
    for band in found.bands:
        actual = band.actual.final
        assert actual is not None
        if band.place == "above":
            assert actual == band.most + (band.beyond or 0) > band.most
        elif band.place == "below":
            assert actual == band.least + (band.beyond or 0) < band.least
        else:
            assert band.least <= actual <= band.most
    assert found.outside()[0].request.name == "Oslo"


def test_a_year_without_figures_has_bands_and_no_outliers(bosett: Run) -> None:
    told = bosett("fairness", "norway-2027", "--freedom", "0.1")
    assert told.exit_code == 0, told.stderr
    assert "no actual requests are known for the year" in told.stdout


def test_the_freedom_of_each_is_had_as_table_json_and_csv_in_three_languages(bosett: Run) -> None:
    arguments = ("fairness", "ostfold-2016", "--freedom", "0.1")
    assert "actual requests: " in bosett(*arguments).stdout
    assert "Handlefrihet" in bosett(*arguments, "--lang", "nb").stdout
    assert "Handlefridom" in bosett(*arguments, "--lang", "nn").stdout
    found = json.loads(bosett(*arguments, "--format", "json").stdout)["freedom"]
    text = bosett(*arguments, "--part", "freedom", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert found["eps"] == 0.1
    assert [row["code"] for row in rows] == [one["code"] for one in found["municipalities"]]
    assert sum(found[name] for name in ("above", "below", "within", "unknown")) == 18


def test_the_freedom_table_asks_for_a_tolerance(bosett: Run) -> None:
    told = bosett("fairness", "ostfold-2016", "--part", "freedom", "--format", "csv")
    assert told.exit_code == 2
    assert "--freedom EPS" in told.stderr
