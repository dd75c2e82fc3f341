"""The key of a rule as people write it: criteria, the sizes they stand on, limits on shares."""

from dataclasses import field
from typing import Annotated, Any, Literal

from allocator.documents.base import Document, Field, Short, document

__all__ = ["Cap", "Key", "KeyPart", "Part", "Period", "Share", "Shares", "Size", "Text"]

Text = Annotated[str, Field(least=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0)]
Missing = Literal["refuse", "zero", "mean", "earlier"]
Period = Annotated[
    str,
    Field(
        pattern="^[0-9]{4}(-(0[1-9]|1[0-2]))?$",
        expected="a year such as '2014' or a month such as '2022-10'",
    ),
]


@document
class Cap(Document):
    """A ceiling on the share of one criterion or of the whole key, and where the excess goes."""

    factor: Annotated[Factor, Field("the share is at most factor × basis share")]
    basis: Annotated[Text, Field("the indicator, or one of [size], whose share is the basis")] = (
        "population"
    )
    excess: Annotated[
        Literal["pro-rata", "basis", "iterate"],
        Field(
            "pro-rata: spread once over the uncapped; iterate: until nobody is over; "
            "basis: spread by the basis share over all"
        ),
    ] = "pro-rata"


@document
class KeyPart(Document):
    """One criterion of a key: an indicator turned into a share of the whole, with a weight."""

    weight: Annotated[
        float, Field("its weight in the key; below 0, having much of it lowers the request")
    ]
    indicator: Annotated[
        Text | None,
        Field("panel indicator, or one of [size]; default: the part's own name"),
    ] = None
    as_: Annotated[
        Literal["share", "inverse", "modulator", "amount", "extra"],
        Field(
            "share: v/Σv · inverse: (1/v)/Σ(1/v) · modulator: v/mean × size, shared · amount: "
            "weight × v persons, outside the sharing: the other parts share out what is left of "
            "the need (below 0: the need and what is taken off) · extra: weight × v persons beside "
            'the need, all of which the other parts share out ([whole] total = "own")',
            alias="as",
        ),
    ] = "share"
    of: Annotated[
        Text | None,
        Field("a size the value is multiplied by before sharing (modulator, inverse)"),
    ] = None
    exponent: Annotated[float, Field("the value is raised to this power before sharing")] = 1.0
    modulated: Annotated[
        dict[str, float],
        Field(
            "indicator y → strength k: the value is multiplied by max(0, 1 + k·(1 − y/mean y)) "
            "before sharing"
        ),
    ] = field(default_factory=dict)
    period: Annotated[
        Period | None,
        Field('a fixed period such as "2014" or "2022-10"; default: the newest known'),
    ] = None
    cap: Annotated[Cap | None, Field("a ceiling on the share")] = None
    missing: Annotated[
        Missing,
        Field(
            "what a missing value means; always shown in the result. earlier: the newest earlier "
            "figure; mean: the mean of the others"
        ),
    ] = "refuse"
    of_missing: Annotated[
        Missing | None, Field("the same for the size named by 'of'; default: as for the value")
    ] = None
    optional: Annotated[
        bool, Field("left out, and told, where no figure of it was known at all")
    ] = False


@document
class Size(Document):
    """A size made of several indicators: Σ weight × value, or Σ weight × share of the value."""

    of: Annotated[dict[str, float], Field("indicator → its weight", least=1)]
    as_: Annotated[
        Literal["sum", "shares"],
        Field("sum: of the values, in their units · shares: of each one's share", alias="as"),
    ] = "sum"


@document
class Shares(Document):
    """Limits on the shares the whole key gives, before they become persons."""

    floor: Annotated[
        Share, Field("nobody's share is below this; the others give in proportion")
    ] = 0.0
    cap: Annotated[Cap | None, Field("a ceiling on the share")] = None


def _as_weight(value: Any) -> Any:
    """``population = 0.7`` is short for ``population = { weight = 0.7 }``."""
    return value if isinstance(value, dict | Document) else {"weight": value}


Part = Annotated[KeyPart, Field(short=Short(float, _as_weight))]
Key = dict[str, Part]
