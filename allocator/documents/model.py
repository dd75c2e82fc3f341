"""The model document: an allocation rule. One table for each constraint family."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from allocator.documents.base import Document, Entries

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
    "Whole",
]

Share = Annotated[float, Field(ge=0, le=1)]


class Cap(Document):
    """A ceiling on one criterion's share, and where the excess goes."""

    factor: NonNegativeFloat = Field(description="the share is at most factor × basis share")
    basis: str = Field("population", description="the indicator whose share is the basis")
    excess: Literal["pro-rata", "basis", "iterate"] = Field(
        "pro-rata",
        description="pro-rata: spread once over the uncapped; iterate: until nobody is over; "
        "basis: spread by the basis share over all",
    )


class KeyPart(Document):
    """One criterion of a key: an indicator turned into a share of the whole, with a weight."""

    weight: float = Field(description="its weight in the key")
    indicator: str | None = Field(None, description="panel indicator; default: the part's own name")
    as_: Literal["share", "inverse", "modulator"] = Field(
        "share",
        alias="as",
        description="share: v/Σv · inverse: (1/v)/Σ(1/v) · modulator: v/mean × size, shared",
    )
    of: str | None = Field(
        None, description="a size the value is multiplied by before sharing (modulator, inverse)"
    )
    exponent: float = Field(1.0, description="the value is raised to this power before sharing")
    period: str | None = Field(
        None, description='a fixed period such as "2014" or "2022-10"; default: the newest known'
    )
    cap: Cap | None = Field(None, description="a ceiling on the share")
    missing: Literal["refuse", "zero", "mean", "earlier"] = Field(
        "refuse",
        description="what a missing value means; always shown in the result. earlier: the "
        "newest earlier figure; mean: the mean of the others",
    )


def _spell_out(value: Any) -> Any:
    """``population = 0.7`` is short for ``population = { weight = 0.7 }``."""
    if isinstance(value, dict):
        return {
            name: {"weight": part} if isinstance(part, int | float) else part
            for name, part in value.items()
        }
    return value


Key = Annotated[
    Entries[KeyPart], BeforeValidator(_spell_out), Field(description="criterion → weight")
]


class Condition(Document):
    """A municipality is eligible when the indicator is within the limits."""

    indicator: str
    min: float | None = Field(None, description="at least")
    max: float | None = Field(None, description="at most")
    missing: Literal["eligible", "exempt"] = Field(
        "eligible", description="what a missing value means; always shown in the result"
    )


class Eligible(Document):
    """Who can be asked at all. Those who cannot leave the denominators of the key."""

    min_population: NonNegativeInt = Field(0, description="inhabitants; smaller are not asked")
    where: tuple[Condition, ...] = Field(
        (), strict=False, description="further limits on indicators"
    )


class Capacity(Document):
    """x[m] ≤ capacity, stated in the scenario or taken from history."""

    factor: NonNegativeFloat | None = Field(
        None, description="capacity = factor × best of the last years; default: only stated ones"
    )
    best_of: tuple[Literal["requested", "decided", "settled"], ...] = Field(
        ("decided", "settled"), strict=False, description="the figures the best is taken among"
    )
    years: PositiveInt = Field(3, description="how many years back")
    hard: bool = Field(True, description="false: may give way, and the result says how far")


class Lot(Document):
    """x[m] = 0 or x[m] ≥ lot; likewise for minors."""

    persons: NonNegativeInt = Field(0, description="nobody asked is asked for fewer")
    minors: NonNegativeInt = Field(
        0, description="nobody asked for minors is asked for fewer of them"
    )
    every: bool = Field(False, description="every eligible municipality is asked")
    every_minors: bool = Field(
        False, description="every municipality that can take minors is asked for some"
    )


class Band(Document):
    """(1 − down)·h[m] ≤ x[m] ≤ (1 + up)·h[m], where h is last year's request."""

    down: Share | None = Field(None, description="how far below; default: no lower limit")
    up: NonNegativeFloat | None = Field(None, description="how far above; default: no upper limit")
    scaled: bool = Field(False, description="scale last year's requests to the new need first")
    hard: bool = Field(True, description="false: may give way, and the result says how far")


class County(Document):
    """How the county split comes before the municipalities."""

    split: Literal["free", "band", "first"] = Field(
        "free",
        description="first: county totals are fixed by the key; band: within a band of it; free",
    )
    within: Share = Field(0.0, description="the band, as a share of the county's entitlement")
    hard: bool = Field(True, description="false: may give way, and the result says how far")


class Ceiling(Document):
    """x[m] ≤ per_1000 · inhabitants / 1000."""

    per_1000: NonNegativeFloat | None = Field(None, description="persons per 1 000 inhabitants")
    hard: bool = Field(True, description="false: may give way, and the result says how far")


class Minors(Document):
    """Unaccompanied minors: a part of the total that needs a service of its own."""

    key: Key = Field(default_factory=dict, description="their own key; default: the total's key")
    service: Literal["all", "declared", "history"] = Field(
        "all",
        description="who can take minors: all, those the scenario declares, or those with minors "
        "in an earlier year",
    )
    share: Share | None = Field(None, description="minors are at most this share of a request")
    hard: bool = Field(True, description="false: the share may give way")


class Goals(Document):
    """What is optimised, in order; each is held while the next is."""

    order: tuple[Literal["place", "even", "steady"], ...] = Field(
        ("place", "even", "steady"), strict=False, description="the order of the goals"
    )
    even: Literal["leximin", "minimax", "l1", "l2"] = Field(
        "leximin", description="how unevenness of relative load x[m]/e[m] is measured"
    )


class Whole(Document):
    """How shares of persons become whole persons."""

    step: PositiveInt = Field(1, description="requests are multiples of this")
    minors_step: PositiveInt | None = Field(
        None, description="the same for minors; default: as for the total"
    )


class Rule(Document):
    """The tables a model holds and a scenario may override."""

    key: Key = Field(default_factory=dict, description="weighted sum of shares: the entitlement")
    eligible: Eligible = Field(default_factory=Eligible)
    capacity: Capacity = Field(default_factory=Capacity)
    lot: Lot = Field(default_factory=Lot)
    band: Band = Field(default_factory=Band)
    county: County = Field(default_factory=County)
    ceiling: Ceiling = Field(default_factory=Ceiling)
    minors: Minors = Field(default_factory=Minors)
    goals: Goals = Field(default_factory=Goals)
    whole: Whole = Field(default_factory=Whole)


class Model(Rule):
    """An allocation rule, with where it comes from."""

    title: str = Field(min_length=1, description="one line that says what the rule is")
    source: str = Field(min_length=1, description="where the rule is written down")
    modelled: str = Field("", description="what of the source is modelled")
    not_modelled: str = Field("", description="what of the source is not modelled")
    key: Key = Field(min_length=1, description="weighted sum of shares: the entitlement")
