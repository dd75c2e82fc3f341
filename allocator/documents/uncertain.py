"""A need that is not known, as a scenario says it: its cases, and what the summer costs.

Loaded only where a document has the table: nothing of it is needed for a proposal.
"""

from dataclasses import field
from typing import Annotated, Literal

from allocator.documents.base import ContradictionError, Document, Field, document
from allocator.documents.model import Persons, Share

__all__ = ["NeedCase", "NeedCasePart", "Terms", "Uncertain", "UncertainPart"]

Price = Annotated[float, Field(ge=0, le=1_000_000)]
CaseName = Annotated[
    str,
    Field(
        pattern="^[a-z0-9][a-z0-9-]*$",
        expected="a name of small letters, digits and -, such as high",
    ),
]


@document
class NeedCasePart(Document):
    """What an override says of a case: as much of it as is to be another."""

    total: Annotated[Persons | None, Field("all persons, minors included")] = None
    em: Annotated[
        Persons | None,
        Field("unaccompanied minors among them; default: the share of them in [need]"),
    ] = None
    probability: Annotated[
        Share | None, Field("how likely it is; 0 leaves the case out, all sum to 1")
    ] = None


@document
class NeedCase(NeedCasePart):
    """One case of the need. Each stands in place of [need]."""

    total: Annotated[Persons, Field("all persons, minors included")]
    probability: Annotated[Share, Field("how likely it is; 0 leaves the case out, all sum to 1")]

    def __post_init__(self) -> None:
        if self.em is not None and self.em > self.total:
            told = f"{self.em} minors are more than the total of {self.total}"
            raise ContradictionError(("em", told))


@document
class Terms(Document):
    """How many to ask for when the need is not known. Prices are for one person, in any unit."""

    assumption: Annotated[
        str, Field("said beside the result: where the probabilities are from")
    ] = ""
    unplaced: Annotated[Price, Field("price of a person without a place")] = 10.0
    idle: Annotated[Price, Field("price of a place that nobody needs")] = 3.0
    top_up: Annotated[Price, Field("price of one more in summer")] = 2.0
    cut: Annotated[Price, Field("price of one fewer in summer")] = 2.0
    most_up: Annotated[Price, Field("a request rises in summer by at most this part of it")] = 0.5
    most_cut: Annotated[Share, Field("a request falls in summer by at most this part of it")] = 0.35
    cvar: Annotated[
        float,
        Field(
            "the worst 1 − cvar of the outcomes are those that weight lets count", ge=0, le=0.999
        ),
    ] = 0.9
    weight: Annotated[
        Share, Field("how much the worst outcomes count beside the mean: 0 not at all, 1 alone")
    ] = 0.0
    answers: Annotated[
        Literal["as-asked", "learnt"],
        Field(
            "as-asked: councils decide what they are asked for; learnt: the part of it that they "
            "decided in the years that are known, in cases of equal probability"
        ),
    ] = "as-asked"
    answer_cases: Annotated[
        int, Field("how many cases of the answers there are with learnt", ge=1, le=20)
    ] = 5


@document
class UncertainPart(Terms):
    """What an override says of an uncertain need: as much of it as is to be another."""

    case: Annotated[dict[CaseName, NeedCasePart], Field("name → a case of the need")] = field(
        default_factory=dict
    )


@document
class Uncertain(Terms):
    """How many to ask for when the need is not known. Prices are for one person, in any unit."""

    case: Annotated[dict[CaseName, NeedCase], Field("name → a case of the need")] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        total = sum(case.probability for case in self.case.values())
        if self.case and abs(total - 1) > 1e-9:
            told = f"the probabilities of the cases sum to {total:g}, not to 1"
            raise ContradictionError(("case", told))
