"""The application: routes, and what becomes of a request. Answers are made off the event loop."""

from __future__ import annotations

import gzip
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from allocator.errors import BosettError
from allocator.panel.importers.decode import source_of
from allocator.panel.importers.local import read_local
from allocator.present.language import say, speaking
from allocator.web.answers import Answers
from allocator.web.assets import assets
from allocator.web.downloads import downloads
from allocator.web.fairness import fairness_page
from allocator.web.keep import Held
from allocator.web.languages import spoken
from allocator.web.links import Links
from allocator.web.local import as_params
from allocator.web.municipality import municipality
from allocator.web.pages import home, in_words
from allocator.web.places import find_in
from allocator.web.pool import BusyError, Pool
from allocator.web.read import Read, Reader
from allocator.web.render import Renderer
from allocator.web.security import Guard
from allocator.web.shelf import Shelf
from allocator.web.state import State, View
from allocator.web.upload import TooLargeError, UnreadableError, receive

__all__ = ["Limits", "application"]

_LONGEST_QUERY = 16_000
_LONGEST_LOCAL = 1_500
"""Characters of locals in an address; more are held in memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the server does: bytes of an upload, seconds of a solve, threads, queue, memory."""

    upload: int = 2 * 1024 * 1024
    seconds: float = 10.0
    threads: int = 2
    waiting: int = 64
    answers: int = 128
    uploads: int = 64


class _App:
    """The pages of one shelf and one folder of figures."""

    def __init__(self, shelf: Shelf, panel: Path | str | None, lang: str, limits: Limits) -> None:
        self.limits, self.lang = limits, lang
        self.answers = Answers(
            shelf, Held(limits.uploads), panel, time_limit=limits.seconds, most=limits.answers
        )
        figures = self.answers.panel_of
        self.reader = Reader(shelf, lambda case, text: find_in(figures(case), case, text))
        self.pool = Pool(limits.threads, limits.waiting, 3 * limits.seconds)
        self.assets = assets()
        self.renderer = Renderer(self.assets)

    # -- what every page is made with --------------------------------------------------------------

    def language(self, request: Request) -> str:
        """The language of a request: what the address says, else what the browser asks for."""
        given = request.query_params.get("lang", "")
        if given in ("nb", "nn", "en"):
            return given
        return spoken(request.headers.get("accept-language", ""), self.lang)

    async def page(
        self, request: Request, make: Callable[[Read], tuple[str, dict[str, Any], int]]
    ) -> Response:
        """A page made off the event loop from what the query says."""
        query = request.scope["query_string"].decode("utf-8", "replace")
        if len(query) > _LONGEST_QUERY:
            raise HTTPException(414)
        lang, packed = self.language(request), _takes_gzip(request)

        def work() -> Response:
            with speaking(lang):
                read = self._shortened(self.reader(query))
                if not read.problems and not read.canonical:
                    return RedirectResponse(Links(read.state).here, 303)
                name, shown, status = make(read)
                text = self.renderer(name, lang, request.url.path, read.state, shown)
                return _response(text, status, packed)

        return await self.pool.run(work)

    def _shortened(self, read: Read) -> Read:
        """Where an address would be too long, what it says of municipalities is held instead."""
        state = read.state
        length = sum(len(value) for _, value in as_params(state.local))
        local = self.answers.locals_of(state)
        if length <= _LONGEST_LOCAL or local is None:
            return read
        held = replace(state, figures=self.answers.held.put(local), local=())
        return replace(read, state=held, canonical=False)

    # -- the pages -----------------------------------------------------------------------------

    async def home(self, request: Request) -> Response:
        """The first page: the form and its answer."""

        def make(read: Read) -> tuple[str, dict[str, Any], int]:
            shown, status = home(read, self.answers)
            return "home.html", shown | {"page": "home", **self._upload_limit()}, status

        return await self.page(request, make)

    async def municipality(self, request: Request) -> Response:
        """Why a municipality is asked for its number."""
        code = request.path_params["code"]

        def make(read: Read) -> tuple[str, dict[str, Any], int]:
            shown, status = municipality(read, self.answers, code)
            return "municipality.html", shown, status

        return await self.page(request, make)

    async def fairness(self, request: Request) -> Response:
        """Whether the proposal is fair."""

        def make(read: Read) -> tuple[str, dict[str, Any], int]:
            shown, status = fairness_page(read, self.answers)
            return "fairness.html", shown, status

        return await self.page(request, make)

    async def about(self, request: Request) -> Response:
        """What the page is, and what is kept of a visitor."""
        models = sorted(self.answers.shelf.models.items())
        return await self.page(
            request, lambda _: ("about.html", {"page": "about", "models": models}, 200)
        )

    async def download(self, request: Request) -> Response:
        """The answer as a file."""
        name = request.path_params["name"]
        make = downloads(True).get(name)
        if make is None:
            raise HTTPException(404)
        query, lang = (
            request.scope["query_string"].decode("utf-8", "replace"),
            self.language(request),
        )

        def work() -> Response:
            with speaking(lang):
                read = self.reader(query[:_LONGEST_QUERY])
                answer = None if read.problems else self.answers.of(read.state)
                if answer is None or answer.proposal is None:
                    # The page says in words why there is nothing to download.
                    return RedirectResponse(f"../?{query}", 303)
                file = make(read.state, answer, answer.proposal, self.answers)
                saved = f"{answer.proposal.scenario}-{answer.id[:8]}-{name}"
                headers = {
                    "Content-Disposition": f'attachment; filename="{saved}"',
                    "Cache-Control": "private, no-store",
                }
                return Response(file.content, 200, headers, file.kind)

        return await self.pool.run(work)

    async def upload(self, request: Request) -> Response:
        """Figures by municipality in a sheet: into the address, or held where they are many."""
        sent = await receive(request, self.limits.upload)
        lang = self.language(request)

        def work() -> Response:
            with speaking(lang):
                state = self.reader(sent.state[:_LONGEST_QUERY]).state
                shelf = self.answers.shelf
                case = shelf.case(state.scenario, state.model)
                try:
                    source = source_of(sent.raw, sent.name)
                    local = read_local(source, self.answers.panel_of(case), case)
                except BosettError as error:
                    told = in_words(error.faults, places=True)
                    return self._error(request, 422, told, state)
                figures = self.answers.held.put(local)
                # Small figures go into the address, which then is all there is to keep.
                if sum(len(value) for _, value in as_params(local)) <= _LONGEST_LOCAL:
                    state = replace(state, local=local, figures="")
                else:
                    state = replace(state, local=(), figures=figures)
                return RedirectResponse(f"./{Links(state).here}", 303)

        return await self.pool.run(work)

    async def static(self, request: Request) -> Response:
        """One of the page's own files: a name that was known when the server started."""
        asset = self.assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        packed = _takes_gzip(request)
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
        same = request.query_params.get("v") == asset.version
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if same else "no-cache"
        return Response(asset.packed if packed else asset.raw, 200, headers, asset.kind)

    # -- what cannot be answered ---------------------------------------------------------------

    def _upload_limit(self) -> dict[str, Any]:
        size = f"{self.limits.upload / 2**20:g} MiB"
        return {"limit": size, "limit_bytes": self.limits.upload}

    def _error(
        self,
        request: Request,
        status: int,
        told: Iterable[str] = (),
        state: State | None = None,
        **fields: Any,
    ) -> Response:
        at = state or State(self.answers.shelf.first, view=View())
        shown = {
            "heading": say(f"web.error.{status}"),
            "text": say(f"web.error.{status}-text", **fields),
            "told": list(told),
            "back": Links(state).here if state else "",
            "back_text": say("web.upload.back") if state else say("web.error.back"),
        }
        lang = self.language(request)
        path = request.url.path if "/" in request.url.path.strip("/") else "/"
        text = self.renderer("error.html", lang, path, at, shown)
        return _response(text, status, _takes_gzip(request))

    async def failed(self, request: Request, error: Exception) -> Response:
        """The page for what cannot be answered, in words."""
        with speaking(self.language(request)):
            if isinstance(error, BusyError):
                response = self._error(request, 503, seconds=error.seconds)
                response.headers["Retry-After"] = str(error.seconds)
            elif isinstance(error, TooLargeError):
                response = self._error(request, 413, limit=self._upload_limit()["limit"])
                response.headers["Connection"] = "close"  # what is still coming is not read
            elif isinstance(error, UnreadableError):
                status = 408 if str(error) == "slow" else 400
                response = self._error(request, status, [say(f"web.upload.{error}")])
            elif isinstance(error, HTTPException):
                known = error.status_code in (404, 405, 414)
                response = self._error(request, error.status_code if known else 400)
            else:
                logging.getLogger("bosett").error("a defect", exc_info=error)
                response = self._error(request, 500)
        return response


def application(
    shelf: Shelf | None = None,
    panel: Path | str | None = None,
    *,
    lang: str = "en",
    hosts: Iterable[str] = (),
    limits: Limits | None = None,
) -> Starlette:
    """The application. ``hosts`` are the names it answers to; none: any.

    >>> application().url_path_for("municipality", code="0301")
    '/municipality/0301'
    """
    pages = _App(shelf or Shelf(), panel, lang, limits or Limits())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        # The first visitor need not wait for the figures to be read.
        first = State(pages.answers.shelf.first)
        await pages.pool.run(partial(pages.answers.of, first))
        yield
        pages.pool.close()

    return Starlette(
        routes=[
            Route("/", pages.home, name="home"),
            Route("/municipality/{code}", pages.municipality, name="municipality"),
            Route("/fairness", pages.fairness, name="fairness"),
            Route("/about", pages.about, name="about"),
            Route("/download/{name}", pages.download, name="download"),
            Route("/upload", pages.upload, methods=["POST"], name="upload"),
            Route("/static/{name}", pages.static, name="static"),
        ],
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
        exception_handlers=dict.fromkeys(
            (BusyError, TooLargeError, UnreadableError, HTTPException, Exception), pages.failed
        ),
        lifespan=lifespan,
    )


def _response(text: str, status: int, packed: bool) -> Response:
    raw = text.encode("utf-8", "replace")
    headers = {
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding, Accept-Language",
    }
    if packed:
        raw = gzip.compress(raw, 4, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(raw, status, headers, "text/html; charset=utf-8")


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")
