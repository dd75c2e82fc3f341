"""The panel as it was known on a day: later facts are refused, and change nothing."""

import csv
import datetime as dt
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from allocator.documents import load_scenario
from allocator.errors import BadDataError
from allocator.panel import LaterFactError, Panel, Status, View

Run = Callable[..., Result]
Known = Callable[[dict[str, str]], dt.date]

# A rule that looks at everything the panel has: what leaks anywhere leaks here.
CURIOUS = """\
title = "A rule that looks at everything"
source = "Made for this test"
[key]
population = 0.4
requested = { weight = 0.2, missing = "zero" }
settled = { weight = 0.1, missing = "zero" }
decided = { weight = 0.1, missing = "zero" }
employed_all_pct = { weight = 0.1, as = "modulator", of = "population", missing = "mean" }
unemployed_all_pct = { weight = 0.1, as = "inverse", of = "population", missing = "mean" }
[eligible]
where = [{ indicator = "immigrants_pct", max = 60.0 }]
[capacity]
factor = 6.0
years = 3
[ceiling]
per_1000 = 40.0
[minors]
service = "history"
"""


def test_the_view_of_ostfold_2016_takes_what_was_newest_in_autumn_2015() -> None:
    view = View(Panel(), 2016, dt.date(2015, 10, 31))
    assert view.newest("population").period == "2015"
    assert view.newest("requested").period == "2015"
    assert view.newest("decided").period == "2014"
    assert view.newest("settled").period == "2014"
    assert next(view.stage_years("requested")) == 2015


@pytest.mark.parametrize(
    ("day", "period"), [("2015-02-28", "2014"), ("2015-03-01", "2015"), ("2016-02-29", "2015")]
)
def test_the_newest_population_is_picked_by_its_date(day: str, period: str) -> None:
    view = View(Panel(), 2016, dt.date.fromisoformat(day))
    assert view.newest("population").period == period


@pytest.mark.parametrize(
    ("stage", "year", "day"),
    [
        ("requested", 2015, "2015-10-01"),
        ("requested_original", 2017, "2016-11-15"),
        ("decided", 2015, "2016-01-15"),
        ("decided", 2023, "2023-10-01"),
        ("decided", 2026, "2026-09-28"),
        ("settled", 2015, "2016-01-15"),
        ("settled", 2026, "2026-09-28"),
        ("population", 2015, "2015-03-01"),
    ],
)
def test_a_stage_is_known_from_the_day_its_table_says(stage: str, year: int, day: str) -> None:
    assert Panel().known(stage, year).isoformat() == day


def test_a_vintage_with_a_day_of_its_own_is_known_from_that_day() -> None:
    assert Panel().known("requested", 2016, "nov-2015") == dt.date(2016, 1, 31)
    assert Panel().known("requested", 2016, "ostfold-report") == dt.date(2016, 10, 1)
    with pytest.raises(BadDataError, match="did you mean 'nov-2015'"):
        Panel().known("requested", 2016, "nov-2016")


@pytest.mark.parametrize(("period", "day"), [("2014", "2015-07-01"), ("2015", "2016-07-01")])
def test_an_indicator_is_known_after_its_period_and_its_lag(period: str, day: str) -> None:
    assert Panel().indicator("employed_all_pct").known(period).isoformat() == day


def test_a_month_is_known_after_its_own_end() -> None:
    about = Panel().indicator("registered_unemployed_rate")
    assert about.known("2022-01") < about.known("2022-02") < about.known("2022-12")
    assert about.known("2022-12").year == 2023


@pytest.mark.parametrize("stage", ["requested", "decided", "settled"])
def test_a_later_fact_is_refused_with_both_dates(stage: str) -> None:
    view = View(Panel(), 2016, dt.date(2015, 10, 31))
    with pytest.raises(LaterFactError, match=f"{stage} 2016 was not known on 2015-10-31") as caught:
        view.requests(2016, stage)
    assert caught.value.exit_code == 65
    assert "it may be used from 201" in str(caught.value)
    with pytest.raises(LaterFactError):
        view.newest(stage, "2016")


def test_a_later_population_and_a_later_indicator_are_refused() -> None:
    view = View(Panel(), 2016, dt.date(2015, 10, 31))
    with pytest.raises(LaterFactError):
        view.newest("population", "2016")
    with pytest.raises(LaterFactError, match="population_0_17 2026 was not known on 2025-10-31"):
        View(Panel(), 2026, dt.date(2025, 10, 31)).newest("population_0_17", "2026")


def test_a_scenario_that_asks_for_a_later_period_ends_with_bad_data(bosett: Run) -> None:
    key = 'key={ population = { weight = 1.0, period = "2016" } }'
    result = bosett("propose", "ostfold-2016", "--set", key)
    assert (result.exit_code, result.stdout) == (65, "")
    assert "population 2016 was not known on 2015-10-31" in result.stderr


@given(st.dates(dt.date(2014, 4, 1), dt.date(2026, 12, 31)))
def test_nothing_that_a_view_picks_is_later_than_its_day(day: dt.date) -> None:
    panel = PANEL
    view = View(panel, day.year + 1 if day.year < 2026 else 2026, day)
    period = view.newest("population").period
    assert panel.known("population", int(period)) <= day
    for stage in ("requested", "decided", "settled"):
        for year in view.stage_years(stage):
            assert panel.known(stage, year) <= day
            assert year < view.year


PANEL = Panel()


def test_history_stands_on_the_views_own_municipalities() -> None:
    view = View(Panel(), 2026, dt.date(2025, 10, 31))
    now = {municipality.code for municipality in view.municipalities()}
    for year in view.stage_years("requested"):
        assert set(view.history("requested", year)) <= now


def test_a_hidden_figure_stays_hidden_in_history_unless_blank_is_asked_to_be_nought() -> None:
    view = View(Panel(), 2021, dt.date(2020, 10, 31))
    hidden = [
        code
        for code, figure in view.history("requested", 2020).items()
        if figure.status is Status.SUPPRESSED
    ]
    assert len(hidden) == 145
    noughts = view.history("requested", 2020, blank_is_zero=True)
    assert all(noughts[code].value == 0 and noughts[code].estimated for code in hidden)
    assert all(view.history("requested", 2020)[code].value is None for code in hidden)


def test_nothing_known_yet_is_told_and_not_taken_as_nought(bosett: Run) -> None:
    result = bosett("propose", "ostfold-2016", "--set", "key={ agreed = 1.0 }")
    assert result.exit_code == 65
    assert "no figures of 'agreed' were known on 2015-10-31 for 2016" in result.stderr


# -- no leakage ------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dates(panel: Path) -> Iterator[tuple[Path, Known]]:
    """Every table of figures with the day each row became known: written anew for this test."""
    rules = {(row["stage"], row["year"]): row for row in rows_of(panel / "stages.csv")}
    fixed = {row["vintage"]: row["known"] for row in rows_of(panel / "vintages.csv")}

    def by_stage(stage: str, year: str) -> dt.date:
        rule = rules.get((stage, year)) or rules[stage, ""]
        of = int(year) + int(rule["year_offset"])
        return dt.date.fromisoformat(f"{of}-{rule['known_month_day']}")

    def request(row: dict[str, str]) -> dt.date:
        own = fixed[row["vintage"]]
        return dt.date.fromisoformat(own) if own else by_stage(row["stage"], row["year"])

    for path in (panel / "requests").glob("*.csv"):
        yield path, request
    for path in (panel / "population").glob("*.csv"):
        yield path, lambda row: by_stage("population", row["year"])
    for about in rows_of(panel / "indicators.csv"):
        lag, end = int(about["lag_months"]), about["reference"] == "end"

        def indicator(row: dict[str, str], lag: int = lag, end: bool = end) -> dt.date:
            year, _, month = row["period"].partition("-")
            months = int(year) * 12 + int(month or 1) - 1 + lag
            months += (1 if month else 12) if end else 0
            return dt.date(months // 12, months % 12 + 1, 1)

        yield panel / "indicators" / f"{about['indicator']}.csv", indicator


def scramble(panel: Path, day: dt.date, *, later: bool) -> int:
    """Change every figure that was known only after ``day`` (or all that were known by it)."""
    luck, changed = random.Random(20151031), 0
    for path, known in dates(panel):
        rows = rows_of(path)
        cell = "value" if "value" in rows[0] else "persons"
        for row in rows:
            if (known(row) > day) is later and row[cell].isdigit():
                row[cell] = str(int(row[cell]) + luck.randrange(1, 5000))
                changed += 1
            elif (known(row) > day) is later and row[cell] and luck.random() < 0.3:
                row[cell], row["status"] = "", "suppressed"
                changed += 1
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return changed


@pytest.fixture
def curious(tmp_path: Path) -> Path:
    path = tmp_path / "curious.toml"
    path.write_text(CURIOUS, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
def test_later_facts_cannot_change_one_byte_of_a_proposal(
    panel: Path, bosett: Run, curious: Path, name: str
) -> None:
    day = load_scenario(name).knows_until
    fewer = {
        "ostfold-2016": ["need.em=0"],
        "norway-2026": ["need.em_under15=10", "need.em_15_17=20", "lot.minors=0"],
    }[name]
    settings = [part for setting in fewer for part in ("--set", setting)]
    rules = [[], ["--model", str(curious), *settings]]
    before = [bosett("propose", name, *rule, "--format", "json") for rule in rules]
    assert [result.exit_code for result in before] == [0, 0], [r.stderr for r in before]
    assert scramble(panel, day, later=True) > 1000
    for rule, result in zip(rules, before, strict=True):
        after = bosett("propose", name, *rule, "--format", "json", "--panel", panel)
        assert (after.exit_code, after.stdout) == (0, result.stdout)


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
def test_earlier_facts_do_change_it(panel: Path, bosett: Run, name: str) -> None:
    day = load_scenario(name).knows_until
    before = bosett("propose", name, "--format", "json").stdout
    assert scramble(panel, day, later=False) > 1000
    assert bosett("propose", name, "--format", "json", "--panel", panel).stdout != before


@pytest.mark.parametrize(("name", "year"), [("ostfold-2016", 2016), ("norway-2026", 2026)])
def test_tables_of_later_years_need_not_be_there_at_all(
    panel: Path, bosett: Run, name: str, year: int
) -> None:
    for folder in ("requests", "population"):
        for path in (panel / folder).glob("*.csv"):
            if int(path.stem) >= year:
                path.unlink()
    changes = rows_of(panel / "changes.csv")
    with (panel / "changes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(changes[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in changes if int(row["year"]) <= year)
    after = bosett("propose", name, "--format", "json", "--panel", panel)
    assert (after.exit_code, after.stdout) == (
        0,
        bosett("propose", name, "--format", "json").stdout,
    )


def test_last_years_request_that_is_not_in_the_panel_is_told(panel: Path, bosett: Run) -> None:
    (panel / "requests" / "2015.csv").unlink()
    result = bosett("propose", "ostfold-2016", "--panel", panel)
    assert result.exit_code == 0
    assert "2014" in result.stdout
