"""A file about persons is refused: the engine works on counts, and nothing else may come in.

What is looked for is how such lists are headed, and the numbers by which a person is known:
national identity numbers and D-numbers with their two check digits (mod 11), and DUF numbers. No
cell's text is ever repeated in the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from allocator.errors import Fault
from allocator.panel.importers.decode import Sheet, Source

__all__ = ["is_identity_number", "person_faults"]

_REMEDY = "count the persons for each municipality, and import the counts"

# Headings that only a list of persons has, without blanks, hyphens and points.
_IDENTIFIERS = re.compile(
    r"(fodsels(dato|nummer|nr)|personnummer|personnr|fnr|dnr|dnummer|duf(nr|nummer|id)?|"
    r"fornavn|etternavn|mellomnavn|fulltnavn|navnpåperson|saksnummer|pasientnummer|"
    r"birth(date|day)|dateofbirth|dob|firstname|lastname|surname|givenname|familyname|"
    r"nationalid|personalid|passport(no|number)?|passnummer|telefon(nr|nummer)?|epost|email)"
)
# Headings of what a single person has; two of them and no column of counts make a list of persons.
_TRAITS = re.compile(
    r"(kjønn|sex|gender|alder|age|fødeår|fodeår|fodear|birthyear|yearofbirth|statsborgerskap|"
    r"nasjonalitet|nationality|citizenship|landbakgrunn|sivilstand|ankomstdato|vedtaksdato|"
    r"bosettingsdato|botid|utdanning|yrke|navn|name)"
)
_COUNTS = re.compile(
    r"(antall|persons?|personer|verdi|value|folketall|folkemengde|innbyggere|bosatt|busett|vedtak|"
    r"anmodning|oppmoding|requested|decided|settled|agreed|population|prosent|andel|rate|sum|"
    r"total|count|n|(persons|personer)?(19|20)[0-9]{2}|population.*|.*(antall|personer).*)"
)
_NUMBER = re.compile(r"[0-9]{6}[ -]?[0-9]{5}|[0-9]{12}")
_DUF = re.compile(r"(19[89]|20[0-4])[0-9]{9}")


def person_faults(source: Source) -> list[Fault]:
    """Why a file is about persons: one fault for each sign of it; empty when it is not."""
    faults: list[Fault] = []
    for sheet in source.sheets:
        faults += _of_sheet(sheet, sheet.shown(source.shown))
    if source.json is not None:
        faults += _of_json(source.json, source.shown)
    return faults


def is_identity_number(text: str) -> bool:
    """Whether eleven digits are a national identity number or D-number, by their check digits.

    Numbers made for tests, with 40 or 80 added to the month, count as well.

    >>> is_identity_number("01010750160"), is_identity_number("01010750161")
    (True, False)
    """
    if len(text) != 11 or not text.isascii() or not text.isdigit():
        return False
    d = [int(digit) for digit in text]
    day, month = int(text[:2]) % 40, int(text[2:4]) % 40
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    first = -sum(w * n for w, n in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), d, strict=False)) % 11
    second = -sum(w * n for w, n in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), d, strict=False)) % 11
    return first == d[9] and second == d[10]


def _of_sheet(sheet: Sheet, shown: str) -> list[Fault]:
    header_at = next((at for at, row in enumerate(sheet.rows[:20]) if _width(row) > 1), 0)
    header = sheet.rows[header_at] if sheet.rows else []
    bare = [_bare(cell) for cell in header]
    faults = [
        _fault(f"the column '{header[at][:40]}' belongs to a list of persons", shown, header_at + 1)
        for at, name in enumerate(bare)
        if _IDENTIFIERS.fullmatch(name)
    ]
    traits = [header[at] for at, name in enumerate(bare) if _TRAITS.fullmatch(name)]
    if len(traits) > 1 and not any(_COUNTS.fullmatch(name) for name in bare):
        told = ", ".join(f"'{name[:20]}'" for name in traits[:4])
        found = f"the columns {told} without any count make one row for each person"
        faults.append(_fault(found, shown, header_at + 1))
    for row, cells in enumerate(sheet.rows, start=1):
        for at, cell in enumerate(cells):
            if len(cell) >= 11 and _is_person(cell):
                column = header[at] if at < len(header) and row > header_at + 1 else None
                found = "there is a number by which a person is known"
                return [*faults, _fault(found, shown, row, column)]
    return faults


def _of_json(value: object, shown: str) -> list[Fault]:
    for key, text in _leaves(value):
        if _IDENTIFIERS.fullmatch(_bare(key)):
            return [_fault(f"the field '{key[:40]}' belongs to a list of persons", shown)]
        if _is_person(text):
            return [_fault("there is a number by which a person is known", shown, None, key)]
    return []


def _leaves(value: object) -> Iterable[tuple[str, str]]:
    """Each key with the text under it, without recursion: a file may be nested deeply."""
    left: list[tuple[str, object]] = [("", value)]
    while left:
        key, found = left.pop()
        if isinstance(found, dict):
            yield from ((str(name), "") for name in found)
            left += [(str(name), part) for name, part in found.items()]
        elif isinstance(found, list):
            left += [(key, part) for part in found if isinstance(part, str | list | dict)]
        elif isinstance(found, str) and len(found) < 40:
            yield key, found


def _is_person(cell: str) -> bool:
    if not _NUMBER.fullmatch(cell.strip()):
        return False
    digits = re.sub("[ -]", "", cell.strip())
    return bool(_DUF.fullmatch(digits)) if len(digits) == 12 else is_identity_number(digits)


def _bare(name: str) -> str:
    return re.sub(r"[\s_.\-/]", "", name).lower().replace("fødsels", "fodsels")


def _width(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _fault(found: str, shown: str, row: int | None = None, column: str | None = None) -> Fault:
    expected = "counts only: bosett never takes in persons"
    return Fault("import.persons", found, expected, _REMEDY, shown, row, column or None)
