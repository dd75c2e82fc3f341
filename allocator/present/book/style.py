"""How the cells of a workbook look: one format for each kind of cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

__all__ = ["FORMATS", "Style", "style_of"]

Style = Mapping[str, "Format"]

# A spreadsheet puts its own language's signs for the comma and the point, in Norwegian a space that
# does not break and a decimal comma.
_NUMBERS = {
    "count": "#,##0",
    "signed": '+#,##0;"−"#,##0;0',
    "decimal": "#,##0.0",
    "load": "0.00",
    "percent": "0.0 %",
}
_TOP: dict[str, Any] = {"valign": "top"}
_INPUT: dict[str, Any] = {"bg_color": "#fff6d6", "border": 1, "border_color": "#e0c878"}
_HEAD: dict[str, Any] = {
    "bold": True,
    "text_wrap": True,
    "valign": "vcenter",
    "bg_color": "#1e2b3c",
    "font_color": "#ffffff",
}
_SUM: dict[str, Any] = {"bold": True, "top": 1, "bg_color": "#eef2f7"}

FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "told": {"font_color": "#44505e"},
    "told_input": {"font_color": "#7a5b00", "bold": True},
    "mark": {"font_color": "#b59a4a", "font_size": 8},
    "section": {"bold": True, "font_size": 12, "bottom": 1},
    "head": _HEAD,
    "head_number": {**_HEAD, "align": "right"},
    "head_input": {**_HEAD, "bg_color": "#f2d98b", "font_color": "#3d2f00"},
    "text": _TOP,
    "wrapped": {**_TOP, "text_wrap": True},
    "code": {"num_format": "@", **_TOP},
    "word": {"italic": True, "font_color": "#5c6672", "align": "right"},
    "sum_text": _SUM,
    "sum_word": {**_SUM, "align": "right"},
    "spark": {},
    "hidden": {},
    "input_count": {**_INPUT, "num_format": "#,##0", "locked": False},
    "input_text": {**_INPUT, "num_format": "@", "locked": False},
    "input_flag": {**_INPUT, "num_format": "@", "locked": False, "align": "center"},
    "wrong": {"bg_color": "#f6c9c0", "font_color": "#7a1505"},
    **{name: {"num_format": form} for name, form in _NUMBERS.items()},
    **{f"sum_{name}": {"num_format": form, **_SUM} for name, form in _NUMBERS.items()},
}
"""Kind of cell → its properties."""


def style_of(book: Workbook) -> Style:
    """The formats of a workbook by kind of cell."""
    return {name: book.add_format(of) for name, of in FORMATS.items()}
