"""The model document: an allocation rule. One table for each constraint family."""

from dataclasses import field
from typing import Annotated, Literal

from allocator.documents.base import ContradictionError, Document, Field, document
from allocator.documents.key import Cap, Key, KeyPart, Period, Shares, Size, Text

__all__ = [
    "Among",
    "Band",
    "Cap",
    "Capacity",
    "Ceiling",
    "Condition",
    "County",
    "CountyCode",
    "Eligible",
    "Goals",
    "KeyPart",
    "Lot",
    "Minors",
    "MinorsCeiling",
    "Model",
    "MunicipalityCode",
    "Persons",
    "Rule",
    "Shares",
    "Size",
    "Text",
    "Whole",
]

Persons = Annotated[int, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0)]
Step = Annotated[int, Field(ge=1, le=1_000_000)]
Year = Annotated[int, Field(ge=1800, le=2200)]
CountyCode = Annotated[
    str, Field(pattern="^[0-9]{2}$", expected="two digits in quotes, such as '01'", width=2)
]
MunicipalityCode = Annotated[
    str, Field(pattern="^[0-9]{4}$", expected="four digits in quotes, such as '0101'", width=4)
]
HARD = "false: may give way, and the result says how far"


@document
class Condition(Document):
    """A municipality is eligible when the indicator is within the limits."""

    indicator: Annotated[Text, Field("panel indicator")]
    period: Annotated[
        Period | None, Field('a fixed period such as "2020"; default: the newest known')
    ] = None
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
class Among(Document):
    """Those whose indicator is within the limits have another factor of capacity."""

    indicator: Annotated[Text, Field("panel indicator, such as ssb_centrality_1to6")]
    period: Annotated[
        Period | None, Field('a fixed period such as "2020"; default: the newest known')
    ] = None
    min: Annotated[float | None, Field("at least")] = None
    max: Annotated[float | None, Field("at most")] = None
    factor: Annotated[Factor, Field("capacity = factor × best of the last years")]


@document
class Capacity(Document):
    """x[m] ≤ capacity, stated in the scenario or taken from history."""

    factor: Annotated[
        Factor | None,
        Field("capacity = factor × best of the last years; default: only stated ones"),
    ] = None
    among: Annotated[
        tuple[Among, ...],
        Field("another factor for some; whoever is in several has the smallest, a missing is none"),
    ] = ()
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
    least: Annotated[
        dict[CountyCode, Persons],
        Field("county → at least this many, in place of the lower limit that the split sets"),
    ] = field(default_factory=dict)
    most: Annotated[
        dict[CountyCode, Persons],
        Field("county → at most this many, in place of the upper limit that the split sets"),
    ] = field(default_factory=dict)
    hard: Annotated[bool, Field(HARD)] = True

    def __post_init__(self) -> None:
        told = [
            ("least", f"county {code}: at least {least} and at most {self.most[code]}")
            for code, least in self.least.items()
            if self.most.get(code, least) < least
        ]
        if told:
            raise ContradictionError(*told)


@document
class MinorsCeiling(Document):
    """x[m, em] ≤ per_1000 · size / 1000 − those already there."""

    per_1000: Annotated[Factor | None, Field("minors per 1 000 of the size")] = None
    of: Annotated[Text, Field("the size: an indicator, or one of [size]")] = "population"
    there: Annotated[Text | None, Field("an indicator: those already there count against it")] = (
        None
    )


@document
class Ceiling(Document):
    """x[m] ≤ per_1000 · size / 1000 − those already there; the size is inhabitants."""

    per_1000: Annotated[Factor | None, Field("persons per 1 000 inhabitants")] = None
    of: Annotated[Text, Field("another size than inhabitants: an indicator, or one of [size]")] = (
        "population"
    )
    there: Annotated[Text | None, Field("an indicator: those already there count against it")] = (
        None
    )
    minors: Annotated[MinorsCeiling | None, Field("the same for unaccompanied minors")] = None
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

    def __post_init__(self) -> None:
        told = []
        if self.order[:1] != ("place",):
            told.append(("order", "the first goal is always 'place'"))
        if len(set(self.order)) < len(self.order):
            told.append(("order", "a goal stands there twice"))
        if told:
            raise ContradictionError(*told)


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
            "up",
            "largest-remainder",
            "webster",
            "jefferson",
            "adams",
            "huntington-hill",
            "dean",
            "biproportional",
        ],
        Field(
            "nearest: the whole numbers nearest to the fractions; up: each rounded up by itself "
            '(total = "own"); the others apportion the total by the key, in exact fractions, for '
            "rules without steps, chosen lots or county split"
        ),
    ] = "nearest"
    total: Annotated[
        Literal["need", "own"],
        Field(
            "need: the numbers sum to the need, to the person; own: each number is worked out and "
            "rounded by itself, x = max(lot, round(e)), and what is asked for is their sum"
        ),
    ] = "need"


@document
class Rule(Document):
    """The tables a model holds and a scenario may override."""

    key: Annotated[Key, Field("criterion → weight: the entitlement is their weighted sum")] = field(
        default_factory=dict
    )
    fitted: Annotated[
        Literal["requested", "decided", "settled"] | None,
        Field(
            "the weights are those that best explain this stage over all earlier years, as each "
            "was known in its own autumn; the written ones hold where there is no such year"
        ),
    ] = None
    share: Annotated[Shares, Field("limits on the shares that the whole key gives")] = field(
        default_factory=Shares
    )
    size: Annotated[
        dict[str, Size],
        Field("name → a size made of several indicators, to be used wherever an indicator is"),
    ] = field(default_factory=dict)
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
    valid_from: Annotated[Year | None, Field("the first year the rule held")] = None
    valid_to: Annotated[Year | None, Field("the last year it held; default: it holds still")] = None
    key: Annotated[Key, Field("criterion → weight: the entitlement is their weighted sum", least=1)]

    def __post_init__(self) -> None:
        """Raises :class:`ContradictionError` when the way to round does not go with the total."""
        whole, told = self.whole, ""
        if whole.total == "own" and whole.method not in ("nearest", "up"):
            told = f"'{whole.method}' apportions a given total, and total is 'own'"
        if whole.total == "need" and whole.method == "up":
            told = "each number rounded up does not sum to the need: it goes with total = 'own'"
        if told:
            raise ContradictionError(("whole.method", told))
        extra = [name for name, part in self.key.items() if part.as_ == "extra"]
        if extra and whole.total == "need":
            told = "what is beside the need does not sum to it: [whole] total = 'own' goes with it"
            raise ContradictionError((f"key.{extra[0]}", told))
        for name, part in self.minors.key.items():
            if part.as_ == "extra":
                told = "what is beside the need is for the key of all persons, not for minors'"
                raise ContradictionError((f"minors.key.{name}", told))
