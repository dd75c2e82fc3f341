"""Numbers as people write them: ``2014:2026``, ``2016:2024:2``, ``0.5:1:0.05``, ``5000,9000``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from allocator.errors import Fault, UsageError

__all__ = ["values", "whole_numbers"]

_MOST = 10_000
_MOST_VALUES = 1_000_000


def whole_numbers(text: str, what: str = "the range") -> tuple[int, ...]:
    """The numbers of a range ``start:stop[:step]``, both ends in, or of a list of such; sorted.

    >>> whole_numbers("2014:2018:2,2026")
    (2014, 2016, 2018, 2026)
    >>> whole_numbers("2026:2014", "--years")
    Traceback (most recent call last):
    allocator.errors.UsageError: --years 2026:2014: '2026:2014' ends before it begins; expected ...
    """
    found: set[int] = set()
    for part in text.split(","):
        try:
            first, *more = (int(number) for number in part.split(":"))
        except ValueError:
            raise _refused(what, text, f"'{part}' is not a range of whole numbers") from None
        if len(more) > 2:
            raise _refused(what, text, f"'{part}' has more than three parts")
        stop, step = (*more, *(first, 1)[len(more) :])
        if step < 1:
            raise _refused(what, text, f"'{part}' has a step below 1")
        if stop < first:
            raise _refused(what, text, f"'{part}' ends before it begins")
        numbers = range(first, stop + 1, step)
        if len(numbers) > _MOST:
            raise _refused(what, text, f"'{part}' is more than {_MOST} numbers")
        found.update(numbers)
    return tuple(sorted(found))


def values(text: str, what: str = "the values") -> tuple[str, ...]:
    """The values of a list with commas, each as it is written; ``start:stop[:step]`` is a range of
    numbers, both ends in, decimals exact. Commas within brackets or quotes do not part.

    >>> values("5000:6000:500"), values("0.8:1:0.1"), values("population,last-year")
    (('5000', '5500', '6000'), ('0.8', '0.9', '1.0'), ('population', 'last-year'))
    >>> values('{ population = 1, settled = 2 },["a", "b"]')
    ('{ population = 1, settled = 2 }', '["a", "b"]')
    """
    found: list[str] = []
    for part in _parts(text):
        if not part:
            raise _refused(what, text, "a value is empty")
        found += _range(part, what, text) or [part]
    return tuple(dict.fromkeys(found))


def _parts(text: str) -> list[str]:
    """A list taken apart at its commas."""
    parts, deep, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{(":
            deep += 1
        elif letter in "]})":
            deep -= 1
        elif letter == "," and not deep:
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts]


def _range(part: str, what: str, text: str) -> list[str] | None:
    """The numbers of ``start:stop[:step]``; None where it is none."""
    try:
        numbers = [Decimal(number) for number in part.split(":")]
    except InvalidOperation:
        return None
    if len(numbers) not in (2, 3) or not all(number.is_finite() for number in numbers):
        return None
    start, stop, step = (*numbers, Decimal(1))[:3]
    if step <= 0:
        raise _refused(what, text, f"'{part}' has a step that is not above 0")
    if stop < start:
        raise _refused(what, text, f"'{part}' ends before it begins")
    count = int((stop - start) / step) + 1
    if count > _MOST_VALUES:
        raise _refused(what, text, f"'{part}' is more than {_MOST_VALUES} numbers")
    return [f"{start + step * place:f}" for place in range(count)]


def _refused(what: str, text: str, why: str) -> UsageError:
    expected = "start:stop or start:stop:step, both ends in, or a list with commas"
    return UsageError(Fault("range.form", f"{what} {text}: {why}", expected))
