r"""Entitlement: how many persons the key alone gives each municipality.

A key is a weighted sum of parts. Part *p* turns its indicator *v* into shares over the eligible:

* ``share``      s[m] = v[m]^a · λ[m] / Σ …
* ``inverse``    s[m] = (1/v[m])^a · z[m] · λ[m] / Σ …
* ``modulator``  s[m] = (v[m]/mean v)^a · z[m] · λ[m] / Σ …

where *a* is the exponent, *z* the size named by ``of`` (1 where none is) and λ the product of
max(0, 1 + k·(1 − y[m]/mean y)) over the indicators *y* it is ``modulated`` by. The key's share is
s[m] = Σ_p w_p s_p[m] / Σ_p w_p, within the rule's limits on shares. A part that is an ``amount``
stands outside the sharing, and one that is ``extra`` beside the need: with A[m] = Σ_q w_q v_q[m]
persons of the first kind and X[m] of the second,

    e[m] = (N − Σ A) · s[m] + A[m] + X[m],

so that what is below 0 – those who came by another way – is first added to what is shared and then
taken off. A number below 0 becomes 0 and the positive ones give the difference in proportion, so
that Σ e = N to the last bit that floating point allows. What is extra is only for rules whose
numbers sum to what they do (``[whole] total = "own"``): there Σ e = N + Σ X before rounding. With
amounts alone e[m] = A[m], in proportion. A weight may be below 0: having much of the indicator then
lowers the number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import fsum

import numpy as np
import numpy.typing as npt

from allocator.documents import KeyPart, Model
from allocator.documents.key import Cap, Shares, Size
from allocator.errors import BadDataError, Fault
from allocator.program.known import Figures
from allocator.program.readings import Reader
from allocator.program.shares import capped, floored, modulation, shares

__all__ = ["Entitlement", "Part", "combined", "entitlement", "entitlement_of"]

Floats = npt.NDArray[np.float64]


_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Part:
    """One criterion as it was used: its figures, their period, and the shares they give.

    Of an ``amount`` or an ``extra``, ``shares`` are persons for a weight of 1; an ``extra`` is an
    ``amount`` too.
    """

    name: str
    indicator: str
    period: str
    weight: float
    values: Floats
    shares: Floats
    amount: bool = False
    extra: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Entitlement:
    """The key's answer; ``parts`` say where it comes from.

    ``signed`` is the weighted sum of shares, which has no limit below; ``amounts`` are the persons
    outside the sharing, ``extra`` those beside the need; None where there are none.
    """

    signed: Floats
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()
    amounts: Floats | None = field(default=None)
    extra: Floats | None = field(default=None)

    @cached_property
    def share(self) -> Floats:
        """The shares of the key alone: from 0, summing to 1 (all 0 where there are only amounts).

        >>> Entitlement(np.array([0.75, 0.5, -0.25]), ()).share.tolist()
        [0.6, 0.4, 0.0]
        """
        share = np.maximum(self.signed, 0.0)
        total = fsum(share)
        return share / total if total > 0 else share

    def persons(self, need: int) -> Floats:
        """e[m], shape (units,), summing to the need.

        >>> Entitlement(np.array([0.5, 0.5]), (), (), np.array([-30.0, -10.0])).persons(100)
        array([40., 60.])
        """
        if self.amounts is None and self.extra is None:
            return self.share * need
        found = self.own(need)
        total = fsum(found)
        if total <= 0 < need:
            raise BadDataError(Fault("key.all-zero", "the key gives nobody anything"))
        return found * (need / total) if total > 0 else found

    def own(self, need: int) -> Floats:
        """What the key itself says, from 0 but not brought to the need's sum."""
        amounts, extra = self.amounts, self.extra
        if amounts is None and extra is None:
            return self.share * need
        pot = need if amounts is None else max(need - fsum(amounts), 0.0)
        beside = (one for one in (amounts, extra) if one is not None)
        return np.maximum(sum(beside, pot * self.signed), 0.0)


def entitlement_of(
    rule: Model, figures: Figures, codes: Sequence[str], *, minors: bool = False
) -> Entitlement:
    """The entitlement of a rule's own key, or of its key for minors, over the units ``codes``.

    The same on the panel and on a plain table; here for three units of one's own:

    >>> from allocator.documents import load_model
    >>> from allocator.program.known import Table
    >>> table = Table({"A": {"population": 60}, "B": {"population": 30}, "C": {"population": 10}})
    >>> entitlement_of(load_model("population"), table, table.codes).persons(200).tolist()
    [120.0, 60.0, 20.0]
    """
    key = rule.minors.key if minors and rule.minors.key else rule.key
    return entitlement(key, figures, codes, sizes=rule.size, limits=rule.share)


def entitlement(
    key: Mapping[str, KeyPart],
    figures: Figures,
    codes: Sequence[str],
    *,
    sizes: Mapping[str, Size] | None = None,
    limits: Shares | None = None,
) -> Entitlement:
    """What a key gives over the units ``codes``, from what ``figures`` know.

    Raises :class:`BadDataError` with every missing value of every part whose policy is to refuse.
    """
    read = Reader(figures, codes, sizes or {})
    parts = [
        _part(name, part, read) for name, part in key.items() if not _unknown(name, part, read)
    ]
    limits = limits or Shares()
    basis = None if limits.cap is None else _basis(limits.cap, "refuse", read)
    if read.faults:
        raise BadDataError(read.faults)
    found = combined(parts, limits, basis)
    signed = found.signed.tolist()
    below = [code for code, share in zip(codes, signed, strict=True) if share < -_NOTHING]
    if below:
        # Codes in full: a handful of them is what such a key gives.
        read.warnings.append(f"the key is below 0 for {', '.join(below)}: counted as 0")
    return replace(found, warnings=tuple(read.warnings))


def combined(
    parts: Sequence[Part],
    limits: Shares,
    basis: Floats | None = None,
) -> Entitlement:
    """What criteria give together, within the limits on shares; ``basis`` is that of their cap.

    >>> half = Part("a", "a", "given", 1.0, np.ones(2), np.array([0.75, 0.25]))
    >>> other = Part("b", "b", "given", 1.0, np.ones(2), np.array([0.25, 0.75]))
    >>> combined([half, other], Shares()).share.tolist()
    [0.5, 0.5]
    """
    units = len(parts[0].shares)
    shared = [part for part in parts if not part.amount]
    weight = fsum(part.weight for part in shared)
    if shared and not weight > 0:
        raise BadDataError(
            Fault("key.weight", f"the weights of the key sum to {weight:g}", "a positive sum")
        )
    zero = np.zeros(units)
    signed = sum((part.weight / weight * part.shares for part in shared), zero)
    if limits.cap is not None and basis is not None:
        signed = capped(signed, limits.cap.factor, basis, limits.cap.excess)
    if limits.floor > 0:
        if limits.floor * units > 1:
            told = f"a floor of {limits.floor:g} for each of {units} is more than the whole"
            raise BadDataError(Fault("key.floor", told, f"at most {1 / units:.6g}"))
        signed = floored(np.maximum(signed, 0.0), limits.floor)
    amounts = [part.weight * part.shares for part in parts if part.amount and not part.extra]
    extra = [part.weight * part.shares for part in parts if part.extra]
    return Entitlement(
        signed,
        tuple(parts),
        (),
        sum(amounts, zero) if amounts else None,
        sum(extra, zero) if extra else None,
    )


def _unknown(name: str, part: KeyPart, read: Reader) -> bool:
    """Whether a criterion may be left out, and there is no figure of it at all."""
    indicator = part.indicator or name
    if not part.optional or indicator in read.sizes or read.figures.periods(indicator):
        return False
    read.warnings.append(f"no figure of {indicator} was known: {name} is left out of the key")
    return True


def _part(name: str, part: KeyPart, read: Reader) -> Part:
    indicator, amount = part.indicator or name, part.as_ in ("amount", "extra")
    period, values = read.values(indicator, part.period, part.missing)
    size = np.ones(len(values))
    if part.of is not None:
        _, size = read.values(part.of, None, part.of_missing or part.missing)
    for other, strength in part.modulated.items():
        size = size * modulation(read.values(other, None, part.missing)[1], strength)
    if amount:
        found = np.where(values > 0, np.power(np.maximum(values, 0.0), part.exponent), 0.0) * size
    else:
        found = shares(values, part.as_, part.exponent, size)
        if not fsum(found) > 0 and not read.faults:
            told = f"'{indicator}' {period} is 0 for every municipality"
            read.faults.append(Fault("key.all-zero", told))
    if part.cap is not None and not amount:
        found = capped(
            found, part.cap.factor, _basis(part.cap, part.missing, read), part.cap.excess
        )
    extra = part.as_ == "extra"
    return Part(name, indicator, period, part.weight, values, found, amount, extra)


def _basis(cap: Cap, missing: str, read: Reader) -> Floats:
    """The shares that a cap is a multiple of."""
    _, basis = read.values(cap.basis, None, missing)
    return basis / max(fsum(basis), 1e-300)
