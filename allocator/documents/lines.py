"""On which line of a TOML text a key stands."""

from __future__ import annotations

import re
from collections import Counter

__all__ = ["line_of"]


def line_of(text: str, loc: tuple[str, ...]) -> int | None:
    """The line where the key path ``loc`` stands, or its table's header, or None.

    >>> line_of('title = "x"\\n[lot]\\nperson = 5\\n', ("lot", "person"))
    3
    >>> line_of("[[where]]\\nmin = 1\\n[[where]]\\nmin = 2\\n", ("where", "1", "min"))
    4
    """
    table: tuple[str, ...] = ()
    nearest, best = 0, None
    seen: Counter[tuple[str, ...]] = Counter()
    inside = ""  # the quotes of a text over several lines
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        inside = next((quotes for quotes in ('"""', "'''") if line.count(quotes) == 1), "")
        header = re.match(r"\s*(\[+)([^\]]+)\]+", line)
        if header:
            table = _dotted(header[2])
            if header[1] == "[[":
                seen[table] += 1
                table += (str(seen[table] - 1),)
            if table == loc[: len(table)] and len(table) > nearest:
                nearest, best = len(table), number
            continue
        assignment = re.match(r"""\s*([\w."' -]+?)\s*=""", line)
        if assignment:
            key = table + _dotted(assignment[1])
            if key == loc[: len(key)]:
                return number
    return best


def _dotted(text: str) -> tuple[str, ...]:
    parts = re.findall(r'"([^"]*)"|\'([^\']*)\'|([\w-]+)', text)
    return tuple(next(filter(None, part), "") for part in parts)
