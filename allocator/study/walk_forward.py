"""``walk-forward``: one rule named in advance, its parameters fitted on earlier years only.

The rule mixes last year's shares with shares of inhabitants raised to a power:

    share[m] = w · h[m]/Σh + (1 − w) · P[m]^a / ΣP^a

with *h* last year's request, carried across mergers and an unreported one counting as 0 as in the
model ``last-year``, and *P* the newest inhabitants known. For year Y, (w, a) is the point of the
grid with the highest mean overlap with the requests of the earlier years, each forecast from what
was known in its own autumn. Fitting is done on the shares, in fractions of persons.

This was written down before the rule was run once:

* grid: w = 0, 0.1, …, 1 and a = 0.5, 0.55, …, 1; both naive baselines are points of it;
* a tie goes to the smaller w, then to the smaller a;
* earlier years: every year before Y, weighted equally, that had a last year itself (2015 on);
* with no earlier year to fit on (2015): w = 0.5, a = 0.65;
* with no last year in the panel (2014): inhabitants alone, a = 0.65.

The two defaults are not free of hindsight: that requests grow like the power 0.6–0.75 of the
inhabitants was read from these same years. They decide 2014 and 2015 alone. One thing was added
after the first run, which could not go past 2016: where the newest inhabitants are missing (0706,
0719 and 0720 in 2016) the figure before counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from allocator.documents import KeyPart, Model
from allocator.panel import Panel, View
from allocator.program.entitlement import Floats, entitlement
from allocator.study.national import autumn_before, national_need, study_years

__all__ = ["EXPONENTS", "NAME", "WEIGHTS", "Parameters", "fit", "fitting_years", "model_of"]

NAME = "walk-forward"
WEIGHTS = tuple(round(0.1 * step, 2) for step in range(11))
EXPONENTS = tuple(round(0.5 + 0.05 * step, 2) for step in range(11))
DEFAULT_WEIGHT = 0.5
DEFAULT_EXPONENT = 0.65


@dataclass(frozen=True, slots=True)
class Parameters:
    """The weight of last year, the exponent of the inhabitants, and the years they come from.

    ``overlap`` is the mean overlap over ``years`` that chose them; None where none did.
    """

    weight: float
    exponent: float
    years: tuple[int, ...] = ()
    overlap: float | None = None

    def __str__(self) -> str:
        ends = "–".join(dict.fromkeys(map(str, (self.years[:1] + self.years[-1:]))))
        fitted = f"fitted on {ends}" if ends else "set in advance"
        return f"w = {self.weight:g}, a = {self.exponent:g}, {fitted}"


def fit(panel: Panel, year: int) -> Parameters:
    """The parameters for a year, from the years before it.

    >>> fit(Panel(), 2015)
    Parameters(weight=0.5, exponent=0.65, years=(), overlap=None)
    >>> fit(Panel(), 2017).years
    (2015, 2016)
    """
    view = autumn_before(panel, year)
    if not view.periods("requested"):
        return Parameters(0.0, DEFAULT_EXPONENT)
    years = fitting_years(panel, year)
    if not years:
        return Parameters(DEFAULT_WEIGHT, DEFAULT_EXPONENT)
    # What happened in the earlier years is asked of this year's view, which refuses later facts.
    found = [_overlaps(panel, of, _actual(view, of)) for of in years]
    mean: Floats = np.mean(found, axis=0)
    weight, exponent = divmod(int(np.argmax(mean)), len(EXPONENTS))
    best = round(float(mean[weight, exponent]), 6)
    return Parameters(WEIGHTS[weight], EXPONENTS[exponent], years, best)


def fitting_years(panel: Panel, year: int) -> tuple[int, ...]:
    """The years before ``year`` that had a last year to look back on."""
    earlier = (of for of in study_years(panel) if of < year)
    return tuple(of for of in earlier if autumn_before(panel, of).periods("requested"))


def model_of(parameters: Parameters) -> Model:
    """The rule as a document, as the engine reads it.

    >>> list(model_of(Parameters(0.0, 0.65)).key)
    ['population']
    """
    weight, rest = parameters.weight, round(1 - parameters.weight, 2)
    key = {}
    if rest > 0:
        key["population"] = KeyPart(weight=rest, exponent=parameters.exponent, missing="earlier")
    if weight > 0:
        key["requested"] = KeyPart(weight=weight, missing="zero")
    title = "Last year's request mixed with a power of the inhabitants, fitted on earlier years"
    return Model(title=title, source=__name__, key=key)


def _actual(view: View, year: int) -> dict[str, float]:
    """The reported requests of an earlier year, on its own municipalities."""
    series = view.requests(year, "requested")
    return {code: f.reported for code, f in sorted(series.items()) if f.reported is not None}


def _overlaps(panel: Panel, year: int, actual: dict[str, float]) -> Floats:
    """1 − ½·Σ|x − a|/Σa of a year's forecasts at every point, shape (weights, exponents)."""
    codes, last, power = _shares(panel, year)
    need = national_need(panel, year).total
    place = {code: at for at, code in enumerate(codes)}
    kept = np.array([place[code] for code in actual])
    a = np.array(list(actual.values()))
    weight = np.array(WEIGHTS)[:, None, None]
    x = need * (weight * last[kept] + (1 - weight) * power[:, kept])
    overlaps: Floats = 1 - np.abs(x - a).sum(axis=2) / (2 * a.sum())
    return overlaps


@lru_cache(maxsize=32)
def _shares(panel: Panel, year: int) -> tuple[tuple[str, ...], Floats, Floats]:
    """Codes, last year's shares (units,), and those of inhabitants (exponents, units)."""
    view = autumn_before(panel, year)
    codes = tuple(unit.code for unit in view.municipalities())
    last = model_of(Parameters(1.0, 1.0)).key
    power = [model_of(Parameters(0.0, exponent)).key for exponent in EXPONENTS]
    return (
        codes,
        entitlement(last, view, codes).share,
        np.array([entitlement(key, view, codes).share for key in power]),
    )
