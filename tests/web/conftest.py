"""The application in this process, and on a real socket of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
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
    from tests.web.serving import serving

    with ExitStack() as running:
        yield lambda **limits: running.enter_context(serving(**limits))
