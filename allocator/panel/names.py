"""Which municipality a person means: by code or by name, in any spelling, old or new.

Letters count alike whatever keyboard wrote them: case, accents, hyphens, "aa" for å, "o" or "oe"
for ø. Each part of a name of several languages is a name. An old name leads to what became of it,
a new one to what it was; where that is more than one municipality, or a name is borne by several,
nothing is chosen silently: all are named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from allocator.errors import BadDataError, Fault, did_you_mean
from allocator.panel.figures import Municipality
from allocator.panel.store import Panel
from allocator.panel.units import Version

__all__ = ["Found", "county_of", "find", "folded"]

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ŧ": "t", "ŋ": "n", "ß": "ss"})
_TWO = re.compile("a[ae]+|oe+")
_PARTS = re.compile(r"\s+[-–/]\s+|\s*/\s*")
_KOMMUNE = re.compile(r"[\s-]+(kommune|herad|suohkan|tjïelte|kommuni)$")


@dataclass(frozen=True, slots=True)
class Found:
    """The municipality of a year that was meant, and how it was come by.

    ``how`` is "is" (it bears the name or code in the year), "renamed", "merged" (it was a part of
    what ``unit`` is), or "was" (it came later; ``unit`` is what it was). ``meant`` is the version
    that was named, ``with_it`` the others that went into the merger, ``also`` earlier versions of
    the same name or code that lead elsewhere.
    """

    unit: Municipality
    how: Literal["is", "renamed", "merged", "was"]
    meant: Version
    with_it: tuple[str, ...] = ()
    also: tuple[tuple[Version, str], ...] = ()


def folded(name: str) -> str:
    """A name as it is compared: small letters without accents, å = aa, ø = oe, æ = ae, no blanks.

    >>> folded("Ålesund") == folded("AALESUND") == folded("alesund")
    True
    >>> folded("Guovdageaidnu - Kautokeino"), folded("Unjárga")
    ('guovdageaidnukautokeino', 'unjarga')
    """
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    letters = "".join(letter for letter in plain if letter.isalnum())
    return _TWO.sub(lambda two: two[0][0], letters)


def find(panel: Panel, text: str, year: int) -> Found:
    """The municipality of ``year`` that a text means.

    The text is a code, or a name with what may help beside it: a year in which it bore the name, a
    county or a code: "Haram 2016", "Våler (Østfold)", "Våler, 3114".

    Raises :class:`~allocator.errors.BadDataError` with every municipality that may be meant, when
    there is none, or more than one.

    >>> find(Panel(), "haram 2016", 2026).unit.code, find(Panel(), "Haram", 2022).unit.name
    ('1580', 'Ålesund')
    >>> find(Panel(), "Våler", 2026)
    Traceback (most recent call last):
    ...
    allocator.errors.BadDataError: 'Våler' is the name of 2 municipalities in 2026: 3114 Våler
    (Østfold), 3419 Våler (Innlandet) – name one by its code or with its county: 'Våler (Østfold)'
    """
    panel.municipalities(year)  # so that a year without any is told first
    asked = _Asked.of(text)
    versions = panel.versions()
    meant = asked.among(versions)
    if not meant:
        raise _unknown(asked, versions, year)
    if asked.year is not None:
        lived = [each for each in meant if each.lived(asked.year)]
        if not lived:
            raise _not_then(asked, meant)
        meant = lived
    here = [each for each in meant if each.lived(year)]
    if here and asked.year is None:
        meant, rest = here, [each for each in meant if each.first < year and each not in here]
    else:
        rest = []
    leads = [(each, _in_year(panel, each, year)) for each in meant]
    codes = {code for _, shares in leads for code in shares}
    if len(codes) != 1:
        raise _several(panel, asked, leads, year)
    (code,) = codes
    unit = {each.code: each for each in panel.municipalities(year)}[code]
    # The version nearest in time: of those that lead here, the last that began.
    version = max((each for each, _ in leads), key=lambda each: (each.lived(year), each.first))
    return _found(panel, unit, version, rest, year)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A text taken apart: a name or code, and what stands beside it."""

    text: str
    name: str
    code: str | None = None
    year: int | None = None
    county: str = ""

    @classmethod
    def of(cls, text: str) -> _Asked:
        name = " ".join(text.split())
        code, year, county = None, None, ""
        head, *beside = (part.strip() for part in re.split(r"[,()]", name))
        for part in filter(None, beside):
            if re.fullmatch(r"\d{4}", part):
                code, year = (part, year) if not _is_year(part) else (code, int(part))
            else:
                county = part
        number = re.fullmatch(r"(\d{3,4})|(\d{4})\s+(\D.*)|(\D.*?)\s+(\d{4})", head)
        if number:
            alone, before, after_it, name_first, behind = number.groups()
            if alone or before:
                code, head = (alone or before).zfill(4), after_it or ""
            elif _is_year(behind):
                year, head = int(behind), name_first
            else:
                code, head = behind, name_first
        return cls(text, head, code, year, county)

    def among(self, versions: Sequence[Version]) -> list[Version]:
        """The versions that bear the code or the name, spelled alike if any is."""
        found = [each for each in versions if self.code in (None, each.code)]
        if self.county:
            found = [each for each in found if _same(self.county, each.county, each.county_name)]
        if not self.name:
            return found if self.code is not None else []
        wanted = _bare(self.name)
        spelled = [v for v in found if wanted.casefold() in map(str.casefold, _names(v.name))]
        same = folded(wanted)
        alike = spelled or [v for v in found if same and same in map(folded, _names(v.name))]
        name, within, county = wanted.rpartition(" i ")  # "Bø i Telemark" is Bø, in Telemark
        if not alike and within and not self.county:
            return _Asked(self.text, name, self.code, self.year, county).among(versions)
        return alike


def _is_year(text: str) -> bool:
    return 1900 <= int(text) <= 2100


def _bare(name: str) -> str:
    """A name without the word for municipality."""
    return _KOMMUNE.sub("", name, count=1) if _KOMMUNE.search(name.casefold()) else name


def _names(name: str) -> list[str]:
    """A name and each of its parts: "Hábmer - Hamarøy" is Hábmer, and Hamarøy."""
    return list(dict.fromkeys((name, *_PARTS.split(name))))


def _same(asked: str, code: str, name: str) -> bool:
    return asked == code or folded(asked) in {folded(part) for part in _names(name)}


def _in_year(panel: Panel, version: Version, year: int) -> dict[str, float]:
    """The codes of a year that hold what a version held, or that a later version is made of."""
    if version.lived(year):
        return {version.code: 1.0}
    if version.last is not None and version.last < year:
        return panel.borders.successors(version.code, version.last, year)
    return _made_of(panel, version.code, version.first, year)


def _made_of(panel: Panel, code: str, later: int, year: int) -> dict[str, float]:
    """The municipalities of ``year`` that are a part of ``code`` in a later year."""
    shares = {
        unit.code: panel.borders.successors(unit.code, year, later).get(code, 0.0)
        for unit in panel.municipalities(year)
    }
    return {unit: share for unit, share in shares.items() if share > 0}


def _found(
    panel: Panel, unit: Municipality, version: Version, rest: Iterable[Version], year: int
) -> Found:
    how: Literal["is", "renamed", "merged", "was"] = "is"
    with_it: tuple[str, ...] = ()
    if version.last is not None and version.last < year:
        parts = _made_of(panel, unit.code, year, version.last)
        names = {each.code: each.name for each in panel.municipalities(version.last)}
        with_it = tuple(names[code] for code in sorted(parts) if code != version.code)
        how = "merged" if with_it else "renamed"
    elif version.first > year:
        how = "was"
    elsewhere = []
    for other in rest:
        leads = _in_year(panel, other, year)
        if set(leads) != {unit.code}:
            elsewhere.append((other, ", ".join(_labels(panel, leads, year))))
    return Found(unit, how, version, with_it, tuple(elsewhere))


# -- what is told when nobody, or more than one, is meant ------------------------------------------


def _labels(panel: Panel, codes: Iterable[str], year: int) -> list[str]:
    units = {each.code: each for each in panel.municipalities(year)}
    return [f"{code} {units[code].name} ({units[code].county_name})" for code in sorted(codes)]


def _several(
    panel: Panel, asked: _Asked, leads: list[tuple[Version, dict[str, float]]], year: int
) -> BadDataError:
    if len(leads) > 1 and all(len(shares) <= 1 for _, shares in leads):
        codes = {code for _, shares in leads for code in shares}
        labels, name = _labels(panel, codes, year), leads[0][0]
        listed, example = ", ".join(labels), f"{name.name} ({name.county_name})"
        found = f"'{asked.text}' is the name of {len(labels)} municipalities in {year}: {listed}"
        if not all(each.lived(year) for each, _ in leads):
            found = f"'{asked.text}' leads to {len(labels)} municipalities in {year}: {listed}"
            example = min(codes)
        remedy = f"name one by its code or with its county: '{example}'"
        return BadDataError(Fault("name.several", found, remedy=remedy))
    newest = {frozenset(shares): (version, shares) for version, shares in leads}
    faults = []
    for version, shares in newest.values():  # the last of those that lead to the same
        parts = _labels(panel, shares, year)
        ended = version.last is not None and version.last < year
        if not shares:
            told = f"{version.label} was there {version.span}, and nothing of it is in {year}"
        elif ended:
            told = f"{version.label} was split: in {year} it is part of {' and '.join(parts)}"
        else:
            told = f"{version.label} came in {version.first}; in {year} it was {', '.join(parts)}"
        faults.append(Fault("name.split", told, remedy="name one of them" if parts else ""))
    return BadDataError(faults)


def _not_then(asked: _Asked, meant: Sequence[Version]) -> BadDataError:
    told = f"there was no '{asked.name or asked.code}' in {asked.year}"
    lives = ", ".join(f"{each.label} {each.span}" for each in meant)
    return BadDataError(Fault("name.not-then", told, remedy=f"known: {lives}"))


def _unknown(asked: _Asked, versions: Sequence[Version], year: int) -> BadDataError:
    from difflib import get_close_matches

    there = {
        folded(name): each for each in versions for name in _names(each.name) if each.lived(year)
    }
    ever = {folded(name): each for each in versions for name in _names(each.name)} | there
    wanted = folded(_bare(asked.name))
    near = get_close_matches(wanted, there, n=3, cutoff=0.75) if wanted else []
    near = near or (get_close_matches(wanted, ever, n=3, cutoff=0.7) if wanted else [])
    labels = list(dict.fromkeys(ever[name].label for name in near))  # those of the year first
    what = f"there is no municipality '{asked.text}'"
    if asked.name and (asked.county or asked.code):
        others = _Asked(asked.text, asked.name).among(versions)
        here = [each for each in others if each.lived(year)]
        labels = list(dict.fromkeys(each.label for each in here or others)) or labels
    remedy = f"did you mean {' or '.join(labels)}?" if labels else ""
    if not remedy and asked.code:
        remedy = "the code is not in municipalities.csv for any year"
    return BadDataError(Fault("name.unknown", what, "a name or a code of four digits", remedy))


def county_of(units: Iterable[Municipality], asked: str, year: int) -> str:
    """The code of a county given by code or by name.

    Raises :class:`~allocator.errors.BadDataError` where there is none such in the year.

    >>> county_of(Panel().municipalities(2016), "østfold", 2016)
    '01'
    """
    names = {unit.county: unit.county_name for unit in units}
    for code, name in names.items():
        if asked.strip().casefold() in (code, name.casefold()):
            return code
    known = [*names, *names.values()]
    raise BadDataError(
        Fault(
            "county.unknown",
            f"there is no county '{asked}' in {year}",
            remedy=did_you_mean(asked, known)
            or "known: " + ", ".join(f"{code} {name}" for code, name in sorted(names.items())),
        )
    )
