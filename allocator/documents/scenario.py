"""The scenario document: one what-if case – a year, an area, a need, and local knowledge."""

import datetime as dt
from dataclasses import field
from typing import TYPE_CHECKING, Annotated, Any

from allocator.documents.base import ContradictionError, Document, Field, Short, document
from allocator.documents.model import CountyCode, MunicipalityCode, Persons, Rule, Text

if TYPE_CHECKING:
    from allocator.documents.midyear import MidYear
    from allocator.documents.uncertain import Uncertain, UncertainPart

__all__ = ["Area", "Horizon", "Local", "Need", "NeedPart", "Override", "Overrides", "Scenario"]


@document
class NeedPart(Document):
    """What an override says of the need: as much of it as is to be another."""

    total: Annotated[Persons | None, Field("all persons, minors included")] = None
    em: Annotated[Persons | None, Field("unaccompanied minors")] = None
    em_under15: Annotated[Persons | None, Field("of whom under 15")] = None
    em_15_17: Annotated[Persons | None, Field("of whom 15–17")] = None
    hard: Annotated[bool, Field("false: some may be left unplaced, and the result says so")] = True
    assumption: Annotated[str, Field("said beside the result when the need is not a fact")] = ""


@document
class Need(NeedPart):
    """Persons to settle. Minors are a part of the total, in one number or in two age groups."""

    total: Annotated[Persons, Field("all persons, minors included")]

    @property
    def minors(self) -> int:
        """All unaccompanied minors."""
        if self.em is not None:
            return self.em
        return (self.em_under15 or 0) + (self.em_15_17 or 0)

    @property
    def by_age(self) -> bool:
        """Whether the minors are given in two age groups."""
        return self.em_under15 is not None

    def __post_init__(self) -> None:
        told = []
        if (self.em_under15 is None) != (self.em_15_17 is None):
            told.append("em_under15 and em_15_17 go together: give both, or only em")
        ages = (self.em_under15 or 0) + (self.em_15_17 or 0)
        if self.by_age and self.em is not None and self.em != ages:
            told.append(f"em is {self.em}, but em_under15 + em_15_17 is {ages}")
        elif self.minors > self.total:
            told.append(f"{self.minors} minors are more than the total of {self.total}")
        if told:
            raise ContradictionError(*(("", text) for text in told))


def _as_list(value: Any) -> Any:
    """``county = "31"`` is short for ``county = ["31"]``."""
    return value if isinstance(value, list | tuple) else (value,)


@document
class Area(Document):
    """The part of the country a scenario is about. Empty: all of it."""

    county: Annotated[
        tuple[CountyCode, ...],
        Field(
            "county codes of two digits, as of the scenario's year",
            short=Short(CountyCode, _as_list),
        ),
    ] = ()
    municipality: Annotated[
        tuple[MunicipalityCode, ...],
        Field("municipality codes of four digits", short=Short(MunicipalityCode, _as_list)),
    ] = ()


_WORDS = ("note", "reason")


@document
class Local(Document):
    """What is known about one municipality and no table shows. A reason goes with it."""

    note: Annotated[str, Field("said beside the number")] = ""
    reason: Annotated[str, Field("why an exemption, lock or capacity is set")] = ""
    exempt: Annotated[
        bool | None, Field("true: not asked; false: asked, though the rule would leave it out")
    ] = None
    lock: Annotated[Persons | None, Field("asked for exactly this many")] = None
    lock_minors: Annotated[Persons | None, Field("of whom exactly so many minors")] = None
    capacity: Annotated[Persons | None, Field("can take at most this many")] = None
    capacity_minors: Annotated[Persons | None, Field("of whom at most so many minors")] = None
    minors_service: Annotated[bool | None, Field("whether it can take minors")] = None
    minors_beyond: Annotated[
        Persons | None, Field("so many minors more than the rule's share of its request")
    ] = None
    band_least: Annotated[
        Persons | None, Field("in place of the band's lower limit: at least this many")
    ] = None
    band_most: Annotated[
        Persons | None, Field("in place of the band's upper limit: at most this many")
    ] = None
    ceiling: Annotated[
        Persons | None, Field("in place of what the ceiling leaves: at most this many")
    ] = None
    ceiling_minors: Annotated[
        Persons | None, Field("in place of what the ceiling leaves of minors: at most so many")
    ] = None
    lot: Annotated[
        Persons | None,
        Field("where every municipality is asked: at least this many, in place of the lot"),
    ] = None
    lot_minors: Annotated[
        Persons | None,
        Field("where all that can take minors are asked: at least so many, in place of the lot"),
    ] = None
    together: Annotated[
        Persons | None, Field("decided for all years of the horizon at once: exactly this many")
    ] = None
    together_capacity: Annotated[
        Persons | None, Field("can take at most this many in all years of the horizon")
    ] = None

    @property
    def settings(self) -> dict[str, bool | int]:
        """What is set, by its key and in the order of the document; notes and reasons are not."""
        given = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return {name: value for name, value in given if value is not None and name not in _WORDS}

    def __post_init__(self) -> None:
        told = []
        lock, minors = self.lock, self.lock_minors
        if self.exempt and lock:
            told.append(("lock", f"exempt, and yet asked for exactly {lock}"))
        if self.exempt and minors:
            told.append(("lock_minors", f"exempt, and yet asked for exactly {minors} minors"))
        if lock is not None and minors is not None and minors > lock:
            told.append(
                ("lock_minors", f"{minors} minors are more than the {lock} it is asked for")
            )
        if lock is not None and self.capacity is not None and lock > self.capacity:
            told.append(("lock", f"{lock} is more than the capacity of {self.capacity}"))
        room = self.capacity_minors
        if minors is not None and room is not None and minors > room:
            told.append(("lock_minors", f"{minors} is more than the capacity of {room} minors"))
        if told:
            raise ContradictionError(*told)


Year = Annotated[str, Field(pattern="^20[0-9]{2}$", expected="a year such as '2016'")]


@document
class Horizon(Document):
    """Several years decided at once, as one program: the years after the scenario's own."""

    need: Annotated[dict[Year, Need], Field("year → its need", least=1)]
    up: Annotated[
        float | None, Field("from year to year at most this part more; 0.5 is half more", ge=0)
    ] = None
    down: Annotated[
        float | None, Field("from year to year at most this part fewer", ge=0, le=1)
    ] = None


OnYear = Annotated[int, Field("the year the requests are for", ge=1990, le=2100)]
ModelName = Annotated[
    Text,
    Field("a shipped model's name, or the path of a model document, from this document's place"),
]
AsOf = Annotated[
    dt.date | None,
    Field("nothing known later is used; default: 31 October of the year before"),
]
Vintage = Annotated[Text, Field("the vintage of figures it is compared with")]
REVISION = "a change within the year, for bosett revise; a proposal does not look at it"
UNCERTAIN = "cases of a need that is not known, for bosett hedge; a proposal looks at [need]"
Locals = Annotated[dict[MunicipalityCode, Local], Field("code → local knowledge")]


@document
class Override(Rule):
    """Differences by name, laid over the scenario where the name is added to its own with +."""

    title: Annotated[Text, Field("one line that says what is different")]
    source: Annotated[Text, Field("where its figures come from, or that they are an assumption")]
    year: OnYear | None = None
    model: ModelName | None = None
    as_of: AsOf = None
    vintage: Vintage | None = None
    area: Area = field(default_factory=Area)
    need: NeedPart = field(default_factory=NeedPart)
    horizon: Annotated[Horizon | None, Field("further years, decided at the same time")] = None
    uncertain: Annotated["UncertainPart | None", Field(UNCERTAIN, later="uncertain")] = None
    revision: Annotated["MidYear | None", Field(REVISION, later="midyear")] = None
    municipality: Locals = field(default_factory=dict)


OverrideName = Annotated[
    str,
    Field(
        pattern="^[a-z0-9][a-z0-9-]*$",
        expected="a name of small letters, digits and -, such as need-high",
    ),
]
Named = Annotated[
    dict[OverrideName, Override],
    Field(
        "name → differences, to be combined on the command line: SCENARIO+name+name; a scenario "
        "that stands on this one has them too",
    ),
]


@document
class Overrides(Document):
    """The named differences a document holds."""

    override: Named = field(default_factory=dict)


@document
class Figures(Document):
    """Figures other than the shipped."""

    folder: Annotated[
        Text,
        Field("a folder laid out like scenarios/panel, by its path from this document's place"),
    ]


@document
class Scenario(Rule):
    """One case for the engine. Its rule tables lie over those of the model it names."""

    base: Annotated[
        Text | None,
        Field(
            "another scenario, by shipped name or by the path of a document beside this one, with "
            "overrides of it if need be: all it says holds, save what this document says; a [key] "
            "replaces the whole key"
        ),
    ] = None
    title: Annotated[Text, Field("one line that says what the case is")]
    source: Annotated[Text, Field("where its figures come from")]
    year: OnYear
    model: ModelName
    as_of: AsOf = None
    vintage: Vintage = "final"
    panel: Annotated[Figures | None, Field("the figures; default: the shipped")] = None
    area: Area = field(default_factory=Area)
    need: Need
    horizon: Annotated[Horizon | None, Field("further years, decided at the same time")] = None
    uncertain: Annotated["Uncertain | None", Field(UNCERTAIN, later="uncertain")] = None
    revision: Annotated["MidYear | None", Field(REVISION, later="midyear")] = None
    municipality: Locals = field(default_factory=dict)
    override: Annotated[Named, Field(apart=True)] = field(default_factory=dict)

    @property
    def knows_until(self) -> dt.date:
        """The last day whose facts the scenario may use."""
        return self.as_of or dt.date(self.year - 1, 10, 31)

    def __post_init__(self) -> None:
        told = []
        if self.as_of is not None and self.as_of.year > self.year:
            told.append(
                ("as_of", f"a scenario of {self.year} cannot know {self.as_of.isoformat()}")
            )
        if self.horizon is not None:
            years = sorted(int(year) for year in self.horizon.need)
            if years != list(range(self.year + 1, self.year + 1 + len(years))):
                wrong = f"the years must follow {self.year}, one after the other"
                told.append(("horizon.need", wrong))
        else:
            told += [
                (f'municipality."{code}"', "together is for a scenario with a [horizon]")
                for code, local in self.municipality.items()
                if local.together is not None or local.together_capacity is not None
            ]
        if told:
            raise ContradictionError(*told)
