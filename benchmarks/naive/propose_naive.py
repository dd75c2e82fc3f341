"""The contender: the script an analyst would write for one case, with pandas and PuLP.

It reads the same figures as ``bosett propose`` and minimises Σ|x − entitlement| under the same
totals and floors, for one of the two real cases. It is written plainly and without any deliberate
slowness. It does less than bosett: no check of the figures (a missing one is silently 0), no other
rule or year, no statuses, no binding limits, no ties, no explanation, no order of goals. With
``--simple`` it also leaves out who is asked at all: floors only where somebody was asked last year,
a linear program, and rounding by largest remainder – so a comparison with it is conservative.

    python benchmarks/naive/propose_naive.py norway-2026 --solver highs > norway.csv
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pulp

warnings.simplefilter("ignore")  # PuLP 3.3 announces the names that PuLP 4 will drop

PANEL = Path(__file__).resolve().parents[2] / "scenarios" / "panel"
CASES: dict[str, dict[str, Any]] = {
    "ostfold-2016": {"year": 2016, "county": "01", "persons": 780, "minors": 197, "simple": False},
    "norway-2026": {"year": 2026, "county": None, "persons": 13000, "minors": 651, "simple": True},
}


def read(year: int, county: str | None, panel: Path = PANEL) -> pd.DataFrame:
    """The municipalities of a year with last year's population and request, by code."""
    text = {"code": str, "county": str, "period": str}
    table = pd.read_csv(panel / "municipalities.csv", dtype=text)
    table = table[(table.valid_from <= year) & ~(table.valid_to < year)]
    if county:
        table = table[table.county == county]
    table = table.set_index("code").sort_index()[["name"]]
    people = pd.read_csv(panel / f"population/{year - 1}.csv", dtype=text)
    table["population"] = people.set_index("code").persons
    asked = pd.read_csv(panel / f"requests/{year - 1}.csv", dtype=text)
    asked = asked[(asked.group == "total") & (asked.stage == "requested")]
    table["last_year"] = asked[asked.vintage == "final"].set_index("code").persons
    table["children"] = table.population
    if not county:
        children = pd.read_csv(panel / "indicators/population_0_17.csv", dtype=text)
        table["children"] = children[children.period == str(year - 1)].set_index("code").value
    return table.fillna({"population": 0, "last_year": 0, "children": 0})


def entitle(table: pd.DataFrame, case: dict[str, Any]) -> pd.DataFrame:
    """Half by population, half by last year's request; minors by children or by the same key."""
    share = (
        table.population / table.population.sum() + table.last_year / table.last_year.sum()
    ) / 2
    table["entitled"] = case["persons"] * share
    minors = share if case["county"] else table.children / table.children.sum()
    table["entitled_minors"] = case["minors"] * minors
    return table


def solve(table: pd.DataFrame, case: dict[str, Any], solver: str, simple: bool) -> pd.DataFrame:
    """Minimise Σ|x − entitled| over persons and over minors."""
    codes = list(table.index)
    kind = pulp.LpContinuous if simple else pulp.LpInteger
    step = 5 if case["county"] else 1
    prob = pulp.LpProblem("requests", pulp.LpMinimize)
    k = pulp.LpVariable.dicts("persons", codes, 0, cat=kind)
    j = pulp.LpVariable.dicts("minors", codes, 0, cat=kind)
    over = pulp.LpVariable.dicts("over", codes, 0)
    under = pulp.LpVariable.dicts("under", codes, 0)
    over_minors = pulp.LpVariable.dicts("over_minors", codes, 0)
    under_minors = pulp.LpVariable.dicts("under_minors", codes, 0)
    prob += pulp.lpSum(over[m] + under[m] + over_minors[m] + under_minors[m] for m in codes)
    x = {m: step * k[m] for m in codes}
    z = {m: step * j[m] for m in codes}
    z[table.entitled.idxmax()] += case["minors"] % step  # what the steps leave over
    prob += pulp.lpSum(x.values()) == case["persons"]
    prob += pulp.lpSum(z.values()) == case["minors"]
    for m in codes:
        prob += x[m] - over[m] + under[m] == table.entitled[m]
        prob += z[m] - over_minors[m] + under_minors[m] == table.entitled_minors[m]
        prob += z[m] <= 0.5 * x[m]
        if case["county"]:
            prob += x[m] >= 10
            prob += z[m] >= 5
        elif simple:
            prob += x[m] >= (5 if table.last_year[m] > 0 else 0)
    if not case["county"] and not simple:
        asked = pulp.LpVariable.dicts("asked", codes, cat=pulp.LpBinary)
        takes = pulp.LpVariable.dicts("takes", codes, cat=pulp.LpBinary)
        for m in codes:
            prob += x[m] >= 5 * asked[m]
            prob += x[m] <= case["persons"] * asked[m]
            prob += z[m] >= 5 * takes[m]
            prob += z[m] <= case["minors"] * takes[m]
    prob.solve(pulp.HiGHS(msg=False) if solver == "highs" else pulp.PULP_CBC_CMD(msg=False))
    if pulp.LpStatus[prob.status] != "Optimal":
        sys.exit(f"no answer: {pulp.LpStatus[prob.status]}")
    table["total"] = [pulp.value(x[m]) for m in codes]
    table["em"] = [pulp.value(z[m]) for m in codes]
    return table


def largest_remainder(values: pd.Series[float], total: int) -> pd.Series[int]:
    """Whole numbers with the total kept."""
    whole = (values + 1e-9).astype(int)
    most = (values - whole).nlargest(total - int(whole.sum())).index
    whole[most] += 1
    return whole


def main() -> None:
    """One case in, CSV out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--solver", choices=["cbc", "highs"], default="cbc")
    parser.add_argument(
        "--simple",
        action=argparse.BooleanOptionalAction,
        help="no binaries and rounding afterwards (default for Norway)",
    )
    args = parser.parse_args()
    case = CASES[args.case]
    simple = case["simple"] if args.simple is None else args.simple
    table = solve(entitle(read(case["year"], case["county"]), case), case, args.solver, simple)
    for column, total in (("total", case["persons"]), ("em", case["minors"])):
        table[column] = largest_remainder(table[column], total) if simple else table[column].round()
        table[column] = table[column].astype(int)
    table[["name", "total", "em", "last_year", "entitled"]].to_csv(sys.stdout)


if __name__ == "__main__":
    main()
