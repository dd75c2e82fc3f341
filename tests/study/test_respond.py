"""How councils answer: learnt from what was known, in honest intervals, nothing folded."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allocator.documents import load_case
from allocator.errors import UsageError
from allocator.panel import Panel
from allocator.study.answering import interval, learn
from allocator.study.answers_backtest import backtest_answers, coverage
from allocator.study.credibility import cells, groups, level
from allocator.study.history import STEPS, history, past_of
from allocator.study.respond import respond

Run = Callable[..., Result]
PANEL = Panel()
NOW = dt.date(2027, 1, 31)
TESTED = backtest_answers(PANEL, NOW, draws=500)


# -- what is learnt from ---------------------------------------------------------------------------


def test_the_request_that_was_answered_is_the_first_where_it_was_cut_afterwards() -> None:
    years = {past.year: past for past in history(PANEL, NOW, "decided")}
    assert (years[2020].all_asked, years[2020].all_given) == (4926, 4838)
    assert years[2025].share == pytest.approx(15631 / 18880)
    assert years[2025].codes == ()
    assert years[2022].all_asked == 35000


def test_missing_pending_and_hidden_decisions_are_counted_and_are_neither_no_nor_yes() -> None:
    years = {past.year: past for past in history(PANEL, NOW, "decided")}
    assert years[2014].left_out == {"missing": 35}
    assert years[2014].all_asked + years[2014].left_out_persons == 10973
    assert years[2024].left_out == {"pending": 4}
    assert years[2020].left_out == {"suppressed": 12}
    assert years[2024].share == pytest.approx(28340 / 36891)


def test_decisions_of_the_middle_of_a_year_are_named_and_not_learnt_from() -> None:
    found = learn(PANEL, dt.date(2023, 12, 31), "decided", "many")
    assert [past.year for past in found.unused] == [2023]
    assert 2023 not in [past.year for past in found.years]


@settings(max_examples=15)
@given(st.dates(dt.date(2016, 1, 20), dt.date(2026, 12, 31)))
@example(dt.date(2026, 9, 28))  # the decided and settled of 2026 are known, what was asked is not
def test_nothing_later_than_the_day_is_learnt_from(day: dt.date) -> None:
    for answer in ("decided", "settled"):
        years = [past.year for past in history(PANEL, day, answer)]
        assert all(PANEL.known(answer, year) <= day for year in years)
        assert all(PANEL.known(STEPS[answer], year) <= day for year in years)


def test_what_comes_later_changes_nothing_that_was_foretold(panel: Path) -> None:
    before = learn(PANEL, dt.date(2020, 10, 31), "decided", "many").level
    for year in range(2020, 2027):
        (panel / "requests" / f"{year}.csv").unlink()
    assert learn(Panel(panel), dt.date(2020, 10, 31), "decided", "many").level == before


# -- the intervals ---------------------------------------------------------------------------------


def test_trained_to_2023_the_decisions_of_2024_are_within_the_interval_of_a_said_width() -> None:
    (row,) = [row for row in TESTED if (row.answer, row.year) == ("decided", 2024)]
    assert row.actual == pytest.approx(0.768, abs=0.001)
    assert row.low is not None
    assert row.high is not None
    assert row.low < row.actual < row.high
    assert row.width == pytest.approx(row.high - row.low)
    assert 0.2 < (row.width or 0) < 0.6


def test_the_share_of_decisions_was_within_its_interval_in_nine_of_ten_years_or_more() -> None:
    inside, of = coverage(TESTED, "decided")
    assert of >= 9
    assert inside >= 0.9 * of


def test_a_year_of_part_figures_is_shown_and_not_counted() -> None:
    rows = [row for row in TESTED if row.year == 2023]
    assert [(row.counted, row.inside) for row in rows] == [(False, True)]


def test_single_municipalities_are_within_their_intervals_about_as_often_as_said() -> None:
    parts = [row.municipal for row in TESTED if row.answer == "decided" and row.municipal]
    assert len(parts) >= 8
    assert 0.85 < np.mean(parts) < 1.0


def test_counties_are_within_their_intervals_about_as_often_as_said() -> None:
    rows = [row for row in TESTED if row.answer == "decided" and row.counted and row.county]
    assert len(rows) >= 8
    for name in ("county", "county_given"):
        assert 0.88 < np.mean([getattr(row, name) for row in rows]) < 0.98


def test_without_what_a_county_has_in_common_too_few_counties_are_within() -> None:
    """Given the year's share of all, with the counties' own part and without."""
    inside = {True: 0, False: 0}
    for year in (2020, 2024, 2026):
        past = past_of(PANEL, year, "decided", NOW)
        assert past is not None
        step = learn(PANEL, dt.date(year - 1, 10, 31), "decided", past.regime)
        for common in inside:
            known = replace(step, apart=step.apart if common else {})
            drawn = known.draw(past.asked, past.cell, past.county, 500, seed=1)
            sums = drawn.ratio * past.asked * (past.share / drawn.share[:, None])
            for code in set(past.county.tolist()):
                low, _, high = interval(sums[:, past.county == code].sum(axis=1))
                inside[common] += low <= past.given[past.county == code].sum() <= high
    assert inside[True] >= inside[False] + 5


@given(st.floats(0.05, 0.5), st.integers(0, 50))
def test_how_far_groups_lie_apart_is_found_again(spread: float, seed: int) -> None:
    stream = np.random.default_rng(seed)
    of = np.repeat(np.arange(200), 10).astype(str).astype(object)
    ratio = 1 + np.repeat(spread * stream.standard_normal(200), 10)
    ratio = ratio + 0.1 * stream.standard_normal(2000)
    found = groups(ratio, np.ones(2000), of)
    assert found.spread == pytest.approx(spread, rel=0.25)
    alike = groups(1 + 0.1 * stream.standard_normal(2000), np.ones(2000), of)
    assert alike.spread < 0.04
    assert all(abs(mean - 1) < 0.1 for mean in alike.means.values())


def test_councils_of_a_county_move_together_and_those_of_two_do_not() -> None:
    step = learn(PANEL, NOW, "decided", "many")
    names = np.array(["01", "01", "02"], dtype=object)
    cells_, asked = np.array(["none"] * 3, dtype=object), np.full(3, 5000.0)
    flat = replace(step, own=(), level=replace(step.level, scale=0.0))
    together = np.atleast_2d(np.corrcoef(flat.draw(asked, cells_, names, 4000, seed=2).ratio.T))
    assert together[0, 1] > 0.99
    assert abs(together[0, 2]) < 0.1


def test_few_draws_tell_the_width_of_the_year_as_many_do() -> None:
    found = learn(PANEL, dt.date(2023, 10, 31), "decided", "many").level
    stream = np.random.default_rng(0)
    few, many = (interval(found.draw(stream, count)) for count in (200, 20_000))
    assert few == pytest.approx(many, abs=0.02)


def test_a_level_of_years_that_do_not_differ_is_that_level_with_no_width() -> None:
    found = level({"many": [0.8, 0.8, 0.8]}, "many")
    assert (np.exp(found.mean), found.scale) == (pytest.approx(0.8), 0.0)


@given(st.lists(st.floats(0.3, 1.5), min_size=2, max_size=8), st.sampled_from(["few", "many"]))
def test_a_regime_without_years_leans_on_the_others_and_is_the_wider_for_it(
    shares: list[float], regime: str
) -> None:
    known, unknown = level({"many": shares}, "many"), level({"many": shares}, "few")
    assert unknown.mean == pytest.approx(known.mean)
    assert unknown.scale >= known.scale - 1e-12 or unknown.freedom < known.freedom
    assert level({"many": shares}, regime).freedom >= 2


def test_a_cell_with_little_behind_it_stays_near_the_national_share() -> None:
    sure = [(1000.0, 1.3), (1000.0, 1.3), (1000.0, 1.31)]
    low = [(1000.0, 0.7), (1000.0, 0.69)]
    found = cells({"sure": sure, "low": low, "thin": [(3.0, 2.0)]})
    assert abs(found["sure"].mean - 1.3) < 0.02
    assert found["thin"].credibility < found["sure"].credibility
    assert 1 <= found["thin"].mean < 2


def test_answers_have_the_mean_that_was_learnt_refusals_in_them_and_whole_persons() -> None:
    past = next(past for past in history(PANEL, NOW, "decided") if past.year == 2016)
    found = learn(PANEL, NOW, "decided", "many")
    drawn = found.draw(past.asked, past.cell, past.county, 2000, seed=3)
    assert drawn.persons.dtype == np.int64
    assert (drawn.persons >= 0).all()
    assert (drawn.persons[:, past.asked < 20] == 0).any()
    middle = interval(drawn.persons.sum(axis=1))[1] / past.asked.sum()
    assert middle == pytest.approx(float(np.exp(found.level.mean)), rel=0.05)
    again = found.draw(past.asked, past.cell, past.county, 2000, seed=3)
    assert (drawn.persons == again.persons).all()


# -- how many must be asked for --------------------------------------------------------------------


def test_asking_for_as_many_as_is_said_reaches_the_need_with_the_probability() -> None:
    case = load_case("norway-2026")
    found = respond(case, PANEL, draws=500)
    once, twice = found.reaches
    assert once.asked is not None
    assert twice.asked is not None
    assert 13000 < twice.asked < once.asked
    assert once.reached is not None
    assert 0.9 <= once.reached < 0.93
    asked = load_case("norway-2026", [f"need.total={once.asked}"])
    tried = respond(asked, PANEL, draws=500, reach=None)
    low = np.quantile([tried.nation.decided_low, tried.nation.decided], 0)
    assert low < 13000 < tried.nation.decided


def test_what_cannot_be_reached_is_told_with_its_reason() -> None:
    case = load_case("ostfold-2016", ["as_of=2016-10-31", "band.up=0.9"])
    (once, _) = respond(case, PANEL, draws=200).reaches
    assert once.asked is None
    assert "Østfold can take" in once.why


def test_a_proposal_of_nobody_is_answered_by_nobody() -> None:
    case = load_case(
        "ostfold-2016", ["as_of=2016-10-31", "need.total=0", "need.em=0", "lot.every=false"]
    )
    found = respond(case, PANEL, draws=100)
    assert (found.nation.decided_high, found.nation.short) == (0, None)
    assert {reach.why for reach in found.reaches} == {"nobody is asked"}


def test_a_year_after_the_scenarios_day_is_refused() -> None:
    with pytest.raises(UsageError, match="knows nothing after 2025-10-31"):
        respond(load_case("norway-2026"), PANEL, trained_to=2026)


# -- the command -----------------------------------------------------------------------------------


def test_the_command_says_the_same_in_every_form_and_twice(bosett: Run) -> None:
    arguments = ("respond", "norway-2024", "--trained-to", "2023", "--draws", "200")
    one, two = (bosett(*arguments, "--format", "json") for _ in range(2))
    assert one.exit_code == 0, one.stderr
    assert one.stdout_bytes == two.stdout_bytes
    told = json.loads(one.stdout)
    assert told["schema"] == 1
    assert told["trained_to"] == "2023-10-31"
    (row,) = [r for r in told["test"] if (r["answer"], r["year"]) == ("decided", 2024)]
    assert row["low"] < row["actual"] < row["high"]
    assert len(told["municipalities"]) == 357
    lines = bosett(*arguments, "--part", "test", "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("answer,year,regime,actual,low")


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
def test_the_table_is_80_wide_in_every_language(bosett: Run, lang: str) -> None:
    arguments = ("respond", "ostfold-2016", "--set", "as_of=2016-10-31", "--draws", "100")
    told = bosett(*arguments, "--lang", lang)
    assert told.exit_code == 0, told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80


@pytest.mark.parametrize("part", ["counties", "nation", "reach", "years", "cells"])
def test_every_part_is_a_table_of_its_own(bosett: Run, part: str) -> None:
    arguments = ("respond", "ostfold-2016", "--set", "as_of=2016-10-31", "--draws", "100")
    told = bosett(*arguments, "--format", "csv", "--part", part)
    assert told.exit_code == 0, told.stderr
    assert len(told.stdout.splitlines()) >= 2


def test_too_few_known_years_are_refused_in_words(bosett: Run) -> None:
    told = bosett("respond", "ostfold-2016")
    assert told.exit_code == 65
    assert "1 year(s) of decided were known on 2015-10-31" in told.stderr
