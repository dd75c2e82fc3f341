r"""Paradox pairs: worse off on every burden, and yet asked for more (Grech 2017).

A key has criteria that relieve: an inverse share (unemployment), a modulator, a strength it is
``modulated`` by, a weight below 0. What is left without them is its *size*: the shares of the other
criteria, and of the sizes that the relieving ones are multiplied by. A is **worse placed** than B
when A has the weaker claim on every relieving indicator; a rule that means what it says then asks A
for less, relative to size. Where it asks for more, the pair is a paradox (Grech 2017, doi
10.1177/1465116516649244, who finds 27 of 172 pairs in the key of the EU of 2015 and none in his).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from allocator.documents import KeyPart, Model
from allocator.program.known import Figures
from allocator.program.problem import Floats
from allocator.program.readings import Reader
from allocator.program.shares import shares

__all__ = ["Pairs", "paradox_pairs"]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many pairs can be compared, in how many of them the worse placed is asked for more.

    ``relieving`` are the indicators, each with + where much of it means more and − where it means
    fewer; empty where the key relieves nothing. ``examples`` are (asked more, asked fewer, ratio of
    their numbers relative to size), the furthest apart first.
    """

    relieving: tuple[tuple[str, str], ...]
    compared: int
    paradoxes: int
    examples: tuple[tuple[str, str, float], ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "relieving": [{"indicator": name, "more_means": sign} for name, sign in self.relieving],
            "compared": self.compared,
            "paradoxes": self.paradoxes,
            "examples": [
                {"asked_more": a, "asked_fewer": b, "ratio": ratio} for a, b, ratio in self.examples
            ],
        }


def paradox_pairs(
    model: Model, figures: Figures, codes: tuple[str, ...], share: Floats
) -> Pairs | None:
    """The pairs of a rule's own key over ``codes``, where ``share`` is what the key gives.

    None where the key has no size to go by (every criterion relieves).
    """
    read = Reader(figures, codes, model.size)
    size = np.zeros(len(codes))
    claims: dict[str, Floats] = {}
    for name, part in model.key.items():
        if part.as_ not in ("amount", "extra"):
            size += _size(name, part, read)
    if not size.all():
        return None
    for name, part in model.key.items():
        if part.as_ not in ("amount", "extra"):
            claims |= dict(_claims(name, part, read, size))
    if not claims:
        return Pairs((), 0, 0, ())
    worse = np.ones((len(codes), len(codes)), dtype=bool)
    for claim in claims.values():
        worse &= claim[:, None] < claim[None, :]
    load = share / size
    more = worse & (load[:, None] > load[None, :] * (1 + 1e-9))
    ratio = np.where(more, load[:, None] / np.maximum(load[None, :], 1e-300), 0.0)
    order = np.argsort(-ratio, axis=None, kind="stable")[: min(_SHOWN, int(more.sum()))]
    examples = tuple(
        (codes[a], codes[b], round(float(ratio[a, b]), 4))
        for a, b in (divmod(int(place), len(codes)) for place in order)
    )
    signs = tuple((name[1:], name[0]) for name in claims)
    return Pairs(signs, int(worse.sum()), int(more.sum()), examples)


def _size(name: str, part: KeyPart, read: Reader) -> Floats:
    """A criterion's part of the key without what relieves in it."""
    if part.as_ == "share" and part.weight > 0:
        values = read.values(part.indicator or name, part.period, part.missing)[1]
        of = None if part.of is None else _values(part, read)
        return part.weight * shares(values, "share", part.exponent, of)
    if part.of is not None and part.weight > 0:
        return part.weight * shares(_values(part, read), "share")
    return np.zeros(len(read.codes))


def _values(part: KeyPart, read: Reader) -> Floats:
    return read.values(part.of or "", None, part.of_missing or part.missing)[1]


def _claims(name: str, part: KeyPart, read: Reader, size: Floats) -> Iterator[tuple[str, Floats]]:
    """What relieves, as (sign and indicator, a claim: more of it asks for more)."""
    values = read.values(part.indicator or name, part.period, part.missing)[1]
    sign = 1 if part.weight * part.exponent > 0 else -1
    if part.as_ == "inverse":
        sign = -sign
    if part.as_ in ("inverse", "modulator"):
        yield f"{'−+'[sign > 0]}{part.indicator or name}", sign * values
    elif part.weight < 0:
        yield f"−{part.indicator or name}", -values / size
    for other, strength in part.modulated.items():
        if strength:
            values = read.values(other, None, part.missing)[1]
            yield f"{'−+'[strength < 0]}{other}", -np.sign(strength) * values
