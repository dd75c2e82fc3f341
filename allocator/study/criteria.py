"""Criteria that may explain a year's numbers: named by a person, of a model, or all that is known.

A criterion is written ``NAME``, ``NAME:inverse``, ``NAME:modulator``, ``NAME^0.65``: an indicator
of the panel (or population, requested, decided, settled), how it becomes a share, its exponent. A
rate is a share of nothing by itself: unless told otherwise it scales inhabitants up (modulator),
and ``:inverse`` scales them down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import fsum

from allocator.documents import KeyPart, Model
from allocator.errors import BadDataError, Fault, UsageError
from allocator.panel import View

__all__ = ["EXPONENTS", "Candidates", "known_criteria", "model_criteria", "named_criteria"]

EXPONENTS = tuple(round(0.5 + 0.05 * step, 2) for step in range(11))
"""The grid an exponent of inhabitants is looked for on, where none is given."""

KNOWN = 0.9
"""An indicator is tried unasked when it has a figure for this part of the municipalities."""

_STAGES = ("requested", "decided", "settled")
# Nobody asked last year has no history; all else that is missing is filled and told.
_MISSING = {"population": "earlier", **dict.fromkeys(_STAGES, "zero")}
_WRITTEN = re.compile(r"^([a-z0-9_]+)(?::(share|inverse|modulator))?(?:\^([0-9]*\.?[0-9]+))?$")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Criteria by name, the one whose exponent is looked for, and indicators left out and why.

    ``stated`` are the weights a rule states, as parts of their sum. The reason is ``few`` with how
    many municipalities have a figure, or ``class`` where the figures are names of classes.
    """

    parts: Mapping[str, KeyPart]
    powered: str | None = None
    stated: Mapping[str, float] = field(default_factory=dict)
    left_out: tuple[tuple[str, str, int], ...] = ()


def known_criteria(view: View) -> Candidates:
    """All that was known on the view's day: inhabitants, earlier rounds, sizes, rates both ways.

    Parts of the inhabitants (population_0_17 and the like) are left to be named: they are the
    inhabitants over again.

    >>> import datetime as dt
    >>> from allocator.panel import Panel
    >>> found = known_criteria(View(Panel(), 2015, dt.date(2014, 10, 31)))
    >>> [name for name in found.parts][:4]
    ['population', 'requested', 'employed_all_pct', 'employed_all_pct:inverse']
    """
    codes = [unit.code for unit in view.municipalities()]
    written, left_out = ["population"], []
    for name in (*_STAGES, *view.panel.indicators()):
        if name.startswith("population_") or not view.periods(name):
            continue
        kind = "size" if name in _STAGES else view.panel.indicator(name).kind
        if kind == "class":
            left_out.append((name, "class", 0))
            continue
        series = view.newest(name).series
        given = sum(code in series and series[code].value is not None for code in codes)
        if given < KNOWN * len(codes) and name not in _STAGES:
            left_out.append((name, "few", given))
            continue
        written += [name] if kind in ("size", "money") else [name, f"{name}:inverse"]
    return Candidates(dict(_parts(written, view)), "population", left_out=tuple(left_out))


def named_criteria(names: Iterable[str], view: View) -> Candidates:
    """Criteria as written. Inhabitants without an exponent have theirs looked for."""
    written = [name.strip() for name in names if name.strip()]
    if not written:
        raise UsageError(Fault("fit.criteria", "no criterion is named", "such as population"))
    if len(set(written)) < len(written):
        raise UsageError(Fault("fit.criteria", "a criterion is named twice"))
    parts = dict(_parts(written, view))
    return Candidates(parts, powered="population" if "population" in parts else None)


def model_criteria(model: Model) -> Candidates:
    """The criteria of a rule's key, each as the rule has it; its weights are what is asked for.

    What stands outside the sharing (amounts, extras) and weights below 0 are no shares: refused.

    >>> from allocator.documents import load_model
    >>> model_criteria(load_model("population-history")).stated
    {'population': 0.5, 'requested': 0.5}
    """
    odd = [n for n, part in model.key.items() if part.as_ in ("amount", "extra") or part.weight < 0]
    if odd:
        told = f"{', '.join(odd)}: amounts and weights below 0 have no share of the whole to fit"
        raise BadDataError(Fault("fit.criteria", told, "criteria with a share of the whole"))
    total = fsum(part.weight for part in model.key.values()) or 1.0
    stated = {name: round(part.weight / total, 6) for name, part in model.key.items()}
    return Candidates(dict(model.key), stated=stated)


def _parts(written: Iterable[str], view: View) -> Iterator[tuple[str, KeyPart]]:
    """Each criterion as a part of a key, with weight 1."""
    for text in written:
        found = _WRITTEN.match(text)
        if found is None:
            expected = "an indicator, as in population^0.65 or unemployed_all_pct:inverse"
            raise UsageError(Fault("fit.criteria", f"'{text}' is no criterion", expected))
        name, how, exponent = found[1], found[2], float(found[3] or 1)
        rate = name != "population" and name not in _STAGES and _is_rate(name, view)
        how = how or ("modulator" if rate else "share")
        missing = _MISSING.get(name, "mean")
        yield (
            text,
            KeyPart(
                weight=1.0,
                indicator=name,
                as_=how,  # type: ignore[arg-type]  # one of the three the pattern allows
                of="population" if rate and how != "share" else None,
                of_missing="earlier",
                exponent=exponent,
                missing=missing,  # type: ignore[arg-type]
            ),
        )


def _is_rate(name: str, view: View) -> bool:
    kind = view.panel.indicator(name).kind
    if kind == "class":
        told = f"'{name}' is a class, not a number that can be shared by"
        raise BadDataError(Fault("fit.class", told, "a size or a rate"))
    return kind not in ("size", "money")
