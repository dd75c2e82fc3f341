"""The model document: an allocation rule. One table for each constraint family."""

from dataclasses import field
from typing import Annotated, Any, Literal

from allocator.documents.base import Document, Field, Short, document

__all__ = [
    "Band",
    "Cap",
    "Capacity",
    "Ceiling",
    "Condition",
    "County",
    "Eligible",
    "Goals",
    "KeyPart",
    "Lot",
    "Minors",
    "Model",
    "Persons",
    "Rule",
    "Text",
    "Whole",
]

Text = Annotated[str, Field(least=1)]
Persons = Annotated[int, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0)]
Step = Annotated[int, Field(ge=1, le=1_000_000)]
Period = Annotated[
    str,
    Field(
        pattern="^[0-9]{4}(-(0[1-9]|1[0-2]))?$",
        expected="a year such as '2014' or a month such as '2022-10'",
    ),
]
HARD = "false: may give way, and the result says how far"


@document
class Cap(Document):
    """A ceiling on one criterion's share, and where the excess goes."""

    factor: Annotated[Factor, Field("the share is at most factor × basis share")]
    basis: Annotated[Text, Field("the indicator whose share is the basis")] = "population"
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
    indicator: Annotated[Text | None, Field("panel indicator; default: the part's own name")] = None
    as_: Annotated[
        Literal["share", "inverse", "modulator"],
        Field("share: v/Σv · inverse: (1/v)/Σ(1/v) · modulator: v/mean × size, shared", alias="as"),
    ] = "share"
    of: Annotated[
        Text | None,
        Field("a size the value is multiplied by before sharing (modulator, inverse)"),
    ] = None
    exponent: Annotated[float, Field("the value is raised to this power before sharing")] = 1.0
    period: Annotated[
        Period | None,
        Field('a fixed period such as "2014" or "2022-10"; default: the newest known'),
    ] = None
    cap: Annotated[Cap | None, Field("a ceiling on the share")] = None
    missing: Annotated[
        Literal["refuse", "zero", "mean", "earlier"],
        Field(
            "what a missing value means; always shown in the result. earlier: the newest earlier "
            "figure; mean: the mean of the others"
        ),
    ] = "refuse"


def _as_weight(value: Any) -> Any:
    """``population = 0.7`` is short for ``population = { weight = 0.7 }``."""
    return value if isinstance(value, dict | Document) else {"weight": value}


Part = Annotated[KeyPart, Field(short=Short(float, _as_weight))]
Key = dict[str, Part]


@document
class Condition(Document):
    """A municipality is eligible when the indicator is within the limits."""

    indicator: Annotated[Text, Field("panel indicator")]
    min: Annotated[float | None, Field("at least")] = None
    max: Annotated[float | None, Field("at most")] = None
    missing: Annotated[
        Literal["eligible", "exempt"],
        Field("what a missing value means; always shown in the result"),
    ] = "eligible"


@document
class Eligible(Document):
    """Who can be asked at all. Those who cannot leave the denominators of the key."""

    min_population: Annotated[
        int, Field("inhabitants; smaller are not asked", ge=0, le=10_000_000)
    ] = 0
    where: Annotated[tuple[Condition, ...], Field("further limits on indicators")] = ()


@document
class Capacity(Document):
    """x[m] ≤ capacity, stated in the scenario or taken from history."""

    factor: Annotated[
        Factor | None,
        Field("capacity = factor × best of the last years; default: only stated ones"),
    ] = None
    best_of: Annotated[
        tuple[Literal["requested", "decided", "settled"], ...],
        Field("the figures the best is taken among"),
    ] = ("decided", "settled")
    years: Annotated[int, Field("how many years back", ge=1, le=100)] = 3
    hard: Annotated[bool, Field(HARD)] = True


@document
class Lot(Document):
    """x[m] = 0 or x[m] ≥ lot; likewise for minors."""

    persons: Annotated[Persons, Field("nobody asked is asked for fewer")] = 0
    minors: Annotated[Persons, Field("nobody asked for minors is asked for fewer of them")] = 0
    every: Annotated[bool, Field("every eligible municipality is asked")] = False
    every_minors: Annotated[
        bool, Field("every municipality that can take minors is asked for some")
    ] = False


@document
class Band(Document):
    """(1 − down)·h[m] ≤ x[m] ≤ (1 + up)·h[m], where h is last year's request."""

    down: Annotated[Share | None, Field("how far below; default: no lower limit")] = None
    up: Annotated[Factor | None, Field("how far above; default: no upper limit")] = None
    scaled: Annotated[bool, Field("scale last year's requests to the new need first")] = False
    hard: Annotated[bool, Field(HARD)] = True


@document
class County(Document):
    """How the county split comes before the municipalities."""

    split: Annotated[
        Literal["free", "band", "first"],
        Field("first: county totals are fixed by the key; band: within a band of it; free"),
    ] = "free"
    within: Annotated[Share, Field("the band, as a share of the county's entitlement")] = 0.0
    hard: Annotated[bool, Field(HARD)] = True


@document
class Ceiling(Document):
    """x[m] ≤ per_1000 · inhabitants / 1000."""

    per_1000: Annotated[Factor | None, Field("persons per 1 000 inhabitants")] = None
    hard: Annotated[bool, Field(HARD)] = True


@document
class Minors(Document):
    """Unaccompanied minors: a part of the total that needs a service of its own."""

    key: Annotated[Key, Field("their own key; default: the total's key")] = field(
        default_factory=dict
    )
    service: Annotated[
        Literal["all", "declared", "history"],
        Field(
            "who can take minors: all, those the scenario declares, or those with minors in an "
            "earlier year"
        ),
    ] = "all"
    share: Annotated[Share | None, Field("minors are at most this share of a request")] = None
    hard: Annotated[bool, Field("false: the share may give way")] = True


@document
class Goals(Document):
    """What is optimised, in order; each is held while the next is."""

    order: Annotated[
        tuple[Literal["place", "even", "steady"], ...], Field("the order of the goals")
    ] = ("place", "even", "steady")
    even: Annotated[
        Literal["leximin", "minimax", "l1", "l2"],
        Field("how unevenness of relative load x[m]/e[m] is measured"),
    ] = "leximin"


@document
class Whole(Document):
    """How shares of persons become whole persons."""

    step: Annotated[Step, Field("requests are multiples of this")] = 1
    minors_step: Annotated[Step | None, Field("the same for minors; default: as for the total")] = (
        None
    )
    method: Annotated[
        Literal[
            "nearest",
            "largest-remainder",
            "webster",
            "jefferson",
            "adams",
            "huntington-hill",
            "dean",
            "biproportional",
        ],
        Field(
            "nearest: the whole numbers nearest to the fractions; the others apportion the total "
            "by the key, in exact fractions, for rules without steps, chosen lots or county split"
        ),
    ] = "nearest"


@document
class Rule(Document):
    """The tables a model holds and a scenario may override."""

    key: Annotated[Key, Field("criterion → weight: the entitlement is their weighted sum")] = field(
        default_factory=dict
    )
    eligible: Eligible = field(default_factory=Eligible)
    capacity: Capacity = field(default_factory=Capacity)
    lot: Lot = field(default_factory=Lot)
    band: Band = field(default_factory=Band)
    county: County = field(default_factory=County)
    ceiling: Ceiling = field(default_factory=Ceiling)
    minors: Minors = field(default_factory=Minors)
    goals: Goals = field(default_factory=Goals)
    whole: Whole = field(default_factory=Whole)


@document
class Model(Rule):
    """An allocation rule, with where it comes from."""

    title: Annotated[Text, Field("one line that says what the rule is")]
    source: Annotated[Text, Field("where the rule is written down")]
    modelled: Annotated[str, Field("what of the source is modelled")] = ""
    not_modelled: Annotated[str, Field("what of the source is not modelled")] = ""
    key: Annotated[Key, Field("criterion → weight: the entitlement is their weighted sum", least=1)]
