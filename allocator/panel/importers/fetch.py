"""One way to the network: an address in, bytes out, or why not in words.

Time-outs on every step, a limit on size and on the whole, retries that wait longer each time and
as long as the server asks for. An answer that was cut off, is of another type than was asked for,
or is too large, is no answer. Needs the extra ``net``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import allocator
from allocator.errors import Fault, MissingInputError, UsageError

if TYPE_CHECKING:
    import requests

__all__ = ["Fetch", "NoAnswerError", "Patience", "fetch"]

Fetch = Callable[[str], bytes]
"""The seam: what the network is to the rest of the engine."""

_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_HERE = {"127.0.0.1", "localhost", "::1"}


class NoAnswerError(MissingInputError):
    """The network, or the publisher, gave nothing that can be used."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, how often to try, how much to take."""

    connect: float = 10.0
    silence: float = 30.0
    whole: float = 180.0
    tries: int = 4
    wait: float = 1.0
    longest_wait: float = 60.0
    largest: int = 256 * 1024 * 1024


class _AgainError(Exception):
    """Worth another try, after so many seconds if the server says so."""

    def __init__(self, told: str, after: float | None = None, code: str = "net.none") -> None:
        super().__init__(told)
        self.after, self.code = after, code


def fetch(
    url: str, patience: Patience = Patience(), sleep: Callable[[float], None] = time.sleep
) -> bytes:
    """The bytes at an address.

    Raises :class:`NoAnswerError` when there are none, and
    :class:`~allocator.errors.UsageError` without the extra ``net``, or for an address that is
    neither https nor of this machine.
    """
    try:
        import requests
    except ImportError:
        remedy = "python3 -m pip install 'bosett[net]'"
        raise UsageError(Fault("net.extra", "fetching needs requests", "", remedy)) from None
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise UsageError(Fault("net.address", f"'{url}' is no https address"))
    wait, told, code, turn = patience.wait, "", "", 0
    with requests.Session() as session:
        session.headers["User-Agent"] = f"bosett/{allocator.__version__}"
        for turn in range(patience.tries):
            if turn:
                sleep(min(wait, patience.longest_wait))
            try:
                return _once(session, url, patience)
            except _AgainError as error:
                told, code = str(error), error.code
                if code == "net.unreached" and turn:
                    break  # whoever is offline need not wait to be told
                wait = error.after if error.after is not None else patience.wait * 2 ** (turn + 1)
    remedy = "what is there was kept; try again later"
    found = f"{parts.hostname}: {told} ({turn + 1} tries)"
    raise NoAnswerError(Fault(code, found, "", remedy, url))


def _once(session: requests.Session, url: str, patience: Patience) -> bytes:
    import requests
    from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

    until = time.monotonic() + patience.whole
    times = (patience.connect, patience.silence)
    try:
        with session.get(url, stream=True, timeout=times) as answer:
            _look(answer, url)
            taken = bytearray()
            # What has come is taken as it comes, so that a server that drips is noticed.
            while chunk := answer.raw.read1(65536, decode_content=True):
                taken += chunk
                if len(taken) > patience.largest:
                    most = f"at most {patience.largest // 2**20} MiB"
                    fault = Fault("net.large", "the answer is too large", most, "", url)
                    raise NoAnswerError(fault)
                if time.monotonic() > until:
                    raise _AgainError(f"the answer took more than {patience.whole:g} seconds")
    except requests.exceptions.SSLError:
        remedy = "the connection is not what it says it is: ask who runs this network"
        fault = Fault("net.secure", "the certificate does not hold", "", remedy, url)
        raise NoAnswerError(fault) from None
    except (requests.exceptions.Timeout, ReadTimeoutError):
        raise _AgainError("no answer in time") from None
    except (requests.exceptions.ChunkedEncodingError, ProtocolError, DecodeError):
        raise _AgainError("the answer was cut off") from None
    except requests.exceptions.ConnectionError:
        told = "not reached: offline, or the address is down"
        raise _AgainError(told, code="net.unreached") from None
    except requests.exceptions.RequestException as error:
        fault = Fault("net.none", f"no answer: {type(error).__name__}", "", "", url)
        raise NoAnswerError(fault) from None
    if not taken:
        raise _AgainError("the answer is empty")
    return bytes(taken)


def _look(answer: requests.Response, url: str) -> None:
    """Turn down what is no answer before it is read."""
    if answer.status_code in _AGAIN:
        after = answer.headers.get("Retry-After", "")
        seconds = float(after) if after.isdigit() and len(after) < 6 else None
        raise _AgainError(f"the server answers {answer.status_code}", seconds)
    if answer.status_code != 200:
        found = f"the server answers {answer.status_code} {answer.reason or ''}".rstrip()
        remedy = "the address may have moved: mend it in publishers.toml of the panel"
        raise NoAnswerError(Fault("net.status", found, "200", remedy, url))
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") or kind.startswith(("image/", "video/")):
        found, expected = f"the answer is of type {kind}", "a table or JSON"
        remedy = "the address may have moved: mend it in publishers.toml of the panel"
        raise NoAnswerError(Fault("net.type", found, expected, remedy, url))
