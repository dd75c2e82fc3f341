"""What every document class shares: frozen, strict, unknown keys refused."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Document", "Entries"]

T = TypeVar("T")


class Document(BaseModel):
    """A frozen piece of a document. Text in a number's place is refused, not converted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False
    )


# A table whose keys are names chosen by the writer (criteria, municipality codes).
Entries = Annotated[dict[str, T], Field()]
