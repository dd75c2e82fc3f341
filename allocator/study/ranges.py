"""Whole numbers as people write them: ``2014:2026``, ``2016:2024:2``, ``2016,2020,2022:2024``."""

from __future__ import annotations

from allocator.errors import Fault, UsageError

__all__ = ["whole_numbers"]

_MOST = 10_000


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


def _refused(what: str, text: str, why: str) -> UsageError:
    expected = "start:stop or start:stop:step, both ends in, or a list with commas"
    return UsageError(Fault("range.form", f"{what} {text}: {why}", expected))
