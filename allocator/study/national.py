"""The case of the whole country in one year, as it stood the autumn before."""

from __future__ import annotations

from allocator.documents import Case, Model, Scenario
from allocator.errors import BadDataError, Fault
from allocator.panel import Panel

__all__ = ["national_case", "national_need", "study_years"]


def study_years(panel: Panel) -> tuple[int, ...]:
    """The years of which the panel has requests.

    >>> study_years(Panel())[0], study_years(Panel())[-1]
    (2014, 2026)
    """
    return tuple(year for year in panel.years("requests") if panel.requests(year, "requested"))


def national_need(panel: Panel, year: int) -> dict[str, int]:
    """What was asked for in the whole country: the sum of the year's reported requests.

    The minors are given with it (``em``) where every municipality has a figure for them, as in
    2026; a sum over some of the municipalities would be no need of the country.

    >>> national_need(Panel(), 2016), national_need(Panel(), 2026)
    ({'total': 18517}, {'total': 13000, 'em': 651})
    """
    asked = [figure.reported for figure in panel.requests(year, "requested").values()]
    if not any(asked):
        known = ", ".join(map(str, study_years(panel)))
        fault = f"the panel has no requests for {year}, so that its need is not known"
        raise BadDataError(Fault("backtest.no-need", fault, f"one of {known}" if known else ""))
    need = {"total": round(sum(value or 0 for value in asked))}
    minors = panel.requests(year, "requested", "em")
    of_each = [figure.reported for figure in minors.values()]
    codes = {unit.code for unit in panel.municipalities(year)}
    if codes == set(minors) and None not in of_each:
        need["em"] = round(sum(value or 0 for value in of_each))
    return need


def national_case(panel: Panel, year: int, name: str, rule: Model) -> Case:
    """All municipalities of a year under a rule that knows no more than the autumn before did.

    The need is the actual one: what is tried is how a rule shares it, not how it is forecast.

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
        need=national_need(panel, year),
    )
    return Case(name=f"norway-{year}", scenario=scenario, model=name, rule=rule)
