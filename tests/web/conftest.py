"""The application in this process, and on a real socket of this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("starlette", reason="the extra 'web' is not installed")
pytest.importorskip("httpx2", reason="httpx2 is not installed")

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """A browser without scripts, in this process."""
    from starlette.testclient import TestClient

    from allocator.web.app import Limits, application

    app = application(limits=Limits(upload=64 * 1024), hosts=("testserver",))
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    """Serves an application at a free port of 127.0.0.1, until the test ends; its address."""
    from allocator.web.app import Limits, application
    from allocator.web.server import bound, hosts_of, serve

    running = []

    def start(**limits: float) -> str:
        listening, holder = bound("127.0.0.1", 0), list[object]()
        app = application(limits=Limits(**limits), hosts=hosts_of("127.0.0.1", ()))  # type: ignore[arg-type]
        thread = threading.Thread(
            target=serve, args=(app, listening), kwargs={"holder": holder}, daemon=True
        )
        port = listening.getsockname()[1]
        thread.start()
        running.append((holder, thread))
        end = time.monotonic() + 20
        while not (holder and holder[0].started):  # type: ignore[attr-defined]
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.02)
        return f"http://127.0.0.1:{port}"

    yield start
    for holder, thread in running:
        holder[0].should_exit = True  # type: ignore[attr-defined]
        thread.join(10)
        assert not thread.is_alive()
