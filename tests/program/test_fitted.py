"""Weights found on earlier years: the best there, from nothing later, told in the proposal."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from allocator.documents import load_model
from allocator.engine import propose_case
from allocator.errors import BadDataError
from allocator.panel import Panel, View
from allocator.program.fitted import fitted
from allocator.study.national import autumn_before, national_case, study_years
from allocator.study.walk_forward import Parameters
from tests.models.rules import changed
from tests.study.test_backtest import cells, put
from tests.study.test_walk_forward import in_fractions

PANEL = Panel()
RULE = load_model("earlier-rounds")


@pytest.mark.parametrize("year", study_years(PANEL))
def test_the_years_are_all_that_came_before_and_had_every_criterion(year: int) -> None:
    assert fitted(RULE, autumn_before(PANEL, year)).years == tuple(range(2015, year))


def test_the_weight_is_the_best_of_a_fine_grid_by_the_metrics_of_compare() -> None:
    found = fitted(RULE, autumn_before(PANEL, 2018))
    weight = found.rule.key["requested"].weight
    years = (2015, 2016, 2017)

    def mean(w: float) -> float:
        return float(np.mean([in_fractions(Parameters(w, 0.65), year) for year in years]))

    assert weight + found.rule.key["population"].weight == pytest.approx(1, abs=1e-9)
    assert max(mean(round(w / 25, 2)) for w in range(26)) <= mean_at(weight, years) + 1e-5


def mean_at(weight: float, years: tuple[int, ...]) -> float:
    """The mean overlap of one weight, which the grid of ``Parameters`` may not have."""
    from allocator.audit.compare import metrics
    from allocator.program.entitlement import entitlement
    from allocator.study.national import national_need

    model = changed(
        "earlier-rounds",
        key={"population": {"weight": 1 - weight}, "requested": {"weight": weight}},
    )
    found = []
    for year in years:
        view, series = autumn_before(PANEL, year), PANEL.requests(year, "requested")
        codes = [unit.code for unit in view.municipalities()]
        share = entitlement(model.key, view, codes).share * national_need(PANEL, year).total
        pairs = [
            (x, series[code].reported)
            for code, x in zip(codes, share.tolist(), strict=True)
            if code in series and series[code].reported is not None
        ]
        x, a = zip(*pairs, strict=True)
        found.append(metrics(x, a, np.ones(len(x))).overlap or 0.0)
    return float(np.mean(found))


def test_later_requests_change_no_weight(panel: Path) -> None:
    path = panel / "requests" / "2018.csv"
    names, rows = cells(path)
    for row in rows:
        if row["stage"] == "requested" and row["persons"]:
            row["persons"] = "20"
    put(path, names, rows)
    planted = Panel(panel)
    for year, same in ((2018, True), (2019, False)):
        found, true = (fitted(RULE, autumn_before(of, year)) for of in (planted, PANEL))
        assert (found == true) is same


def test_the_written_weights_hold_where_there_is_no_earlier_year() -> None:
    found = fitted(RULE, View(PANEL, 2015, dt.date(2014, 10, 31)))
    assert (found.rule, found.years) == (RULE, ())


def test_a_criterion_of_which_nothing_was_known_is_left_out_and_it_is_told() -> None:
    found = propose_case(national_case(PANEL, 2014, "earlier-rounds", RULE), PANEL)
    told = "no figure of requested was known: requested is left out of the key"
    assert told in found.warnings
    alone = propose_case(
        national_case(PANEL, 2014, "population-power", load_model("population-power")), PANEL
    )
    assert [r.total for r in found.municipalities] == [r.total for r in alone.municipalities]


def test_amounts_are_not_fitted() -> None:
    model = changed("denmark", fitted="requested")
    with pytest.raises(BadDataError, match="cannot be fitted"):
        fitted(model, autumn_before(PANEL, 2018))
