"""Figures in a sheet: read whole or not at all, told by cell, and never in a file."""

from __future__ import annotations

import http.client
import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from allocator.documents import load_case
from allocator.errors import BadDataError
from allocator.panel import Panel
from allocator.panel.importers.decode import source_of
from allocator.panel.importers.local import read_local
from allocator.web.local import Local
from tests.web.pages import numbers

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

PANEL, OSTFOLD = Panel(), load_case("ostfold-2016")
STATE = "scenario=ostfold-2016&need=700"


def read(text: str, encoding: str = "utf-8") -> tuple[Local, ...]:
    return read_local(source_of(text.encode(encoding), "tall.csv"), PANEL, OSTFOLD)


def send(client: TestClient, raw: bytes, name: str = "tall.csv", state: str = STATE) -> Response:
    return client.post(
        "/upload", files={"file": (name, raw)}, data={"state": state}, follow_redirects=True
    )


def workbook(rows: list[list[str | int]]) -> bytes:
    """The least workbook there can be, with one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{value}</v></c>"
            if isinstance(value, int)
            else f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
            for value in row
        )
        + "</row>"
        for row in rows
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        f'relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/s.xml" '
        f'ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        f'<sheet name="Ark1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="s.xml"/></Relationships>',
        "xl/s.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return out.getvalue()


# -- the sheet -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
def test_any_encoding_of_a_spreadsheet_is_read(encoding: str) -> None:
    found = read("Kommune;Kapasitet;Merknad\nRømskog;5;får ikke flere\n", encoding)
    assert found == (Local("0121", capacity=5, note="får ikke flere"),)


@pytest.mark.parametrize(
    "header",
    [
        "code,lock,capacity_minors,exempt",
        "kommunenummer;lås;kapasitet_mindreårige;unntak",
        "KOMMUNENR\tLåst\tKapasitet EM\tUnntatt",
        "Kommunenamn;lock;capacity minors;unnatak",
    ],
)
def test_columns_are_known_in_three_languages(header: str) -> None:
    mark = next(letter for letter in ";\t," if letter in header)
    found = read(f"{header}\n{mark.join(('Moss', '60', '10', ''))}\n")
    assert found == (Local("0104", lock=60, capacity_minors=10),)


def test_the_table_that_was_downloaded_can_be_sent_back(client: TestClient) -> None:
    saved = client.get("/download/requests.csv?scenario=ostfold-2016").text.splitlines()
    header = saved[0].split(",")
    assert "note" in header
    lines = [f"{line}full" if at == 2 else line for at, line in enumerate(saved[1:])]
    found = read("\n".join([saved[0], *lines]) + "\n")
    assert [each.note for each in found if each.code == lines[2][:4]] == ["full"]


def test_the_workbook_that_was_downloaded_can_be_sent_back(client: TestClient) -> None:
    pytest.importorskip("xlsxwriter", reason="the extra 'xlsx' is not installed")
    saved = client.get("/download/requests.xlsx?scenario=ostfold-2016&capacity=0104.60&lang=nb")
    assert saved.headers["content-disposition"].endswith('requests.xlsx"')
    answer = send(client, saved.content, "forslag.xlsx", "scenario=ostfold-2016")
    assert answer.status_code == 200
    assert "capacity=0104.60" in str(answer.url)


def test_a_code_that_lost_its_zero_and_a_row_of_sums_are_understood() -> None:
    assert read("kode;lås\n104;60\n;\nI alt;60\n") == (Local("0104", lock=60),)


def test_a_title_above_the_header_is_passed_by() -> None:
    assert read("Kapasitet meldt\n\nkommune;kapasitet\nMoss;60\n") == (Local("0104", capacity=60),)


def test_every_cell_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadDataError) as told:
        read("kommune;kapasitet;unntak\nMoss;mange\nHalden;1.250\nNowhere;5\nMoss;1;kanskje\n")
    places = [(fault.row, fault.column) for fault in told.value.faults]
    assert places == [(2, "B"), (3, "B"), (4, "A"), (5, "C")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("hello world\n", "names the columns"),
        ("kommune;capasity\nMoss;5\n", "meant to be capacity"),
        ("kommune;kapasitet;lokc\nMoss;5;6\n", "did you mean 'lock'"),
        ("kommune;kapasitet\nMoss;\n", "no row says"),
        ("kommune;kapasitet\nOslo;5\n", "outside"),
        ("kommune;kapasitet\nMoss;:\n", "no number of persons"),
        ("kommune;kapasitet\nMoss;-5\n", "negative"),
        ('kommune;kapasitet\n"Moss;5\n', "quotation mark"),
    ],
)
def test_a_sheet_that_cannot_be_used_says_why(text: str, says: str) -> None:
    with pytest.raises(BadDataError, match=says):
        read(text)


# -- the upload ------------------------------------------------------------------------------------


def test_small_figures_go_into_the_address(client: TestClient) -> None:
    response = send(client, "kommune;kapasitet\nRømskog;15\nMoss;60\n".encode("latin-1"))
    assert response.status_code == 200
    assert "capacity=0104.60_0121.15" in str(response.url)
    assert numbers(response.text)["0104"] <= 60
    assert sum(numbers(response.text).values()) == 700


def test_a_workbook_is_read_like_a_text(client: TestClient) -> None:
    raw = workbook([["Kommune", "Lås", "Merknad"], ["Moss", 60, "a & b"], ["I alt", 60, ""]])
    response = send(client, raw, "tall.xlsx")
    assert numbers(response.text)["0104"] == 60
    assert "a &amp; b" in response.text


def test_many_figures_are_held_in_memory_under_a_name_nobody_guesses(client: TestClient) -> None:
    rows = "".join(
        f"{unit.code};{900 + at};{'ord ' * 5}\n"
        for at, unit in enumerate(PANEL.municipalities(2026))
    )
    response = send(
        client, f"kode;kapasitet;merknad\n{rows}".encode(), state="scenario=norway-2026"
    )
    assert response.status_code == 200
    url = str(response.url)
    assert len(url) < 120
    again = client.get(url)
    assert numbers(again.text) == numbers(response.text)
    assert "357 municipalities" in again.text
    assert client.get(f"{url}&drop=figures").url.query == b"scenario=norway-2026"


def test_figures_that_are_held_no_longer_are_said_to_be_gone(client: TestClient) -> None:
    response = client.get("/?figures=abcdefghijklmnopqrstuv")
    assert response.status_code == 400
    assert "held no longer" in response.text


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"kommune;kapasitet\nMoss;mange\n", "tall.csv"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "kart.png"),
        (b"PK\x03\x04 no workbook", "tall.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "gammel.xls"),
        (b"<!doctype html><p>", "side.csv"),
        (b"{}", "tall.json"),
        (b"", "tom.csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_changes_nothing(
    client: TestClient, raw: bytes, name: str
) -> None:
    response = send(client, raw, name)
    assert response.status_code in (400, 422)
    assert "Traceback" not in response.text
    assert "scenario=ostfold-2016" in response.text
    assert client.get("/?scenario=ostfold-2016").status_code == 200


def test_a_file_over_the_limit_is_refused_in_words(client: TestClient) -> None:
    response = send(client, b"kommune;kapasitet\n" + b"Moss;5\n" * 20_000)
    assert response.status_code == 413
    assert "0.0625 MiB" in response.text


def test_a_packed_bomb_is_refused(client: TestClient) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 40_000_000)
    assert len(out.getvalue()) < 64 * 1024
    response = send(client, out.getvalue(), "tall.xlsx")
    assert response.status_code == 422


def test_only_the_own_page_may_send_figures(client: TestClient) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        response = client.post("/upload", files={"file": ("a.csv", b"x")}, headers=headers)
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"hello"),
        ("multipart/form-data", b"hello"),
        ("multipart/form-data; boundary=x", b"hello"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--"),
        ("multipart/form-data; boundary=\xff", b"--x--"),
    ],
)
def test_a_form_that_is_none_is_refused_in_words(
    client: TestClient, kind: str, body: bytes
) -> None:
    headers = {b"content-type": kind.encode("latin-1")}
    response = client.post("/upload", content=body, headers=headers)
    assert response.status_code == 400
    assert "<h1>" in response.text


# -- on a real socket ------------------------------------------------------------------------------


def connected(address: str) -> http.client.HTTPConnection:
    where = urlsplit(address)
    return http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)


def still_serves(address: str) -> None:
    connection = connected(address)
    connection.request("GET", "/?scenario=ostfold-2016")
    response = connection.getresponse()
    assert response.status == 200
    assert sum(numbers(response.read().decode()).values()) == 780
    connection.close()


def test_a_gigabyte_is_cut_off_and_the_server_goes_on(served: Callable[..., str]) -> None:
    address, sent = served(upload=1024 * 1024), 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(1024):
            sent += 1024 * 1024
            yield b"x" * (1024 * 1024)

    connection = connected(address)
    status = None
    try:
        connection.request(
            "POST",
            "/upload",
            stream(),
            {"Content-Type": "multipart/form-data; boundary=x", "Transfer-Encoding": "chunked"},
            encode_chunked=True,
        )
        status = connection.getresponse().status
    except OSError:  # the server has answered and hung up while we still sent
        pass
    finally:
        connection.close()
    assert status in (None, 413)
    assert sent < 64 * 1024 * 1024
    still_serves(address)


def test_a_gigabyte_that_is_announced_is_refused_unread(served: Callable[..., str]) -> None:
    address = served()
    connection = connected(address)
    connection.putrequest("POST", "/upload")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(1 << 30))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert "too large" in response.read().decode()
    connection.close()
    still_serves(address)


def test_five_hundred_malformed_requests_leave_it_serving(served: Callable[..., str]) -> None:
    import random

    address, dice = served(), random.Random(500)
    where = urlsplit(address)
    pieces = [
        "%",
        "%00",
        "%ff%fe",
        "../",
        "..%2f",
        "\\",
        "//",
        "?",
        "&",
        "=",
        "#",
        ";",
        "\x7f",
        "need=",
        "scenario=",
        "lock=",
        "é",
        "🙂",
        "%c0%ae",
        "[",
        "]",
        "{",
        "}",
        "|",
        "^",
    ]
    for at in range(500):
        path = "".join(dice.choice(pieces) for _ in range(dice.randint(1, 12)))
        line = f"GET /{path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n"
        if at % 25 == 0:  # some are no HTTP at all
            line = path * 20 + "\r\n\r\n"
        with socket.create_connection((where.hostname or "", where.port or 0), 10) as raw:
            raw.sendall(line.encode())
            answer = raw.recv(64)
            assert answer.startswith(b"HTTP/1.1 ")
            assert not answer.startswith(b"HTTP/1.1 5")
    still_serves(address)


def test_what_is_wrong_in_a_sheet_is_told_in_the_visitors_language(client: TestClient) -> None:
    sheet = b"kommune;kapasitet\nMoss;mange\nTull;4\n"
    for lang, told in (("nb", "rad 2, kolonne B"), ("nn", "det finst ingen kommune «Tull»")):
        page = client.post(
            "/upload",
            data={"state": f"scenario=ostfold-2016&lang={lang}"},
            files={"file": ("tall.csv", sheet)},
            params={"lang": lang},
        )
        assert page.status_code == 422
        assert told in page.text
