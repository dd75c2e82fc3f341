"""A server of the page at a free port of 127.0.0.1, which stops by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["serving"]


@contextmanager
def serving(**limits: Any) -> Iterator[str]:
    """The address of a server that runs within the block."""
    from allocator.web.app import Limits, application
    from allocator.web.server import bound, hosts_of, serve

    listening, holder = bound("127.0.0.1", 0), list[Any]()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = application(limits=Limits(**limits), hosts=hosts_of("127.0.0.1", ()))
    thread = threading.Thread(
        target=serve, args=(app, listening), kwargs={"holder": holder}, daemon=True
    )
    thread.start()
    end = time.monotonic() + 20
    while not (holder and holder[0].started):
        assert thread.is_alive()
        assert time.monotonic() < end, "the server does not start"
        time.sleep(0.02)
    try:
        yield address
    finally:
        holder[0].should_exit = True
        thread.join(10)
        assert not thread.is_alive()
