"""What is said of single municipalities in the URL: locks, capacities, exemptions and notes."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

__all__ = ["COUNTS", "FIELDS", "MOST", "Local", "as_params", "merged", "read_params"]

MOST = 1_000_000
"""No number of persons in a document is larger."""


@dataclass(frozen=True, slots=True)
class Local:
    """What is known of one municipality; None where nothing is said."""

    code: str
    lock: int | None = None
    lock_minors: int | None = None
    capacity: int | None = None
    capacity_minors: int | None = None
    exempt: bool | None = None
    note: str | None = None

    @property
    def says(self) -> dict[str, int | bool | str]:
        """The fields that are said, by name."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}

    def settings(self, exempted: Container[str] = ()) -> Iterator[str]:
        """The ``key=value`` texts that say the same; ``exempted`` are those a document leaves out.

        >>> list(Local("0301", lock=900).settings())
        ['municipality."0301".lock=900']
        """
        if self.lock and self.code in exempted:
            yield f'municipality."{self.code}".exempt=false'
        for name, value in self.says.items():
            text = json.dumps(value, ensure_ascii=False) if name == "note" else str(value).lower()
            yield f'municipality."{self.code}".{name}={text}'


FIELDS = tuple(field.name for field in fields(Local))[1:]
COUNTS = ("lock", "lock_minors", "capacity", "capacity_minors")
_PAIR = re.compile(r"([0-9]{4})\.([0-9]{1,7})")
_CODE = re.compile(r"[0-9]{4}")


def merged(below: Iterable[Local], above: Iterable[Local]) -> tuple[Local, ...]:
    """Both, by code; what is said above takes the place of what is said below, field by field.

    A lock takes the place of an exemption and the other way round: they cannot both hold.

    >>> merged([Local("0301", capacity=9)], [Local("0301", lock=5)])[0].says
    {'lock': 5, 'capacity': 9}
    """
    found = {local.code: local for local in below}
    for local in above:
        under = found.get(local.code, Local(local.code))
        if local.lock is not None:
            under = replace(under, exempt=None)
        if local.exempt:
            under = replace(under, lock=None, lock_minors=None)
        found[local.code] = replace(under, **local.says)  # type: ignore[arg-type]
    return tuple(found[code] for code in sorted(found) if found[code].says)


def as_params(given: Iterable[Local]) -> list[tuple[str, str]]:
    """The parameters of a URL that say the same, as short as can be.

    >>> as_params([Local("0301", lock=900), Local("3107", lock=180, exempt=None, note="full")])
    [('lock', '0301.900_3107.180'), ('note.3107', 'full')]
    """
    locals_ = sorted(given, key=lambda local: local.code)
    params = []
    for name in COUNTS:
        pairs = [
            f"{local.code}.{count}"
            for local in locals_
            if (count := getattr(local, name)) is not None
        ]
        if pairs:
            params.append((name, "_".join(pairs)))
    out = [local.code for local in locals_ if local.exempt]
    if out:
        params.append(("exempt", "_".join(out)))
    return params + [(f"note.{local.code}", local.note) for local in locals_ if local.note]


def read_params(params: Mapping[str, str]) -> tuple[tuple[Local, ...], list[str]]:
    """The locals that parameters say, and the names of those that cannot be read."""
    found: dict[str, Local] = {}
    wrong = []

    def say(code: str, **value: int | bool | str) -> None:
        found[code] = replace(found.get(code, Local(code)), **value)  # type: ignore[arg-type]

    for name in COUNTS:
        for pair in filter(None, params.get(name, "").split("_")):
            read = _PAIR.fullmatch(pair)
            if read is None or int(read[2]) > MOST:
                wrong.append(name)
            else:
                say(read[1], **{name: int(read[2])})
    for code in filter(None, params.get("exempt", "").split("_")):
        if _CODE.fullmatch(code):
            say(code, exempt=True)
        else:
            wrong.append("exempt")
    for name, text in params.items():
        if name.startswith("note."):
            code, words = name.removeprefix("note."), " ".join(text.split())[:300]
            if not _CODE.fullmatch(code):
                wrong.append(name)
            elif words:
                say(code, note=words)
    return tuple(found[code] for code in sorted(found)), list(dict.fromkeys(wrong))
