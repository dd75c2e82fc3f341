"""Figures from the network: recorded answers, and a server on this machine that misbehaves."""

import contextlib
import datetime as dt
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import Result

from allocator.errors import BadDataError, UsageError
from allocator.panel import Panel
from allocator.panel.importers.fetch import NoAnswerError, Patience, fetch
from allocator.panel.importers.refresh import publishers, refresh
from tests.panel.importing import SAMPLES, content

Run = Callable[..., Result]
QUICK = Patience(connect=2, silence=0.3, whole=0.5, tries=3, wait=0.0, largest=200_000)
LONG = (SAMPLES / "imdi_bosatt_anmodede_long_2023.csv").read_bytes()


class Server(BaseHTTPRequestHandler):
    """Answers well or ill, as the path says; every request is counted."""

    asked: dict[str, int]

    def log_message(self, *_: object) -> None:
        """Be silent."""

    def do_GET(self) -> None:
        path = self.path
        times = self.asked[path] = self.asked.get(path, 0) + 1
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has had enough
            getattr(self, path.strip("/").split("?")[0].replace("-", "_"))(times)

    def answer(self, status: int, body: bytes, kind: str = "text/csv", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **own}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def good(self, _: int) -> None:
        self.answer(200, LONG)

    def silent(self, _: int) -> None:
        time.sleep(0.8)

    def trickle(self, _: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.end_headers()
        for _ in range(8):
            self.wfile.write(b"a;b\n" * 20_000)
            time.sleep(0.05)

    def slow(self, _: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(20):
            self.wfile.write(b"a")
            self.wfile.flush()
            time.sleep(0.1)

    def cut_off(self, times: int) -> None:
        if times < 3:
            self.answer(200, LONG[:100], Content_Length=str(len(LONG)))
            self.close_connection = True
        else:
            self.answer(200, LONG)

    def always_cut(self, _: int) -> None:
        self.answer(200, LONG[:100], Content_Length=str(len(LONG)))
        self.close_connection = True

    def busy(self, times: int) -> None:
        if times < 3:
            self.answer(429, b"wait", Retry_After="7")
        else:
            self.answer(200, LONG)

    def broken(self, _: int) -> None:
        self.answer(500, b"oops")

    def gone(self, _: int) -> None:
        self.answer(404, b"<html></html>", "text/html")

    def page(self, _: int) -> None:
        self.answer(200, b"<html>We have moved</html>", "text/html; charset=utf-8")

    def huge(self, _: int) -> None:
        self.answer(200, b"x" * 400_000)

    def empty(self, _: int) -> None:
        self.answer(200, b"")

    def around(self, _: int) -> None:
        self.answer(302, b"", Location="/around")

    def disguised(self, _: int) -> None:
        self.answer(200, b"<!DOCTYPE html><html></html>")

    def nonsense(self, _: int) -> None:
        self.wfile.write(b"\x00\x01not http at all\r\n\r\n")
        self.close_connection = True


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, int]]]:
    """The address of a server on this machine, and how often each path was asked for."""
    asked: dict[str, int] = {}
    handler = type("Own", (Server,), {"asked": asked})
    own = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    own.daemon_threads = True
    thread = threading.Thread(target=own.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{own.server_port}", asked
    own.shutdown()
    own.server_close()
    thread.join()


def test_a_good_answer_comes_as_its_bytes(server: tuple[str, dict[str, int]]) -> None:
    assert fetch(f"{server[0]}/good", QUICK) == LONG


@pytest.mark.parametrize("path", ["cut-off", "busy"])
def test_what_fails_for_a_while_is_tried_again(
    server: tuple[str, dict[str, int]], path: str
) -> None:
    waited: list[float] = []
    assert fetch(f"{server[0]}/{path}", QUICK, waited.append) == LONG
    assert server[1] == {f"/{path}": 3}
    assert waited == ([7.0, 7.0] if path == "busy" else [0.0, 0.0])


def test_each_wait_is_twice_as_long_but_not_beyond_all_patience(
    server: tuple[str, dict[str, int]],
) -> None:
    waited: list[float] = []
    patience = Patience(tries=6, wait=1.0, longest_wait=9.0, silence=2.0)
    with pytest.raises(NoAnswerError, match="the server answers 500 \\(6 tries\\)"):
        fetch(f"{server[0]}/broken", patience, waited.append)
    assert waited == [1.0 * 2, 4.0, 8.0, 9.0, 9.0]


@pytest.mark.parametrize(
    ("path", "why", "tries"),
    [
        ("silent", "no answer in time", 3),
        ("slow", "more than 0.5 seconds", 3),
        ("always-cut", "was cut off", 3),
        ("broken", "answers 500", 3),
        ("empty", "is empty", 3),
        ("nonsense", "not reached|no answer", 2),
        ("gone", "answers 404", 1),
        ("page", "of type text/html", 1),
        ("huge", "too large", 1),
        ("trickle", "too large", 1),
        ("around", "no answer: TooManyRedirects", None),
    ],
)
def test_what_is_no_answer_is_told_in_words_and_kept_from_the_panel(
    server: tuple[str, dict[str, int]], path: str, why: str, tries: int | None
) -> None:
    with pytest.raises(NoAnswerError, match=why) as raised:
        fetch(f"{server[0]}/{path}", QUICK)
    assert raised.value.exit_code == 66
    if tries is not None:
        assert server[1][f"/{path}"] == tries


def test_nobody_there_is_offline_in_words() -> None:
    with pytest.raises(NoAnswerError, match="offline, or the address is down"):
        fetch("http://127.0.0.1:9/", QUICK)


@pytest.mark.parametrize(
    "url", ["http://example.org/x", "file:///etc/hostname", "ftp://127.0.0.1/"]
)
def test_only_https_and_this_machine_are_asked(url: str) -> None:
    with pytest.raises(UsageError, match="is no https address"):
        fetch(url, QUICK)


def test_a_host_that_is_not_reached_is_not_waited_for_again(panel: Path) -> None:
    waited: list[float] = []
    (panel / "publishers.toml").write_text(
        "".join(
            f'[[publisher]]\nname = "{name}"\nwhat = "x"\nurl = "http://127.0.0.1:9/{name}"\n'
            for name in ("one", "two", "three")
        )
    )
    with pytest.raises(NoAnswerError) as raised:
        refresh(panel, lambda url: fetch(url, QUICK, waited.append), year=2026)
    assert [fault.code for fault in raised.value.faults] == [
        "net.unreached",
        "net.down",
        "net.down",
    ]
    assert len(waited) == 1


# -- into a panel ----------------------------------------------------------------------------------


def recorded(panel: Path, answers: dict[str, bytes]) -> Callable[[str], bytes]:
    """A network that has these answers, by the name of the publisher, and no others."""
    addresses = {
        each.address(2026): answers[each.name] for each in publishers(panel) if each.name in answers
    }

    def answer(url: str) -> bytes:
        if url not in addresses:
            raise NoAnswerError([])
        return addresses[url]

    return answer


def test_recorded_answers_are_imported_with_their_address_hash_and_day(panel: Path) -> None:
    codes = (SAMPLES / "ssb_klass_131_codesAt_2026-01-01.json").read_bytes()
    network = recorded(panel, {"ssb-municipalities": codes})
    day = dt.date(2026, 11, 22)
    report, _ = refresh(panel, network, year=2026, today=day, accept=True)
    assert report.written
    row = next(
        line
        for line in (panel / "sources.csv").read_text("utf-8").splitlines()
        if "codesAt" in line
    )
    assert hashlib.sha256(codes).hexdigest() in row
    assert "fetched 2026-11-22" in row
    (kept,) = (panel / "fetched").iterdir()
    assert kept.read_bytes() == codes
    before = content(panel)
    again, _ = refresh(panel, network, year=2026, today=dt.date(2027, 1, 1))
    assert again.why_not == "same"
    assert content(panel) == before


def test_the_table_of_minors_is_read_as_minors_whatever_it_is_called(panel: Path) -> None:
    head = "Enhet;År;Kommunenummer;Kommune;Anmodning, vedtak og faktisk bosetting;Antall\n"
    text = f"{head}Personer;2026;5501;Tromsø;Vedtak om bosetting;12\n".encode("latin-1")
    network = recorded(panel, {"imdi-minors": text})
    report, _ = refresh(panel, network, year=2026, names=["imdi-minors"])
    assert report.written
    assert Panel(panel).requests(2026, "decided", "em")["5501"].value == 12


def test_who_is_not_reached_is_told_and_the_others_come_in(
    panel: Path, server: tuple[str, dict[str, int]]
) -> None:
    (panel / "publishers.toml").write_text(
        "".join(
            f'[[publisher]]\nname = "{name}"\nwhat = "x"\nurl = "{server[0]}/{path}"\n'
            for name, path in (("one", "good"), ("two", "broken"), ("three", "gone"))
        )
    )
    report, missed = refresh(panel, lambda url: fetch(url, QUICK), year=2026, skip_refused=True)
    assert report.written
    assert [fault.code for fault in missed] == ["net.none", "net.status"]
    assert Panel(panel).requests(1995, "requested")["0101"].value == 20


@pytest.mark.parametrize("path", ["broken", "page", "disguised", "huge", "silent"])
def test_offline_or_ill_served_a_panel_stays_as_it_is(
    bosett: Run,
    panel: Path,
    server: tuple[str, dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    monkeypatch.setattr("allocator.panel.importers.fetch.fetch", lambda url: fetch(url, QUICK))
    entry = f'[[publisher]]\nname = "one"\nwhat = "x"\nurl = "{server[0]}/{path}"\n'
    (panel / "publishers.toml").write_text(entry)
    before = content(panel)
    found = bosett("data", "refresh", "--panel", panel)
    assert found.exit_code in (65, 66)
    assert found.stderr.startswith("bosett: ")
    assert "Traceback" not in found.output
    assert content(panel) == before


@pytest.mark.parametrize(
    "text", ["", "[[publisher]]\n", "publisher = 3\n", "[[publisher]]\nname = 1\n", "x ="]
)
def test_a_document_of_publishers_that_is_none_is_refused(panel: Path, text: str) -> None:
    (panel / "publishers.toml").write_text(text)
    with pytest.raises(BadDataError, match=r"publishers\.toml"):
        publishers(panel)


def test_a_misspelt_publisher_is_refused_with_the_right_one(bosett: Run, panel: Path) -> None:
    found = bosett("data", "refresh", "imdi-minor", "--panel", panel)
    assert found.exit_code == 2
    assert "did you mean 'imdi-minors'" in found.stderr


def test_a_population_answer_refreshes_the_inhabitants(panel: Path) -> None:
    from tests.panel.test_import_samples import population_answer

    answer = population_answer(2026)
    values = list(answer["value"])  # type: ignore[call-overload]
    values[4] += 1
    raw = json.dumps(answer | {"value": values}).encode()
    network = recorded(panel, {"ssb-population": raw})
    report, _ = refresh(panel, network, year=2026)
    assert (report.why_not, report.count("changed"), report.unchanged) == ("changed", 1, 356)
