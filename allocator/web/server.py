"""Serving the application: a socket of our own, so that its address is known before it answers."""

from __future__ import annotations

import gc
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette

from allocator.errors import Fault, UsageError

__all__ = ["bound", "hosts_of", "is_local", "serve"]

_BACKLOG = 128
_HEADERS = 64 * 1024  # bytes of an address and its headers


def is_local(host: str) -> bool:
    """Whether only this machine can reach it.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0"), is_local("::1")
    (True, True, False, True)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hosts_of(host: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """The names a server answers to; none where it may be any.

    A server for this machine alone answers to this machine's names only, so that no page elsewhere
    can point a name of its own at it (DNS rebinding).
    """
    if is_local(host):
        return ("localhost", "127.0.0.1", "::1", host, *allowed)
    return allowed


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Port 0 is any that is free.

    Raises :class:`~allocator.errors.UsageError` where there can be none.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "choose another port with --port; 0 is any that is free"
        found = f"cannot serve at {host}, port {port}: {reason}"
        raise UsageError(Fault("serve.bind", found, remedy=remedy)) from None
    return listening


def serve(
    app: Starlette,
    listening: socket.socket,
    started: Callable[[], None] = lambda: None,
    *,
    holder: list[uvicorn.Server] | None = None,
) -> None:
    """Serve until told to stop: Ctrl-C, or ``should_exit`` of the server put into ``holder``."""
    config = uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,  # what people consider is nobody's to read afterwards
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
        limit_concurrency=500,
        h11_max_incomplete_event_size=_HEADERS,
    )
    server = _Server(config, started)
    if holder is not None:
        holder.append(server)
    gc.enable()  # a command turns it off, since it ends soon
    # Ctrl-C is how it is meant to end; the server has shut down in good order by then.
    with listening, suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it has started."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # documents and figures stay as long as it runs
            self._tell()
