"""The numbers and choices of the page, each a key of the documents: one line a control."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allocator.documents import Case

__all__ = ["CHOICES", "NUMBERS", "Choice", "Number", "plain", "read_number"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number field with a slider: ``name`` in the URL, ``key`` in the documents.

    What is shown is ``scale`` × what the document says (100: percent), in steps of ``step``, from
    ``least`` to ``most``; the slider ends at ``slider``, which is where people look.
    """

    name: str
    key: str
    group: str
    slider: int
    most: int = 1_000_000
    least: int = 0
    step: str = "1"
    scale: int = 1

    def of(self, case: Case) -> Decimal | None:
        """What a case says, as it is shown; None where it sets no limit."""
        value = _value(case, self.key)
        return None if value is None else (Decimal(str(value)) * self.scale).normalize()

    def setting(self, shown: Decimal) -> str:
        """The ``key=value`` that says the shown number.

        >>> Number("up", "band.up", "band", 200, scale=100).setting(Decimal(25))
        'band.up=0.25'
        """
        return f"{self.key}={plain(shown / self.scale)}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words: ``name`` in the URL, ``key`` and the document's words."""

    name: str
    key: str
    group: str
    values: tuple[str, ...]

    def of(self, case: Case) -> str:
        """The word a case says."""
        value = _value(case, self.key)
        return str(value).lower() if isinstance(value, bool) else str(value)


NUMBERS = (
    Number("need", "need.total", "need", 40_000),
    Number("em", "need.em", "need", 4_000),
    Number("em_under15", "need.em_under15", "need", 1_000),
    Number("em_15_17", "need.em_15_17", "need", 4_000),
    Number("lot", "lot.persons", "lot", 50, most=10_000),
    Number("lot_em", "lot.minors", "lot", 20, most=10_000),
    Number("step", "whole.step", "lot", 25, most=10_000, least=1),
    Number("down", "band.down", "band", 100, most=100, scale=100),
    Number("up", "band.up", "band", 300, most=10_000, scale=100),
    Number("within", "county.within", "county", 50, most=100, scale=100),
    Number("room", "capacity.factor", "limits", 300, most=10_000, scale=100),
    Number("ceiling", "ceiling.per_1000", "limits", 20, most=1_000, step="0.1"),
    Number("share", "minors.share", "limits", 100, most=100, scale=100),
)
CHOICES = (
    Choice("scaled", "band.scaled", "band", ("false", "true")),
    Choice("hard_need", "need.hard", "need", ("true", "false")),
    Choice("hard_band", "band.hard", "band", ("true", "false")),
    Choice("split", "county.split", "county", ("free", "band", "first")),
    Choice("hard_county", "county.hard", "county", ("true", "false")),
    Choice("hard_capacity", "capacity.hard", "limits", ("true", "false")),
    Choice("hard_ceiling", "ceiling.hard", "limits", ("true", "false")),
    Choice("hard_minors", "minors.hard", "limits", ("true", "false")),
    Choice("even", "goals.even", "goals", ("leximin", "minimax", "l1", "l2")),
)


def read_number(text: str, control: Number) -> Decimal | None:
    """A number as somebody writes it: 13 000, 2,5 or 2.5; None where it is none, or out of range.

    >>> read_number("13 000", NUMBERS[0]) == 13000, read_number("2,5", NUMBERS[0])
    (True, None)
    """
    written = "".join(text.split()).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", written):
        return None
    number = Decimal(written)
    if not control.least <= number <= control.most:
        return None
    return number.normalize() if number % Decimal(control.step) == 0 else None


def plain(number: Decimal) -> str:
    """A number as the URL and the documents have it: no exponent, no zeros at the end.

    >>> plain(Decimal("1.4E+4")), plain(Decimal("2.50"))
    ('14000', '2.5')
    """
    return format(number.normalize(), "f") if number else "0"


def _value(case: Case, key: str) -> Any:
    table, name = key.split(".")
    return getattr(getattr(case.scenario if table == "need" else case.rule, table), name)
