"""The case of the whole country in one year, as it stood the autumn before."""

from __future__ import annotations

import datetime as dt

from allocator.documents import Case, Model, Need, Scenario
from allocator.errors import BadDataError, Fault
from allocator.panel import Panel, View

__all__ = ["autumn_before", "national_case", "national_need", "study_years"]


def autumn_before(panel: Panel, year: int) -> View:
    """What was known when the requests of a year were made: by a scenario's own rule.

    >>> autumn_before(Panel(), 2016).as_of.isoformat()
    '2015-10-31'
    """
    need = Need(total=0)
    rule = Scenario(title="its day", source="none", year=year, model="any", need=need)
    return View(panel, year, rule.knows_until)


def study_years(panel: Panel) -> tuple[int, ...]:
    """The years of which the panel has requests.

    >>> study_years(Panel())[0], study_years(Panel())[-1]
    (2014, 2026)
    """
    return tuple(year for year in panel.years("requests") if panel.requests(year, "requested"))


def national_need(panel: Panel, year: int) -> Need:
    """What was asked for in the whole country: the sum of the year's reported requests.

    The minors are given with it (``em``) where every municipality has a figure for them, as in
    2026; a sum over some of the municipalities would be no need of the country.

    >>> [(need.total, need.em) for need in (national_need(Panel(), of) for of in (2016, 2026))]
    [(18517, None), (13000, 651)]
    """
    asked = [figure.reported for figure in panel.requests(year, "requested").values()]
    if not any(asked):
        known = ", ".join(map(str, study_years(panel)))
        fault = f"the panel has no requests for {year}, so that its need is not known"
        raise BadDataError(Fault("backtest.no-need", fault, f"one of {known}" if known else ""))
    total = round(sum(value or 0 for value in asked))
    minors = panel.requests(year, "requested", "em")
    of_each = [figure.reported for figure in minors.values()]
    codes = {unit.code for unit in panel.municipalities(year)}
    if codes != set(minors) or None in of_each:
        return Need(total=total)
    return Need(total=total, em=round(sum(value or 0 for value in of_each)))


def national_case(
    panel: Panel, year: int, name: str, rule: Model, as_of: dt.date | None = None
) -> Case:
    """All municipalities of a year under a rule that knows no more than the autumn before did.

    The need is the actual one: what is tried is how a rule shares it, not how it is forecast. A
    rule of a change within the year needs another day than the autumn before: ``as_of``.

    >>> from allocator.documents import load_model
    >>> case = national_case(Panel(), 2016, "population", load_model("population"))
    >>> case.name, case.scenario.need.total, case.scenario.knows_until.isoformat()
    ('norway-2016', 18517, '2015-10-31')
    """
    scenario = Scenario(
        title=f"Norway {year}: what was asked for, shared by another rule",
        source="the panel's requests of the year, summed",
        year=year,
        model=name,
        as_of=as_of,
        need=national_need(panel, year),
    )
    return Case(name=f"norway-{year}", scenario=scenario, model=name, rule=rule)
