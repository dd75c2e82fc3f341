"""The back-test: no later fact reaches a proposal, nothing ends the run, history is carried."""

import csv
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from allocator.audit.compare import compare
from allocator.errors import BadDataError, MissingInputError
from allocator.panel import LaterFactError, Panel
from allocator.study.backtest import BASELINES, backtest, forecast, turnover
from allocator.study.national import autumn_before, national_need, study_years
from allocator.study.rows import AGAINST, BackTest

PANEL = Panel()
YEARS = study_years(PANEL)
SHIPPED = ("last-year", "population", "population-history", "walk-forward")

# A rule that looks at decisions, settlement, indicators and minors: what leaks leaks here.
CURIOUS = """\
title = "A rule that looks around"
source = "Made for this test"
[key]
population = { weight = 0.4, missing = "mean" }
requested = { weight = 0.2, missing = "zero" }
settled = { weight = 0.2, missing = "zero" }
decided = { weight = 0.2, missing = "zero" }
immigrants_pct = { weight = 0.1, as = "modulator", of = "population", missing = "mean" }
[capacity]
factor = 50.0
hard = false
"""


@pytest.fixture
def curious(tmp_path: Path) -> str:
    path = tmp_path / "curious.toml"
    path.write_text(CURIOUS, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def found() -> BackTest:
    return backtest(SHIPPED, panel=PANEL, draws=50)


# -- no leakage ------------------------------------------------------------------------------------


def test_the_view_of_a_year_refuses_that_years_own_facts() -> None:
    for year in YEARS:
        view = autumn_before(PANEL, year)
        for stage in AGAINST:
            with pytest.raises(LaterFactError, match=f"{stage} {year} was not known"):
                view.requests(year, stage)
        with pytest.raises(LaterFactError):
            view.newest("population", str(year))


def cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def put(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def later_rows(folder: Path, year: int) -> Iterator[tuple[Path, str, list[dict[str, str]]]]:
    """Each table with the rows that were not known in the autumn before ``year``."""
    day = autumn_before(PANEL, year).as_of
    for path in sorted((folder / "requests").glob("*.csv")):
        names, rows = cells(path)
        of = int(path.stem)
        late = [r for r in rows if PANEL.known(r["stage"], of, r["vintage"]) > day]
        yield path, "persons", late
        put(path, names, rows)
    for path in sorted((folder / "population").glob("*.csv")):
        names, rows = cells(path)
        yield path, "persons", rows if PANEL.known("population", int(path.stem)) > day else []
        put(path, names, rows)
    for path in sorted((folder / "indicators").glob("*.csv")):
        names, rows = cells(path)
        about = PANEL.indicator(path.stem)
        yield path, "value", [r for r in rows if about.known(r["period"]) > day]
        put(path, names, rows)


def scramble(folder: Path, year: int) -> int:
    """Change all that became known later; the year's requests change hands, so the need stays."""
    luck, changed = random.Random(year), 0
    for path, cell, rows in later_rows(folder, year):
        given = [row for row in rows if row[cell].isdigit()]
        asked = path.parent.name == "requests" and path.stem == str(year)
        kept = [
            row
            for row in given
            if asked and (row["stage"], row["vintage"]) == ("requested", "final")
        ]
        for group in sorted({row["group"] for row in kept}):
            own = [row for row in kept if row["group"] == group]
            hands = [row[cell] for row in own]
            luck.shuffle(hands)
            for row, persons in zip(own, hands, strict=True):
                row[cell] = persons
        for row in given:
            if row not in kept:
                row[cell] = str(int(row[cell]) + luck.randrange(1, 3000))
        changed += len(given)
    return changed


@pytest.mark.parametrize("year", [2014, 2016, 2020, 2026])
def test_later_facts_change_the_scores_and_no_proposal(
    panel: Path, curious: str, year: int
) -> None:
    models = [*SHIPPED, *([curious] if year > 2015 else [])]
    before = backtest(models, [year], panel=PANEL, draws=0)
    made = [row for row in before.rows if row.status != "no proposal"]
    assert len(made) >= 6
    assert scramble(panel, year) > 1000
    scrambled = Panel(panel)
    after = backtest(models, [year], panel=scrambled, draws=0)
    for row in made:
        mine = forecast(PANEL, year, row.model)
        other = forecast(scrambled, year, row.model)
        assert (other[0].as_dict(), other[1]) == (mine[0].as_dict(), mine[1])
    names = ("model", "need", "minors", "parameters", "even", "turnover", "asked")
    for row, other_row in zip(before.rows, after.rows, strict=True):
        for name in names:
            assert getattr(row, name) == getattr(other_row, name)
    scores = [[row.score.overlap for row in of.rows if row.score.overlap] for of in (before, after)]
    assert scores[0] != scores[1]


def test_earlier_facts_do_change_a_proposal(panel: Path) -> None:
    path = panel / "requests" / "2015.csv"
    names, rows = cells(path)
    for row in rows:
        if row["persons"].isdigit():
            row["persons"] = str(int(row["persons"]) * (1 + int(row["code"]) % 3))
    put(path, names, rows)
    for model in ("last-year", "walk-forward"):
        mine, other = (forecast(of, 2016, model)[0] for of in (PANEL, Panel(panel)))
        assert mine.municipalities != other.municipalities


# -- history across borders ------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2017, 2018, 2020, 2024])
def test_last_years_requests_are_carried_across_a_merger_and_nobody_is_lost(year: int) -> None:
    proposal, _ = forecast(PANEL, year, "last-year")
    need, before = national_need(PANEL, year).total, PANEL.requests(year - 1, "requested")
    asked = {code: figure.value or 0.0 for code, figure in before.items()}
    carried: dict[str, float] = {}
    for code, persons in asked.items():
        for new, share in PANEL.borders.successors(code, year - 1, year).items():
            carried[new] = carried.get(new, 0.0) + share * persons
    assert {request.code for request in proposal.municipalities} == set(carried)
    assert set(carried) != set(asked)
    for request in proposal.municipalities:
        of_all = carried[request.code] / sum(asked.values())
        assert request.entitlement == pytest.approx(need * of_all, abs=1e-5)


@pytest.mark.parametrize(
    ("year", "new", "parts"),
    [
        (2017, "0710", {"0706": 1.0, "0719": 1.0, "0720": 0.8258}),
        (2018, "5054", {"1624": 1.0, "1718": 1.0}),
        (2020, "3002", {"0104": 1.0, "0136": 1.0}),
    ],
)
def test_a_merged_municipality_is_asked_for_what_its_parts_were(
    year: int, new: str, parts: dict[str, float]
) -> None:
    proposal, _ = forecast(PANEL, year, "last-year")
    before = PANEL.requests(year - 1, "requested")
    all_before = sum(figure.value or 0 for figure in before.values())
    of_parts = sum(share * (before[code].value or 0) for code, share in parts.items())
    asked = next(r.entitlement for r in proposal.municipalities if r.code == new)
    need = national_need(PANEL, year).total
    assert asked == pytest.approx(need * of_parts / all_before, abs=1e-5)


# -- the table -------------------------------------------------------------------------------------


def test_every_rule_has_a_row_for_each_year_and_stage(found: BackTest) -> None:
    keys = [(row.model, row.year, row.against) for row in found.rows]
    assert keys == [(m, y, a) for m in found.models for y in found.years for a in AGAINST]
    assert found.years == tuple(range(2014, 2027))


def test_the_naive_baselines_go_along_unasked_and_are_marked() -> None:
    found = backtest(["population-history"], [2016], panel=PANEL, draws=0)
    assert found.models == (*BASELINES, "population-history")
    assert {row.model for row in found.rows if row.baseline} == set(BASELINES)


def test_a_row_is_what_compare_says(found: BackTest) -> None:
    proposal, _ = forecast(PANEL, 2019, "population-history")
    for row in found.rows:
        if (row.model, row.year) == ("population-history", 2019):
            mine = compare(proposal, PANEL, row.against)
            assert row.score.overlap == mine.metrics.overlap
            assert row.score.spearman == mine.metrics.spearman
            assert row.score.municipalities == mine.metrics.municipalities
            assert row.score.left_out == sum(mine.left_out.values())
            assert row.score.actual_total == mine.actual_total


def test_the_need_is_the_sum_that_was_asked_for(found: BackTest) -> None:
    needs = {row.year: row.need for row in found.rows}
    assert list(needs.values()) == [
        *(10973, 11185, 18517, 12714, 5350, 5350, 3602, 5025),
        *(35000, 38000, 37000, 12640, 13000),
    ]
    assert {row.year: row.minors for row in found.rows if row.minors} == {2026: 651}
    assert found.minors_in == (2026,)


def test_what_cannot_be_run_is_a_row_with_its_reason(found: BackTest) -> None:
    rows = [row for row in found.rows if (row.model, row.year) == ("last-year", 2014)]
    assert [row.status for row in rows] == ["no proposal"] * 3
    assert all("no figures of 'requested' were known on 2013-10-31" in r.reason for r in rows)
    assert all(row.score.overlap is None for row in rows)


def test_figures_that_are_not_final_give_no_score_and_are_no_nought(found: BackTest) -> None:
    blank = {(r.year, r.against): r.reason for r in found.rows if r.status == "no figures"}
    assert set(blank) == {(2023, "decided"), (2023, "settled"), (2026, "settled")}
    assert "345 partial" in blank[2023, "decided"]


def test_an_infeasible_rule_and_a_missing_indicator_do_not_end_the_run(tmp_path: Path) -> None:
    head = 'title = "t"\nsource = "s"\n[key]\n'
    (tmp_path / "tight.toml").write_text(
        f"{head}population = 1.0\n[ceiling]\nper_1000 = 0.1\n", encoding="utf-8"
    )
    (tmp_path / "blind.toml").write_text(f"{head}registered_unemployed_rate = 1.0\n", "utf-8")
    names = [str(tmp_path / "tight.toml"), str(tmp_path / "blind.toml"), "population"]
    found = backtest(names, [2018], panel=PANEL, draws=0)
    reasons = {row.model: (row.status, row.reason) for row in found.rows if not row.baseline}
    assert [status for status, _ in reasons.values()] == ["no proposal"] * 2
    assert "ceiling" in reasons[names[0]][1] or "place" in reasons[names[0]][1]
    assert not any("/" in reason for _, reason in reasons.values())
    assert "registered_unemployed_rate" in reasons[names[1]][1]
    assert any(row.score.overlap for row in found.rows if row.baseline)


def test_a_defect_in_one_rule_is_told_in_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nobody")

    monkeypatch.setattr("allocator.study.walk_forward.fit", broken)
    found = backtest(["walk-forward"], [2016], panel=PANEL, draws=0)
    told = {row.status: row.reason for row in found.rows if row.model == "walk-forward"}
    assert told == {"defect": "unexpected ZeroDivisionError: by nobody"}
    assert {row.status for row in found.rows if row.baseline} == {"optimal"}


@pytest.mark.parametrize(
    ("models", "years", "error", "told"),
    [
        (["populaton"], [2016], MissingInputError, "did you mean 'population'"),
        (["population"], [2016, 2030], BadDataError, "no requests for 2030"),
    ],
)
def test_what_does_not_exist_is_told_before_anything_is_run(
    models: list[str], years: list[int], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        backtest(models, years, panel=PANEL, progress=lambda *_: pytest.fail("was run"))


def test_an_executor_gives_the_same_rows_and_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    alone = backtest(SHIPPED, [2017, 2018], panel=PANEL, draws=20)
    with ThreadPoolExecutor(2) as executor:
        shared = backtest(
            SHIPPED,
            [2017, 2018],
            panel=PANEL,
            draws=20,
            executor=executor,
            progress=lambda *step: seen.append(step),
        )
    assert shared == alone
    assert seen == [(done, 8) for done in range(1, 9)]


def test_turnover_is_the_part_of_the_places_that_moves() -> None:
    proposal, _ = forecast(PANEL, 2015, "last-year")
    assert turnover(proposal) == pytest.approx(0, abs=0.01)
    h = {r.code: r.last_year or 0 for r in proposal.municipalities}
    population, _ = forecast(PANEL, 2015, "population")
    x = {r.code: r.total for r in population.municipalities}
    moved = sum(abs(x[c] / sum(x.values()) - h[c] / sum(h.values())) for c in x) / 2
    assert turnover(population) == pytest.approx(moved, abs=1e-6)
    assert turnover(forecast(PANEL, 2014, "population")[0]) is None
