"""The pages that every test of all pages looks at, and how numbers are read out of one."""

from __future__ import annotations

import re

__all__ = ["NO_PROPOSAL", "PAGES", "numbers"]

PAGES = (
    "/?scenario=ostfold-2016",
    "/?scenario=ostfold-2016&need=800&lock=0104.60&beside=scenario%3Dostfold-2016",
    "/?scenario=sor-trondelag-2015-2016",
    "/municipality/0104?scenario=ostfold-2016",
    "/fairness?scenario=ostfold-2016",
    "/about",
)
NO_PROPOSAL = "/?scenario=ostfold-2016&ceiling=1"

_ROW = re.compile(r'<td class="code">(\d{4})</td>.*?<td class="n strong">([^<]*)</td>')


def numbers(page: str) -> dict[str, int]:
    """Code → persons asked for, in the order of the page's table."""
    return {code: int(re.sub(r"\D", "", text)) for code, text in _ROW.findall(page)}
