"""From a file's bytes to tables of text: encodings, separators, workbooks.

The encoding rule is one line: a byte order mark, else UTF-8, else Windows-1252, of which ISO-8859-1
is the part that Norwegian exports use. No guessing by letter statistics, which turns Tromsø into
Tromsř. What the rule cannot read is refused.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from allocator.errors import BadDataError, Fault, MissingInputError

__all__ = ["Sheet", "Source", "open_source", "source_of", "text_of"]

LARGEST = 256 * 1024 * 1024  # bytes of a file, and of a workbook when it is unpacked
_CELLS = 20_000_000  # of one sheet
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text cells. Row 1 is ``rows[0]``, as a spreadsheet counts."""

    name: str
    rows: list[list[str]]

    def shown(self, file: str) -> str:
        """How a fault names this table: the file, and the sheet where it has several."""
        return f"{file} [{self.name}]" if self.name else file


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its tables or its JSON, and the hash of its bytes."""

    shown: str
    name: str
    digest: str
    sheets: tuple[Sheet, ...] = ()
    json: Any = None
    url: str = ""
    note: str = "imported by bosett data import"


def open_source(path: Path) -> Source:
    """Read a file of any kind that can be imported.

    Raises :class:`~allocator.errors.MissingInputError` when there is none, and
    :class:`~allocator.errors.BadDataError` when it is no table, workbook or JSON.
    """
    try:
        if path.is_dir():
            raise MissingInputError(
                Fault(
                    "import.folder",
                    f"'{path}' is a folder",
                    "a file",
                    "name the files in it, such as " + str(path / "*.csv"),
                )
            )
        if path.stat().st_size > LARGEST:
            raise BadDataError(_too_large(str(path), path.stat().st_size))
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        missing = isinstance(error, FileNotFoundError)
        found = f"there is no file '{path}'" if missing else f"cannot read '{path}': {reason}"
        raise MissingInputError(Fault("import.missing", found)) from None
    return source_of(raw, str(path))


def source_of(raw: bytes, shown: str) -> Source:
    """The tables or the JSON in some bytes; ``shown`` is how faults name them.

    >>> source_of("code;persons\\n0301;20\\n".encode("utf-16"), "a.csv").sheets[0].rows
    [['code', 'persons'], ['0301', '20']]
    """
    name, digest = Path(shown).name, sha256(raw).hexdigest()
    if raw[:4] == b"PK\x03\x04":
        return Source(shown, name, digest, _workbook(raw, shown))
    if raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        found, remedy = "is an Excel file of the old kind, or locked", "save it as .xlsx or CSV"
        raise BadDataError(Fault("import.kind", found, "", remedy, shown))
    text = text_of(raw, shown)
    start = text.lstrip()[:64].lower()
    if not start:
        raise BadDataError(Fault("import.empty", "the file is empty", file=shown))
    if start.startswith(("<!doctype", "<html", "<?xml")):
        found = "is a web page or XML, not figures"
        remedy = "download the table itself; an address that has moved may answer with a page"
        raise BadDataError(Fault("import.kind", found, "CSV, JSON, XLSX or ODS", remedy, shown))
    if start[0] in "{[":
        return Source(shown, name, digest, json=_json(text, shown))
    return Source(shown, name, digest, (Sheet("", _rows(text, shown)),))


def text_of(raw: bytes, shown: str) -> str:
    """Bytes as text by the encoding rule.

    >>> text_of("Tromsø – Kárášjohka".encode(), ""), text_of("Tromsø".encode("latin-1"), "")
    ('Tromsø – Kárášjohka', 'Tromsø')
    """
    text = _decoded(raw, shown)
    binary = _BINARY.search(text)
    if binary is not None:
        row = text.count("\n", 0, binary.start()) + 1
        found = f"there is a control character, U+{ord(binary.group()):04X}: this is no text"
        remedy = "save the table as CSV in UTF-8, or as XLSX"
        raise BadDataError(Fault("import.kind", found, "", remedy, shown, row))
    return text


def _decoded(raw: bytes, shown: str) -> str:
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            last = error
    row = raw.count(b"\n", 0, last.start) + 1
    found = f"the byte {raw[last.start]:#04x} is neither UTF-8 nor Windows-1252"
    remedy = "save the file again as UTF-8"
    raise BadDataError(Fault("import.encoding", found, "", remedy, shown, row))


def _rows(text: str, shown: str) -> list[list[str]]:
    """The cells of a text table; what stands between them is what its first line has most of."""
    at = 0
    first = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")
    if re.fullmatch(r"sep=.", first):
        mark, at = first[-1], 1  # a line that Excel writes for itself
    else:
        bare = re.sub(r'"[^"]*"', "", first)
        mark = max(";\t,", key=bare.count)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for line in reader:
            rows.append(line)
    except csv.Error as error:
        found = f"is no table: {error}"
        fault = Fault("import.csv", found, "", "a quotation mark may be missing", shown)
        raise BadDataError([_at(fault, len(rows) + 1)]) from None
    if at:
        rows[0] = []
        first_row = next((place for place, row in enumerate(rows) if row), 0)
        rows = [*rows[first_row:]] if first_row else rows
    return rows


def _at(fault: Fault, row: int) -> Fault:
    return Fault(fault.code, fault.found, fault.expected, fault.remedy, fault.file, row)


def _json(text: str, shown: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        found = f"is no JSON: {getattr(error, 'msg', None) or 'nested too deeply'}"
        remedy = "the download may have been cut off; fetch it again"
        raise BadDataError(Fault("import.json", found, "", remedy, shown, row)) from None


def _workbook(raw: bytes, shown: str) -> tuple[Sheet, ...]:
    """The sheets of an XLSX or ODS file."""
    from python_calamine import CalamineWorkbook

    def refuse(found: str) -> BadDataError:
        return BadDataError(Fault("import.workbook", found, "XLSX or ODS", "", shown))

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise refuse("is a damaged workbook, or a packed file of another kind") from None
    if size > LARGEST:
        raise BadDataError(_too_large(shown, size))
    sheets = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > _CELLS:
                raise refuse(f"sheet '{name}' has a cell too far out")
            cells = sheet.to_python(skip_empty_area=False)
            sheets.append(Sheet(name, [[_text(cell) for cell in row] for row in cells]))
    except BadDataError:
        raise
    except BaseException as error:  # a panic of the reader's own language is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise refuse("is a workbook that cannot be read") from None
    return tuple(sheets)


def _text(cell: Any) -> str:
    """A spreadsheet's cell as text: 20.0 is 20, a date is 2026-01-31."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _too_large(shown: str, size: int) -> Fault:
    found, most = f"the file is {size // 2**20} MiB", f"at most {LARGEST // 2**20} MiB"
    return Fault("import.large", found, most, file=shown)
