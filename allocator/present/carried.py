"""A proposal on the borders of a later year, in words: what was summed, what is an estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from allocator.present.language import say
from allocator.present.tables import count, percent, signed

if TYPE_CHECKING:
    from allocator.audit.carried import Carried, Part
    from allocator.proposal import Request

__all__ = ["beside", "beside_total", "carried_lines", "made_lines", "made_of"]


def carried_lines(
    scenario: str, years: tuple[int, int], moved: Carried, names: Mapping[str, str]
) -> list[str]:
    """That a proposal is carried between two years, and how far that is exact."""
    merged = sum(len(parts) > 1 for parts in moved.parts.values())
    start, end = years
    lines = [say("versus.borders", scenario=scenario, start=start, end=end, n=count(merged))]
    split = [names.get(code, code) for code in sorted(moved.estimated)]
    if split:
        lines.append(say("versus.estimates", n=len(split), names=", ".join(split)))
    return lines


def made_lines(moved: Carried, names: Mapping[str, str]) -> list[str]:
    """A line for each number above 0 that is made of several, or not of the whole of one."""
    return [
        say("versus.made.row", name=names.get(code, code), of=made_of(parts))
        for code, parts in moved.parts.items()
        if moved.persons[code]
        and (len(parts) > 1 or code in moved.estimated or code in moved.lacking)
    ]


def made_of(parts: Sequence[Part]) -> str:
    """What a carried number is made of: "Moss 80 + Rygge 10", "17.4 % of Stokke 2"."""
    told = []
    for part in parts:
        of = {"name": part.unit.name, "n": count(part.persons)}
        share = percent(100 * part.share)
        told.append(
            say("versus.part", **of)
            if part.share == 1
            else say("versus.part.share", share=share, **of)
        )
    return " + ".join(told)


def beside(request: Request, other: Carried) -> tuple[str, str]:
    """Another proposal's number beside a request, and the difference; an estimate is marked."""
    code = request.code
    if code not in other.persons:
        return "–", "–"
    told = count(other.persons[code])
    if code in other.estimated:
        told = say("report.estimate", n=told)
    if code in other.lacking:
        return f"{told} ({say('compare.status.part_in_case')})", "–"
    return told, signed(request.total - other.persons[code])


def beside_total(requests: Sequence[Request], other: Carried) -> tuple[str, str]:
    """The sums of both: of the numbers that stand there, and of the differences."""
    both = [request for request in requests if request.code in other.persons]
    whole = [request for request in both if request.code not in other.lacking]
    return (
        count(sum(other.persons[request.code] for request in both)),
        signed(sum(request.total - other.persons[request.code] for request in whole)),
    )
