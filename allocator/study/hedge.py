"""How many to ask for when the need is not known: ask now, top up or cut in summer, at a price.

A two-stage linear program over the cases s of a forecast, with probability p[s] and need N[s]:

    min  Σ_s p[s]·C[s],   C[s] = top_up·Σu + cut·Σc + unplaced·w + idle·o
    Σ_m (x[m] + u[s,m] − c[s,m]) + w[s] − o[s] = N[s]
    u[s,m] ≤ most_up·x[m],  c[s,m] ≤ most_cut·x[m],  lower[m] ≤ x[m],  x[m] + u[s,m] ≤ upper[m]

x is asked for now, u and c after the summer; w have no place, o are places nobody needs. With
``weight`` the objective is (1 − weight)·E[C] + weight·CVaR_α[C], where CVaR_α = min η +
Σ p·(C − η)⁺/(1 − α) (Rockafellar & Uryasev 2000, doi 10.21314/JOR.2000.038). Of all best totals
the least is taken.

The value of the stochastic solution is what it costs to plan for the mean need instead, VSS = EEV −
RP; the expected value of perfect information is EVPI = RP − WS (Birge & Louveaux 2011, ch. 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor
from typing import Any

import numpy as np

from allocator.documents import Case
from allocator.engine import panel_of, prepare_case, propose_case
from allocator.errors import Fault, UsageError
from allocator.panel import Panel
from allocator.program.builder import Builder
from allocator.program.problem import Floats
from allocator.program.solver import Engine
from allocator.proposal import Proposal
from allocator.study.reach import asked_of, with_need

__all__ = [
    "Forecast",
    "Hedge",
    "Outcome",
    "Prices",
    "Risk",
    "forecast_of",
    "hedge",
    "least_cost",
    "outcomes",
]


@dataclass(frozen=True, slots=True)
class Forecast:
    """One case of the need."""

    need: int
    probability: float


@dataclass(frozen=True, slots=True)
class Prices:
    """Per person, in any unit: only their proportions matter. The defaults are assumptions.

    ``most_up`` and ``most_cut`` say how far a request can be changed in summer, as a part of it.
    """

    unplaced: float = 10.0
    idle: float = 3.0
    top_up: float = 2.0
    cut: float = 2.0
    most_up: float = 0.5
    most_cut: float = 0.35


@dataclass(frozen=True, slots=True)
class Risk:
    """How much the worst 1 − ``alpha`` of the outcomes count, 0 to 1."""

    alpha: float = 0.9
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a number asked for in one case."""

    need: int
    probability: float
    topped_up: int
    cut: int
    unplaced: int
    idle: int
    cost: float


@dataclass(frozen=True, slots=True)
class Hedge:
    """The number to ask for now, what it costs in each case, and what knowing more is worth.

    Costs are in the unit of the prices: ``cost`` the objective of the plan, ``mean_cost`` (EEV)
    that of asking as if the mean need were sure, ``wait_cost`` (WS) that of knowing the need.
    """

    proposal: Proposal
    asked: int
    fraction: float
    prices: Prices
    risk: Risk
    outcomes: tuple[Outcome, ...]
    cost: float
    mean_asked: int
    mean_cost: float
    wait_cost: float

    @property
    def vss(self) -> float:
        """Value of the stochastic solution."""
        return round(self.mean_cost - self.cost, 6)

    @property
    def evpi(self) -> float:
        """Expected value of perfect information."""
        return round(self.cost - self.wait_cost, 6)

    def expected(self, what: str) -> float:
        """Σ p · persons of one outcome: unplaced, idle, topped_up, cut."""
        persons = (o.probability * float(getattr(o, what)) for o in self.outcomes)
        return round(sum(persons), 6)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, ``"schema": 1``."""
        return {
            "schema": 1,
            "scenario": self.proposal.scenario,
            "model": self.proposal.model,
            "year": self.proposal.year,
            "asked": self.asked,
            "asked_fraction": round(self.fraction, 6),
            "cost": self.cost,
            "mean_asked": self.mean_asked,
            "mean_cost": self.mean_cost,
            "wait_cost": self.wait_cost,
            "vss": self.vss,
            "evpi": self.evpi,
            "expected": {
                name: self.expected(name) for name in ("unplaced", "idle", "topped_up", "cut")
            },
            "prices": asdict(self.prices),
            "risk": asdict(self.risk),
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
            "municipalities": [request.as_dict() for request in self.proposal.municipalities],
        }


def hedge(
    case: Case,
    panel: Panel | str | None,
    forecasts: Sequence[Forecast],
    prices: Prices | None = None,
    risk: Risk | None = None,
) -> Hedge:
    """How many to ask for now, and of whom: the program's total, in whole persons, shared by the
    scenario's own rule.

    Raises :class:`UsageError` where the probabilities do not sum to 1.

    >>> from allocator.documents import load_case
    >>> cases = [Forecast(600, 0.3), Forecast(780, 0.5), Forecast(1000, 0.2)]
    >>> found = hedge(load_case("ostfold-2016"), None, cases)
    >>> found.asked, found.proposal.total, found.vss >= 0 <= found.evpi
    (780, 780, True)
    """
    prices, risk = prices or Prices(), risk or Risk()
    _check(case, forecasts)
    figures = panel_of(case, panel)
    largest = max(forecast.need for forecast in forecasts)
    problem = prepare_case(with_need(case, total=largest), figures).problem
    box = problem.box("total")
    lower, upper = np.zeros(len(box.upper)), np.minimum(box.upper, float(largest))
    fixed = box.lower == box.upper
    lower[fixed] = box.lower[fixed]
    cost, fraction = least_cost(forecasts, lower, upper, prices, risk)
    whole = {floor(fraction + 1e-7), ceil(fraction - 1e-7)}
    asked = min(
        whole, key=lambda n: (round(least_cost(forecasts, lower, upper, prices, risk, n)[0], 9), n)
    )
    mean = round(sum(f.probability * f.need for f in forecasts))
    sure = least_cost([Forecast(mean, 1.0)], lower, upper, prices, risk)[1]
    mean_asked = round(sure)
    wait = sum(
        f.probability * least_cost([Forecast(f.need, 1.0)], lower, upper, prices, risk)[0]
        for f in forecasts
    )
    proposal = propose_case(with_need(case, total=asked), figures)
    persons = asked_of(proposal)
    return Hedge(
        proposal=proposal,
        asked=asked,
        fraction=fraction,
        prices=prices,
        risk=risk,
        outcomes=outcomes(forecasts, persons, np.maximum(upper, persons), prices),
        cost=round(cost, 6),
        mean_asked=mean_asked,
        mean_cost=round(least_cost(forecasts, lower, upper, prices, risk, mean_asked)[0], 6),
        wait_cost=round(wait, 6),
    )


def _check(case: Case, forecasts: Sequence[Forecast]) -> None:
    faults = []
    if case.scenario.horizon is not None:
        faults.append(Fault("hedge.horizon", f"{case.name} decides several years at once"))
    total = sum(forecast.probability for forecast in forecasts)
    if not forecasts or abs(total - 1) > 1e-9:
        told = f"the probabilities of the cases sum to {total:g}"
        faults.append(Fault("hedge.sum", told, "1", "--case NEED:PROBABILITY, once for each"))
    needs = [forecast.need for forecast in forecasts]
    if len(set(needs)) < len(needs):
        faults.append(Fault("hedge.twice", "two cases have the same need", "one of each"))
    if faults:
        raise UsageError(faults)


def forecast_of(text: str) -> Forecast:
    """A case as it is written on the command line.

    >>> forecast_of("14000:0.5")
    Forecast(need=14000, probability=0.5)
    """
    need, _, part = text.partition(":")
    try:
        found = Forecast(int(need), float(part))
    except ValueError:
        found = Forecast(-1, 0.0)
    if not (0 <= found.need <= 1_000_000 and 0 < found.probability <= 1):
        told = f"--case {text} is no case"
        raise UsageError(Fault("hedge.case", told, "NEED:PROBABILITY, such as 14000:0.5"))
    return found


def least_cost(
    forecasts: Sequence[Forecast],
    lower: Floats,
    upper: Floats,
    prices: Prices,
    risk: Risk,
    asked: float | None = None,
) -> tuple[float, float]:
    """The least objective, and the least total that has it; with ``asked``, of just that total.

    ``lower`` and ``upper`` (units,) limit what each can be asked for. One municipality, without
    limits in summer, is the newsvendor: ask for the quantile cu / (cu + co) of the need, cu the
    price of one too few and co of one too many.

    >>> cases = [Forecast(n, 0.1) for n in range(10, 110, 10)]
    >>> free = Prices(unplaced=7, idle=3, top_up=7, cut=3, most_up=0, most_cut=0)
    >>> least_cost(cases, np.zeros(1), np.full(1, 500.0), free, Risk())[1]
    70.0
    """
    build, size = Builder(), len(lower)
    x = build.columns(size, lower=lower, upper=upper)
    losses = []
    for forecast in forecasts:
        up, cut = build.columns(size), build.columns(size)
        other = build.columns(2)  # without a place, without need
        both = np.concatenate((x, up, cut, other))
        signs = np.concatenate((np.ones(2 * size), -np.ones(size), [1.0, -1.0]))
        build.sum_row(both, forecast.need, forecast.need, signs)
        for columns, most in ((up, prices.most_up), (cut, prices.most_cut)):
            rows = build.rows(size, -np.inf, 0.0)
            build.enter(rows, columns, 1.0)
            build.enter(rows, x, -most)
        rows = build.rows(size, -np.inf, upper)
        build.enter(rows, x, 1.0)
        build.enter(rows, up, 1.0)
        loss = np.concatenate(
            (
                np.full(size, prices.top_up),
                np.full(size, prices.cut),
                [prices.unplaced, prices.idle],
            )
        )
        losses.append((np.concatenate((up, cut, other)), loss))
    if asked is not None:
        build.sum_row(x, float(asked), float(asked))
    level = build.columns(1, lower=-np.inf)
    beyond = build.columns(len(forecasts))
    for place, (columns, loss) in enumerate(losses):  # beyond ≥ loss − level
        row = build.rows(1, -np.inf, 0.0)
        build.enter(row, columns, loss)
        build.enter(row, np.array([level[0], beyond[place]]), np.array([-1.0, -1.0]))
    cost = np.zeros(build.column_count)
    for forecast, (columns, loss), over in zip(forecasts, losses, beyond, strict=True):
        cost[columns] += (1 - risk.weight) * forecast.probability * loss
        cost[over] += risk.weight * forecast.probability / (1 - risk.alpha)
    cost[level] += risk.weight
    if risk.weight == 0:
        cost[level] = 0.0
    best = _solve(build, cost)
    build.sum_row(np.arange(len(cost)), -np.inf, best[0] + 1e-7 * max(1.0, abs(best[0])), cost)
    least = np.zeros(len(cost))
    least[x] = 1.0
    return best[0], round(_solve(build, least)[0], 4)


def _solve(build: Builder, cost: Floats) -> tuple[float, Floats]:
    engine = Engine(build.matrix(), presolve=True)
    engine.set_costs(cost)
    found = engine.solve()
    if not found.optimal:
        raise UsageError(Fault("hedge.none", "the limits leave no number that can be asked for"))
    return found.objective, found.columns


def outcomes(
    forecasts: Sequence[Forecast], asked: Floats, upper: Floats, prices: Prices
) -> tuple[Outcome, ...]:
    """What becomes of whole requests (units,) in each case, in whole persons, at the least cost.

    Each change in summer costs the same whoever it is, so the cheapest comes first: while it is
    cheaper to change than not, as far as whole persons can be changed.

    >>> outcomes([Forecast(130, 1.0)], np.array([100.0]), np.array([200.0]), Prices(most_up=0.2))
    (Outcome(need=130, probability=1.0, topped_up=20, cut=0, unplaced=10, idle=0, cost=140.0),)
    """
    total = int(asked.sum())
    room = np.minimum(np.floor(prices.most_up * asked + 1e-9), np.maximum(upper - asked, 0))
    rise, fall = int(room.sum()), int(np.floor(prices.most_cut * asked + 1e-9).sum())
    found = []
    for forecast in forecasts:
        short, over = max(forecast.need - total, 0), max(total - forecast.need, 0)
        up = min(short, rise) if prices.top_up < prices.unplaced else 0
        cut = min(over, fall) if prices.cut < prices.idle else 0
        cost = prices.top_up * up + prices.cut * cut
        cost += prices.unplaced * (short - up) + prices.idle * (over - cut)
        found.append(
            Outcome(
                forecast.need, forecast.probability, up, cut, short - up, over - cut, round(cost, 6)
            )
        )
    return tuple(found)
