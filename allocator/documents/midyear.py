"""A change within the year, as a scenario says it: what stands, and what becomes of it.

Loaded only where a document has the table: nothing of it is needed for a proposal.
"""

import datetime as dt
from typing import Annotated, Literal

from allocator.documents.base import Document, Field, document
from allocator.documents.model import MunicipalityCode, Persons, Share

__all__ = ["ANEW", "MidYear"]

ANEW = ("never", "needed", "free")
Part = Annotated[float, Field(ge=0, le=10)]


@document
class MidYear(Document):
    """What ``bosett revise`` does where its options do not say otherwise."""

    start: Annotated[
        Literal["proposal", "requested", "requested_original"],
        Field("what stands: the scenario's own proposal, or a request of the panel", alias="from"),
    ] = "proposal"
    how: Annotated[
        Literal["fewest", "proportional"],
        Field("the fewest municipalities change, or all by the same factor"),
    ] = "fewest"
    need: Annotated[Persons | None, Field("the new need, minors included")] = None
    factor: Annotated[
        Part | None, Field("proportional: each number by itself, factor × what stands")
    ] = None
    floor: Annotated[Persons, Field("proportional: nobody is asked for fewer")] = 0
    minors_to_ordinary: Annotated[
        Persons, Field("so many of the minors' places become ordinary ones")
    ] = 0
    out_of: Annotated[tuple[MunicipalityCode, ...], Field("these fall out")] = ()
    decided: Annotated[
        dt.date | None, Field("decisions that the panel knew on this day are honoured")
    ] = None
    within: Annotated[Share, Field("fewest: no number moves by more than this part of it")] = 0.5
    within_minors: Annotated[
        Share | None, Field("fewest: the same for the minors in it; default: as within")
    ] = None
    anew: Annotated[
        Literal["never", "needed", "free"],
        Field(
            "fewest: whether those who were not asked are asked now: never; needed: only where the "
            "others cannot take it; free: where that leaves more municipalities as they are"
        ),
    ] = "needed"
