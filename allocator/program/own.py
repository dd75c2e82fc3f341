"""Persons by unit: the need by the key, or a rule's own numbers, with no total to meet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allocator.documents import Case, Model
from allocator.errors import BadDataError, Fault
from allocator.program.entitlement import Entitlement
from allocator.program.problem import Floats

__all__ = ["entitled", "own_numbers"]


def entitled(
    case: Case, key: Entitlement, eligible: npt.NDArray[np.bool_], warnings: list[str]
) -> Floats:
    """Persons by unit: the need by the key, or the rule's own numbers, which sum to what they do.

    Amounts alone may sum to another number than the need they are then brought to: it is told.
    """
    rule, need = case.rule, case.scenario.need
    if rule.whole.total == "own":
        numbers = own_numbers(key.own(need.total), rule, eligible)
        total = round(float(numbers.sum()))
        if total < need.minors:
            told = f"{case.name}: the rule's own numbers sum to {total}, fewer than the minors"
            raise BadDataError(Fault("problem.own-total", told, f"at least {need.minors}"))
        if total != need.total:
            warnings.append(
                f"the rule's own numbers sum to {total}: that is asked for, not the need of "
                f"{need.total}"
            )
        return numbers
    if not any(part.weight and not part.amount for part in key.parts):
        by_itself = float(key.own(need.total).sum())
        if abs(by_itself - need.total) >= 0.5:
            warnings.append(
                f"the rule by itself gives {by_itself:.0f} persons: brought to the need of "
                f"{need.total}"
            )
    return key.persons(need.total)


def own_numbers(persons: Floats, rule: Model, eligible: npt.NDArray[np.bool_]) -> Floats:
    """x[m] = max(lot, round(e[m])) in whole steps, a half upwards; 0 for those not asked.

    ``[whole] method = "up"`` rounds every number up instead. Without ``lot.every`` only those whom
    the key gives anything are asked. Norway's cut of 2020 is max(10, round(0.655 · first)):

    >>> from allocator.documents import load_model
    >>> everyone = np.ones(3, dtype=bool)
    >>> own_numbers(np.array([19.65, 0.655 * 15, 52.4]), load_model("imdi-2020-cut"), everyone)
    array([20., 10., 52.])
    """
    step, lot = rule.whole.step, rule.lot
    if rule.whole.method == "up":
        whole = np.ceil(persons / step - 1e-9) * step
    else:
        whole = np.floor(persons / step + 0.5 + 1e-9) * step
    least = np.ceil(lot.persons / step) * step
    asked = eligible & (np.ones(len(persons), dtype=bool) if lot.every else persons > 0)
    return np.where(asked, np.maximum(whole, least), 0.0)
