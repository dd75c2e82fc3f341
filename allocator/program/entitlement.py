r"""Entitlement: how many persons the key alone gives each municipality.

A key is a weighted sum of shares. Part *p* turns its indicator *v* into shares over the eligible:

* ``share``      s[m] = v[m]^a / Σ v^a
* ``inverse``    s[m] = (1/v[m])^a · z[m] / Σ …
* ``modulator``  s[m] = (v[m]/mean v)^a · z[m] / Σ …

where *a* is the exponent and *z* the size named by ``of`` (1 where none is). Then
e[m] = N · Σ_p w_p s_p[m] / Σ_p w_p, and Σ e = N to the last bit that floating point allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from allocator.documents import KeyPart
from allocator.errors import BadDataError, Fault
from allocator.panel import Series, View

__all__ = ["Entitlement", "Part", "capped", "entitlement", "shares"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One criterion as it was used: its figures, their period, and the shares they give."""

    name: str
    indicator: str
    period: str
    weight: float
    values: Floats
    shares: Floats


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The key's answer: ``share`` sums to 1 over the units; ``parts`` say where it comes from."""

    share: Floats
    parts: tuple[Part, ...]
    warnings: tuple[str, ...]

    def persons(self, need: int) -> Floats:
        """e[m] = need · share[m], shape (units,)."""
        return self.share * need


def entitlement(key: Mapping[str, KeyPart], view: View, codes: Sequence[str]) -> Entitlement:
    """The shares of a key over the units ``codes``, from what the view knows.

    Raises :class:`BadDataError` with every missing value of every part whose policy is to refuse.
    """
    faults: list[Fault] = []
    warnings: list[str] = []
    parts = [_part(name, part, view, codes, faults, warnings) for name, part in key.items()]
    if faults:
        raise BadDataError(faults)
    weight = fsum(part.weight for part in parts)
    if not weight > 0:
        raise BadDataError(
            Fault("key.weight", f"the weights of the key sum to {weight:g}", "a positive sum")
        )
    share = sum((part.weight / weight * part.shares for part in parts), np.zeros(len(codes)))
    share = np.maximum(share, 0.0)
    return Entitlement(share / fsum(share), tuple(parts), tuple(warnings))


def _part(
    name: str,
    part: KeyPart,
    view: View,
    codes: Sequence[str],
    faults: list[Fault],
    warnings: list[str],
) -> Part:
    indicator = part.indicator or name
    period, values = _values(indicator, part.period, part.missing, view, codes, faults, warnings)
    size = np.ones(len(codes))
    if part.of is not None:
        _, size = _values(part.of, None, part.missing, view, codes, faults, warnings)
    found = shares(values, part.as_, part.exponent, size)
    if not fsum(found) > 0 and not faults:
        faults.append(Fault("key.all-zero", f"'{indicator}' {period} is 0 for every municipality"))
    if part.cap is not None:
        _, basis = _values(part.cap.basis, None, part.missing, view, codes, faults, warnings)
        found = capped(found, part.cap.factor, basis / max(fsum(basis), 1e-300), part.cap.excess)
    return Part(name, indicator, period, part.weight, values, found)


def shares(values: Floats, how: str, exponent: float = 1.0, size: Floats | None = None) -> Floats:
    """Figures as shares of the whole, summing to 1 (or all 0 when every figure is).

    >>> shares(np.array([1.0, 3.0]), "share").tolist()
    [0.25, 0.75]
    >>> shares(np.array([2.0, 6.0]), "inverse").tolist()
    [0.75, 0.25]
    """
    if how == "inverse":
        with np.errstate(divide="ignore"):
            base = np.where(values > 0, 1.0 / values, 0.0)
    elif how == "modulator":
        base = values / (fsum(values) / len(values) or 1.0)
    else:
        base = values
    base = np.where(base > 0, np.power(np.maximum(base, 0.0), exponent), 0.0)
    if size is not None:
        base = base * size
    total = fsum(base)
    return base / total if total > 0 else base


def capped(share: Floats, factor: float, basis: Floats, excess: str) -> Floats:
    """Shares of at most ``factor × basis``; the excess spread as the document says.

    ``pro-rata`` spreads it once over the uncapped by their share, ``iterate`` does so until nobody
    is above the cap, ``basis`` spreads it over all by the basis share.

    >>> capped(np.array([0.5, 0.3, 0.2]), 1.2, np.full(3, 1 / 3), "iterate").round(12).tolist()
    [0.4, 0.36, 0.24]
    """
    cap = factor * basis
    over = share > cap
    result = np.minimum(share, cap)
    spare = fsum(share) - fsum(result)
    if excess == "basis":
        return result + spare * basis
    while spare > 1e-15 and not over.all():
        room = np.where(over, 0.0, result)
        result = result + spare * room / fsum(room) if fsum(room) > 0 else result
        if excess == "pro-rata":
            break
        newly = (result > cap * (1 + 1e-15)) & ~over
        if not newly.any():
            break
        over = over | newly
        spare = fsum(np.where(newly, result - cap, 0.0))
        result = np.where(newly, cap, result)
    return result


def _values(
    indicator: str,
    wanted: str | None,
    missing: str,
    view: View,
    codes: Sequence[str],
    faults: list[Fault],
    warnings: list[str],
) -> tuple[str, Floats]:
    """The figures of an indicator by unit, with its missing-value policy applied and told."""
    reading = view.newest(indicator, wanted, blank_is_zero=missing == "zero")
    values = np.array([_number(reading.series, code) for code in codes])
    blank = [code for code, value in zip(codes, values, strict=True) if np.isnan(value)]
    if blank and missing == "earlier":
        period = int(reading.period[:4])
        within = {str(period - back) for back in range(1, 6)}
        for of in filter(within.__contains__, view.periods(indicator)):
            earlier = view.newest(indicator, of).series
            for code in [code for code in blank if not np.isnan(_number(earlier, code))]:
                values[codes.index(code)] = _number(earlier, code)
                warnings.append(f"{indicator} of {code} is from {of}: {reading.period} is missing")
                blank.remove(code)
            if not blank:
                break
    if blank and missing in ("refuse", "earlier"):
        faults.extend(_refusal(indicator, reading.period, code, reading.series) for code in blank)
        values = np.nan_to_num(values, nan=1.0)
    elif blank:
        fill = 0.0 if missing == "zero" else float(np.nanmean(values))
        word = "0" if missing == "zero" else f"the mean, {fill:g}"
        shown = ", ".join(blank[:5]) + (f" and {len(blank) - 5} more" if len(blank) > 5 else "")
        warnings.append(f"{indicator} {reading.period} has no figure for {shown}: used {word}")
        values = np.nan_to_num(values, nan=fill)
    return reading.period, values


def _number(series: Series, code: str) -> float:
    figure = series.get(code)
    return float("nan") if figure is None or figure.value is None else float(figure.value)


def _refusal(indicator: str, period: str, code: str, series: Series) -> Fault:
    found = series[code].status.value if code in series else "not in the panel"
    return Fault(
        "key.missing",
        f"{indicator} {period} of {code} is {found}",
        "a number for every municipality that can be asked",
        f'give it, or say what it means in the model: {indicator} = {{ missing = "zero" }}',
    )
