"""A real browser: Debian's chromium through Playwright, on this machine and nowhere else.

Every page of a test is watched: a request that leaves the machine is stopped and fails the test,
and so does an error in the page's own script. Where there is no chromium the tests are skipped and
say so; ``BOSETT_CHROMIUM`` names one that is somewhere else.
They come last: Playwright leaves an event loop running in the tests' thread, and whoever comes
after it could not start one.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
LOCAL = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "http://localhost:")
# WCAG 2.1 AA is law for public bodies; best practices are held to as well.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATIENCE = 20_000  # milliseconds: a machine may be busy with other things
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of this folder after all others, each in its order."""
    items.sort(key=lambda item: item.path.is_relative_to(Path(__file__).parent))


def executable() -> str | None:
    """The path of a chromium, if there is one."""
    named = os.environ.get("BOSETT_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once for all tests."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = executable()
    if path is None:
        pytest.skip("no chromium: apt-get install chromium, or say where with BOSETT_CHROMIUM")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        # As root, as in a container, chromium starts without its sandbox only.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def _wrong(kind: str, text: str) -> bool:
    """Whether the console tells of an error: an answer that says in words what is amiss is none."""
    return kind == "error" and not re.search(r"responded with a status of 4\d\d", text)


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Makes watched pages: ``new_page(color_scheme="dark", viewport=…, java_script_enabled=…)``."""
    contexts, left, errors = [], list[str](), list[str]()

    def watch(route: Route) -> None:
        url = route.request.url
        if url.startswith(LOCAL):
            route.continue_()
        else:
            left.append(url)
            route.abort()

    def make(**how: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
        context.route("**/*", watch)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda told: errors.append(told.text) if _wrong(told.type, told.text) else None,
        )
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert left == [], "requests left the machine"
    assert errors == [], "errors in the page"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One watched page of 1280 by 900."""
    return new_page()


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong in a page: rule, place and what is wrong; nothing is the aim."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()

    def run(page: Page) -> list[str]:
        found = axe.run(page, options=OPTIONS)
        return [
            f"{rule['id']}: {node['target']}: {node.get('failureSummary', '')}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    return run


@pytest.fixture(scope="session")
def overflow() -> Callable[[Page], list[str]]:
    """What is wider than the page: at 400 % zoom (320 pixels) nothing may be (WCAG 1.4.10).

    A table in a box that scrolls by itself is allowed.
    """
    script = """() => {
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= wide) return [];
      return [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > wide + 1 && !e.closest('.scroll'))
        .slice(0, 10).map(e => e.outerHTML.slice(0, 120));
    }"""

    def run(page: Page) -> list[str]:
        found: list[str] = page.evaluate(script)
        return found

    return run
