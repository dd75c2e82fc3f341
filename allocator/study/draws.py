"""Values drawn from a distribution: ``need.total=triangular(9000,13000,19000)``.

| written | is |
|---|---|
| ``normal(mean, sd)`` | the normal distribution |
| ``uniform(low, high)`` | the uniform distribution |
| ``triangular(low, mid, high)`` | low, mid and high forecasts as a triangle |
| ``poisson(mean)`` | arrivals one by one: variance = mean |
| ``negative-binomial(mean, k)`` | arrivals in clusters: variance = mean + mean²/k |
| ``dirichlet(c)``, for ``key`` | weights of the key around the model's own; a larger c, nearer |

Where whole persons stand, a draw is rounded, and one below 0 is 0. The draws of a key depend on the
seed and on the key's name alone: another key more or less changes none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allocator.errors import Fault, UsageError, did_you_mean

__all__ = ["DISTRIBUTIONS", "Draw", "drawn", "parse_draw"]

DISTRIBUTIONS = {
    "normal": ("mean", "sd"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mid", "high"),
    "poisson": ("mean",),
    "negative-binomial": ("mean", "k"),
    "dirichlet": ("c",),
}
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Draw:
    """A key, and the distribution its values are drawn from."""

    key: str
    name: str
    of: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.key}={self.name}({','.join(f'{number:g}' for number in self.of)})"


def parse_draw(text: str) -> Draw:
    """A draw as it is written on the command line.

    >>> parse_draw("need.total=poisson(13000)")
    Draw(key='need.total', name='poisson', of=(13000.0,))
    >>> parse_draw("need.total=triangular(5,4,9)")
    Traceback (most recent call last):
    allocator.errors.UsageError: --draw need.total=triangular(5,4,9): low ≤ mid ≤ high ...
    """
    key, equals, rest = text.partition("=")
    shape = re.fullmatch(r"\s*([a-z-]+)\s*\(([^()]*)\)\s*", rest)
    if not (equals and key.strip() and shape):
        raise _refused(text, "is no draw", "key=distribution(…), such as need.total=poisson(13000)")
    name, given = shape[1], shape[2].split(",")
    if name not in DISTRIBUTIONS:
        near = did_you_mean(name, DISTRIBUTIONS)
        raise UsageError(Fault("draw.form", f"--draw {text}: no distribution '{name}'", "", near))
    wanted = DISTRIBUTIONS[name]
    try:
        of = tuple(float(number) for number in given)
    except ValueError:
        of = ()
    if len(of) != len(wanted) or not all(np.isfinite(of)):
        raise _refused(text, "has not its numbers", f"{name}({', '.join(wanted)})")
    if (name == "dirichlet") != (key.strip() in ("key", "minors.key")):
        raise _refused(text, "weights of a key are drawn together", "key=dirichlet(c)")
    wrong = _wrong(name, of)
    if wrong:
        raise _refused(text, f"{wrong} does not hold", f"{name}({', '.join(wanted)})")
    return Draw(key.strip(), name, of)


def _wrong(name: str, of: tuple[float, ...]) -> str:
    """The condition on a distribution's numbers that does not hold."""
    if name == "normal":
        return "" if of[1] >= 0 else "sd ≥ 0"
    if name in ("uniform", "triangular"):
        return "" if list(of) == sorted(of) else " ≤ ".join(DISTRIBUTIONS[name])
    if name == "dirichlet":
        return "" if of[0] > 0 else "c > 0"
    if name == "poisson":
        return "" if 0 <= of[0] <= 1e9 else "0 ≤ mean ≤ 1e9"
    return "" if of[0] >= 0 and of[1] > 0 else "mean ≥ 0 and k > 0"


def drawn(
    draw: Draw, count: int, seed: int, *, whole: bool, weights: Mapping[str, float]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The keys that are set, and ``count`` draws of their values as texts.

    ``weights`` are those of the key that is drawn around, by criterion.

    >>> drawn(Draw("need.total", "poisson", (100.0,)), 3, 1, whole=True, weights={})
    (('need.total',), [('96',), ('89',), ('106',)])
    >>> keys, values = drawn(Draw("key", "dirichlet", (50.0,)), 1, 1, whole=False,
    ...                      weights={"population": 0.5, "decided": 0.5})
    >>> keys, sum(float(value) for value in values[0])
    (('key.population', 'key.decided'), 1.0)
    """
    stream = np.random.default_rng(np.random.SeedSequence([seed, *draw.key.encode()]))
    if draw.name == "dirichlet":
        positive = {name: weight for name, weight in weights.items() if weight > 0}
        mean = np.array(list(positive.values())) / sum(positive.values())
        found = np.round(stream.dirichlet(draw.of[0] * mean, count), _PLACES)
        # What rounding leaves goes to the last, so that the weights still sum to 1.
        found[:, -1] = np.round(1 - found[:, :-1].sum(axis=1), _PLACES)
        keys = tuple(f"{draw.key}.{name}" for name in positive)
        return keys, [tuple(f"{weight:.6f}" for weight in row) for row in np.maximum(found, 0)]
    numbers = _numbers(stream, draw, count)
    if whole:
        return (draw.key,), [(str(n),) for n in np.maximum(np.round(numbers), 0).astype(int)]
    return (draw.key,), [(repr(round(float(n), _PLACES)),) for n in numbers]


def _numbers(stream: np.random.Generator, draw: Draw, count: int) -> npt.NDArray[np.float64]:
    of = draw.of
    if draw.name == "normal":
        return stream.normal(of[0], of[1], count)
    if draw.name == "uniform":
        return stream.uniform(of[0], of[1], count)
    if draw.name == "triangular":
        low, mid, high = of
        return stream.triangular(low, mid, high, count) if low < high else np.full(count, low)
    if draw.name == "poisson":
        return stream.poisson(of[0], count).astype(np.float64)
    mean, k = of
    return stream.negative_binomial(k, k / (k + mean), count).astype(np.float64)


def _refused(text: str, why: str, expected: str) -> UsageError:
    return UsageError(Fault("draw.form", f"--draw {text}: {why}", expected))
