"""The command: one's own documents and figures, a server that starts, says where, and stops."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from allocator.web.server import bound
from tests.web.pages import numbers

if TYPE_CHECKING:
    from click.testing import Result

OWN = """\
title = "Two places"
source = "a test"
year = 2016
model = "./mine.toml"
[area]
municipality = ["0104", "0106"]
[need]
total = 100
[municipality."0104"]
exempt = true
reason = "full"
"""
RUN = "from allocator.cli import main; main()"
RULE = 'title = "By inhabitants"\nsource = "a test"\n[key]\npopulation = 1.0\n'


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A scenario and a model of one's own."""
    (tmp_path / "two-places.toml").write_text(OWN)
    (tmp_path / "mine.toml").write_text(RULE)
    return tmp_path


def test_documents_of_ones_own_are_chosen_by_name(documents: Path) -> None:
    from starlette.testclient import TestClient

    from allocator.web.app import application
    from allocator.web.shelf import Shelf

    with TestClient(application(Shelf([documents / "two-places.toml"]))) as client:
        page = client.get("/").text
        assert numbers(page) == {"0104": 0, "0106": 100}
        assert str(documents) not in page
        # A lock on a place that the document leaves out takes it in again.
        locked = client.get("/?scenario=two-places&add=moss&add_lock=30")
        assert numbers(locked.text) == {"0104": 30, "0106": 70}
        assert numbers(client.get("/?scenario=two-places&model=mine").text)
        other = client.get("/?scenario=ostfold-2016&of=two-places:mine&model=mine&need=100")
        assert str(other.url).endswith("?scenario=ostfold-2016")


def test_figures_of_ones_own_are_used(panel: Path) -> None:
    from starlette.testclient import TestClient

    from allocator.web.app import application

    table = panel / "municipalities.csv"
    table.write_text(table.read_text("utf-8").replace("Rømskog", "Rømlingen"), "utf-8")
    with TestClient(application(panel=panel)) as client:
        assert "Rømlingen" in client.get("/?scenario=ostfold-2016").text


def test_figures_with_a_fault_are_told_and_the_page_goes_on(panel: Path) -> None:
    from starlette.testclient import TestClient

    from allocator.web.app import application

    (panel / "population" / "2016.csv").write_text("code,persons\nx,y\n")
    (panel / "population" / "2015.csv").write_text("code,persons\nx,y\n")
    with TestClient(application(panel=panel)) as client:
        response = client.get("/?scenario=ostfold-2016")
        assert response.status_code == 400
        assert "cannot be calculated" in response.text
        assert str(panel) not in response.text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--scenario", "nowhere.toml"], 66, "nowhere.toml"),
        (["--model", "nowhere.toml"], 66, "nowhere.toml"),
        (["--panel", "nowhere"], 66, "nowhere"),
        (["--port", "70000"], 2, "70000"),
        (["--host", "no such host"], 2, "cannot serve"),
    ],
)
def test_what_cannot_be_served_is_told(
    bosett: Callable[..., Result], arguments: list[str], code: int, says: str
) -> None:
    done = bosett("serve", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert says in done.stderr


def test_a_taken_port_is_told(bosett: Callable[..., Result]) -> None:
    with bound("127.0.0.1", 0) as taken:
        done = bosett("serve", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "choose another port" in done.stderr


def test_it_says_where_it_serves_and_stops_when_told_to() -> None:
    command = [sys.executable, "-c", RUN, "serve", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(r"bosett serves http://127\.0\.0\.1:(\d+)/ – .*\n", line)
        assert found, line
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
        connection.request("GET", "/about")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (output, "Traceback" in errors) == ("", False)
    assert process.returncode == 0
