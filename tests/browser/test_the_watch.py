"""The watch itself: what leaves the machine is stopped and seen, what is wrong is found."""

from collections.abc import Callable
from typing import Any

import pytest


def test_a_request_that_would_leave_the_machine_is_stopped(chromium: Any) -> None:
    context = chromium.new_context()
    seen = []

    def stop(route: Any) -> None:
        seen.append(route.request.url)
        route.abort()

    context.route("**/*", stop)
    page = context.new_page()
    page.set_content('<img src="https://example.org/a.png" alt="">')
    context.close()
    assert seen == ["https://example.org/a.png"]


def test_axe_finds_a_picture_without_words(
    page: Any, violations: Callable[[Any], list[str]]
) -> None:
    page.set_content("<!doctype html><html lang=en><title>t</title><main><img src='data:,'></main>")
    assert any(found.startswith("image-alt") for found in violations(page))


@pytest.mark.parametrize(("width", "wrong"), [(300, 0), (900, 1)])
def test_what_is_wider_than_the_page_is_found(
    new_page: Callable[..., Any], overflow: Callable[[Any], list[str]], width: int, wrong: int
) -> None:
    page = new_page(viewport={"width": 320, "height": 600})
    page.set_content(f"<body style='margin:0'><div style='width:{width}px'>wide</div>")
    assert len(overflow(page)) == wrong
