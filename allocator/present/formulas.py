"""A rule's key and limits written as formulas, from its document."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from allocator.documents import KeyPart, Model
from allocator.documents.key import Cap

__all__ = ["formula"]


def formula(model: Model) -> list[str]:
    """What the rule works out, line by line.

    >>> from allocator.documents import load_model
    >>> for line in formula(load_model("denmark")):
    ...     print(line)
    e = (N − Σ A) · s + A
    s = 2 · population/Σ − 1 · immigrants/Σ
    A = −1 · family_reunified, in persons
    """
    beside = ("amount", "extra")
    shared = {name: part for name, part in model.key.items() if part.as_ not in beside}
    amounts = {name: part for name, part in model.key.items() if part.as_ == "amount"}
    extra = {name: part for name, part in model.key.items() if part.as_ == "extra"}
    pot = "(N − Σ A)" if amounts else "N"
    terms = [f"{pot} · s"] * bool(shared) + ["A"] * bool(amounts) + ["X"] * bool(extra)
    lines = [f"e = {' + '.join(terms)}"]
    if shared:
        total = fsum(part.weight for part in shared.values())
        weighed = [(part.weight / total, _share(name, part)) for name, part in shared.items()]
        lines.append(f"s = {_sum(weighed)}")
    for letter, outside, where in (("A", amounts, ""), ("X", extra, " beside the need")):
        if outside:
            weighed = [(part.weight, _value(name, part)) for name, part in outside.items()]
            lines.append(f"{letter} = {_sum(weighed, always=True)}, in persons{where}")
    if model.fitted is not None:
        lines.append(f"the weights are those nearest to what was {model.fitted} in earlier years")
    for name, part in shared.items():
        if part.cap is not None:
            lines.append(_capped(f"the share of {name}", part.cap))
        lines += [_modulated(other, k) for other, k in part.modulated.items()]
    if model.share.cap is not None:
        lines.append(_capped("s", model.share.cap))
    if model.share.floor:
        lines.append(f"s ≥ {model.share.floor:g}, the others giving in proportion")
    for name, size in model.size.items():
        weighed = [(w, f"{of}/Σ" if size.as_ == "shares" else of) for of, w in size.of.items()]
        lines.append(f"{name} = {_sum(weighed)}")
    return lines + list(_limits(model))


def _share(name: str, part: KeyPart) -> str:
    value, alone = _value(name, part), part.exponent == 1 and not part.of and not part.modulated
    if part.as_ == "inverse":
        value = f"(1/{part.indicator or name}){_power(part)}{_times(part)}"
    return f"{value}/Σ" if alone else f"[{value}]/Σ"


def _value(name: str, part: KeyPart) -> str:
    return f"{part.indicator or name}{_power(part)}{_times(part)}"


def _power(part: KeyPart) -> str:
    return "" if part.exponent == 1 else f"^{part.exponent:g}"


def _times(part: KeyPart) -> str:
    by = [f" · {part.of}"] if part.of else []
    return "".join(by + [f" · λ({other})" for other in part.modulated])


def _sum(terms: list[tuple[float, str]], *, always: bool = False) -> str:
    if len(terms) == 1 and terms[0][0] == 1 and not always:
        return terms[0][1]
    text = " ".join(f"{'−' if w < 0 else '+'} {abs(w):.4g} · {of}" for w, of in terms)
    return text.removeprefix("+ ").replace("− ", "−", 1) if text[0] == "−" else text[2:]


def _modulated(other: str, strength: float) -> str:
    return f"λ({other}) = max(0, 1 + {strength:g} · (1 − {other}/mean))"


def _capped(what: str, cap: Cap) -> str:
    where = {
        "pro-rata": "to those below it in proportion, once",
        "iterate": "to those below it in proportion, until nobody is above",
        "basis": "to all, by that share",
    }[cap.excess]
    return f"{what} ≤ {cap.factor:g} · {cap.basis}/Σ; the excess goes {where}"


def _limits(model: Model) -> Iterator[str]:
    if model.eligible.min_population:
        yield f"only with at least {model.eligible.min_population} inhabitants"
    for where in model.eligible.where:
        bounds = [f"≥ {where.min:g}"] if where.min is not None else []
        bounds += [f"≤ {where.max:g}"] if where.max is not None else []
        yield f"only where {where.indicator} {' and '.join(bounds)}"
    if model.minors.key:
        names = ", ".join(model.minors.key)
        yield f"minors by {names}"
    for what, limit in (("x", model.ceiling), ("x[minors]", model.ceiling.minors)):
        if limit is not None and limit.per_1000 is not None:
            there = f" − {limit.there}" if limit.there else ""
            yield f"{what} ≤ {limit.per_1000:g} · {limit.of}/1000{there}"
    if model.capacity.factor is not None:
        years = model.capacity.years
        yield f"x ≤ {model.capacity.factor:g} · the best of the last {years} years"
    if model.lot.persons:
        yield f"x ≥ {model.lot.persons}" + ("" if model.lot.every else " or x = 0")
    if model.county.split != "free":
        yield "Σ x of a county = its Σ e" + (
            f", within {model.county.within:.0%}" if model.county.split == "band" else ""
        )
    if model.whole.step > 1:
        yield f"x is a multiple of {model.whole.step}"
    if model.whole.total == "own":
        way = "up" if model.whole.method == "up" else "to the nearest"
        yield f"each x is e rounded {way} by itself; what is asked for is Σ x"
    elif model.whole.method != "nearest":
        yield f"whole persons by the method {model.whole.method}"
