"""What is said of single municipalities in the URL: locks, capacities, exemptions and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from allocator.documents.local import COUNTS, FIELDS, MOST, TEXTS, Local, merged

__all__ = ["COUNTS", "FIELDS", "MOST", "Local", "as_params", "merged", "read_params"]

_PAIR = re.compile(r"([0-9]{4})\.([0-9]{1,7})")
_CODE = re.compile(r"[0-9]{4}")


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
    gone = [f"{local.code}.{name}" for local in locals_ for name in local.lifts]
    if gone:
        params.append(("lift", "~".join(gone)))
    for name in TEXTS:
        told = [(local.code, getattr(local, name)) for local in locals_]
        params += [(f"{name}.{code}", text) for code, text in told if text]
    return params


def read_params(params: Mapping[str, str]) -> tuple[tuple[Local, ...], list[str]]:
    """The locals that parameters say, and the names of those that cannot be read."""
    found: dict[str, Local] = {}
    wrong = []

    def say(code: str, **value: int | bool | str | tuple[str, ...]) -> None:
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
    for each in filter(None, params.get("lift", "").split("~")):
        code, _, name = each.partition(".")
        if not _CODE.fullmatch(code) or name not in FIELDS:
            wrong.append("lift")
        elif name not in found.get(code, Local(code)).lifts:
            say(code, lifts=(*found.get(code, Local(code)).lifts, name))
    for key, text in params.items():
        field, _, code = key.partition(".")
        if field in TEXTS:
            words = " ".join(text.split())[:300]
            if not _CODE.fullmatch(code):
                wrong.append(key)
            elif words:
                say(code, **{field: words})
    return tuple(found[code] for code in sorted(found)), list(dict.fromkeys(wrong))
