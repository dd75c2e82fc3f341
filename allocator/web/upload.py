"""An upload: read as it streams in, cut off at the limit, kept in memory and never in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

__all__ = ["Sent", "TooLargeError", "UnreadableError", "receive"]

_SECONDS = 60.0
_OF_FORM = 64 * 1024  # what stands around the file in the form
_DRAINED = 8 * 1024 * 1024
"""So much more is thrown away unread, so that a browser hears the answer and not a cut line."""


class TooLargeError(Exception):
    """More was sent than is allowed."""


class UnreadableError(Exception):
    """What was sent is no form with one file; or it came too slowly."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent: its name is only shown, never opened."""

    name: str
    raw: bytes
    state: str


class _InMemory(MultiPartParser):
    """A parser of forms that puts no file on the disk: the stream it reads has an end."""

    def __init__(self, request: Request, stream: AsyncGenerator[bytes, None], most: int) -> None:
        self.spool_max_size = most + _OF_FORM
        super().__init__(request.headers, stream, max_files=1, max_fields=4, max_part_size=_OF_FORM)


async def receive(request: Request, most: int) -> Sent:
    """The file of a form, of at most so many bytes, with the state it was sent from."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most + _OF_FORM + _DRAINED:
        raise TooLargeError
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise UnreadableError("form")
    try:
        async with asyncio.timeout(_SECONDS):
            return await _received(request, most)
    except TimeoutError:
        raise UnreadableError("slow") from None


async def _received(request: Request, most: int) -> Sent:
    try:
        form = await _InMemory(request, _limited(request, most + _OF_FORM), most).parse()
    except MultiPartException as error:
        raise UnreadableError("form") from error
    except (ClientDisconnect, KeyError, UnicodeError, ValueError, LookupError) as error:
        raise UnreadableError("form") from error
    try:
        file, state = form.get("file"), form.get("state")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UnreadableError("none")
        raw = await file.read()
        if len(raw) > most:
            raise TooLargeError
        name = "".join(letter for letter in file.filename if letter.isprintable())
        name = name.replace("\\", "/").rpartition("/")[2]
        return Sent(name[-80:], raw, state if isinstance(state, str) else "")
    finally:
        await form.close()


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body, until there is too much of it; then some more, which is thrown away."""
    got = 0
    async for chunk in request.stream():
        got += len(chunk)
        if got > most + _DRAINED:
            raise TooLargeError
        if got <= most:
            yield chunk
    if got > most:
        raise TooLargeError
