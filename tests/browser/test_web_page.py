"""The page of ``bosett serve`` as people use it: keyboard, slider, search, upload, no script."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from allocator.present.language import LANGUAGES, phrases
from tests.web.pages import NO_PROPOSAL, PAGES, numbers
from tests.web.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

expect: Any = pytest.importorskip("playwright.sync_api", reason="no Playwright").expect

NewPage = Callable[..., "Page"]
OSTFOLD = "/?scenario=ostfold-2016"
FAULTS = "/?scenario=ostfold-2016&need=mange&add=Nowhere&add_lock=5"
KIB = 1024


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """One server for all of these."""
    with serving() as served:
        yield served


def settled(page: Page) -> None:
    """Wait until what was asked is answered."""
    page.wait_for_selector(".answer:not([aria-busy])")


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.inner_text("#sum")))


def rows(page: Page) -> dict[str, int]:
    """The requests on the page, once all of it is there: a click does not wait for that."""
    page.wait_for_load_state()
    return numbers(page.content())


# -- using it --------------------------------------------------------------------------------------


def test_it_can_be_used_with_the_keyboard_alone(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "need":
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("800")
    page.keyboard.press("Enter")
    page.wait_for_url("**need=800")
    settled(page)
    assert total(page) == 800
    assert page.evaluate("document.activeElement.id") == "need"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_every_control_that_is_seen_can_be_reached_by_tab(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,summary')]"
        ".filter(e => e.checkVisibility()).length"
    )
    reached = set()
    for _ in range(wanted + 12):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(() => { const e = document.activeElement;"
                " e.dataset.at ??= String(window.at = (window.at || 0) + 1);"
                " return e.matches('a,button,input,select,summary') ? e.dataset.at : ''; })()"
            )
        )
    assert len(reached - {""}) == wanted


def test_a_slider_leads_to_a_result_and_an_address(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    before = total(page)
    page.focus("#need-slider")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    need = int(re.sub(r"\D", "", page.input_value("#need")))
    page.wait_for_url(f"**need={need}")
    settled(page)
    assert total(page) == need > before
    assert page.evaluate("document.activeElement.id") == "need-slider"
    assert str(need)[:1] in page.inner_text("#said")
    page.goto(page.url)
    assert total(page) == need


def test_a_permalink_gives_the_same_numbers_again(new_page: NewPage, address: str) -> None:
    first = new_page()
    first.goto(address + OSTFOLD)
    first.fill("#need", "801")
    first.wait_for_url("**need=801")
    settled(first)
    other = new_page()
    other.goto(first.url)
    assert rows(other) == rows(first)
    assert other.input_value("#need") == "801"


def test_back_leads_to_the_numbers_before(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    page.fill("#need", "810")
    page.click("text=Calculate")
    page.wait_for_url("**need=810")
    settled(page)
    page.click("#sort-asked")
    page.wait_for_url("**sort=-asked")
    settled(page)
    with page.expect_response(lambda response: "sort" not in response.url):
        page.go_back()
    settled(page)
    assert "sort" not in page.url
    assert list(rows(page)) == sorted(rows(page))


def test_a_search_while_typing_finds_old_names_and_keeps_the_hand(page: Page, address: str) -> None:
    page.goto(address + "/?scenario=norway-2026")
    page.focus("#q")
    page.keyboard.type("askim", delay=30)
    page.wait_for_url("**q=askim")
    settled(page)
    assert list(rows(page)) == ["3118"]
    assert "was Askim" in page.inner_text("#requests")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.input_value("#q") == "askim"
    page.keyboard.press("Control+a")
    page.keyboard.type("0105")
    page.wait_for_url("**q=0105")
    settled(page)
    assert list(rows(page)) == ["3105"]


def test_a_row_is_locked_and_the_rest_is_solved_again(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    before = rows(page)
    page.click("#lock-0104")
    page.wait_for_url(f"**lock=0104.{before['0104']}")
    settled(page)
    assert page.evaluate("document.activeElement.id") == "lock-0104"
    assert "Unlock" in page.inner_text("#lock-0104")
    page.fill("#need", "900")
    page.wait_for_url("**need=900**")
    settled(page)
    after = rows(page)
    assert after["0104"] == before["0104"]
    assert sum(after.values()) == 900
    page.click("#lock-0104")
    page.wait_for_url(lambda url: "lock" not in url)
    settled(page)
    assert rows(page)["0104"] != before["0104"]


def test_a_municipality_is_added_by_its_name(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    page.click("#group-local > summary")
    page.fill("#add", "moss")
    page.fill("#add_lock", "60")
    page.keyboard.press("Enter")
    page.wait_for_url("**lock=0104.60")
    settled(page)
    assert rows(page)["0104"] == 60
    assert page.input_value("#add") == ""
    page.click("#drop-0104")
    page.wait_for_url(lambda url: "lock" not in url)
    settled(page)
    assert total(page) == 780


def test_two_cases_stand_side_by_side(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    page.click("text=Keep beside")
    page.wait_for_url("**beside=*")
    settled(page)
    page.fill("#need", "800")
    page.wait_for_url("**need=800**")
    settled(page)
    assert page.locator("svg.map").count() == 2
    assert page.inner_text("tfoot").split()[:5] == ["In", "all", "800", "780", "+20"]


def test_a_file_in_latin_letters_is_uploaded(page: Page, address: str, tmp_path: Path) -> None:
    sheet = tmp_path / "kapasitet æøå.csv"
    sheet.write_bytes("Kommune;Lås;Merknad\nRømskog;15;får ikke flere\n".encode("iso-8859-1"))
    page.goto(address + OSTFOLD)
    page.click("#group-upload > summary")
    page.set_input_files("#file", sheet)
    page.click("text=Upload and calculate")
    page.wait_for_url("**lock=0121.15**")
    assert rows(page)["0121"] == 15
    assert "får ikke flere" in page.inner_text("#local")


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    page: Page, address: str, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * (2 * KIB * KIB + 1))
    page.goto(address + OSTFOLD)
    page.click("#group-upload > summary")
    page.set_input_files("#file", large)
    expect(page.locator("#file-error")).to_contain_text("larger than")
    page.click("text=Upload and calculate")
    assert page.url.endswith(OSTFOLD)


def test_a_download_opens_and_its_sum_is_the_one_shown(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD + "&need=800")
    with page.expect_download() as caught:
        page.click("text=Table as CSV")
    saved = caught.value
    assert saved.suggested_filename.startswith("ostfold-2016-")
    with Path(saved.path()).open(encoding="utf-8", newline="") as opened:
        found = {row["code"]: int(row["total"]) for row in csv.DictReader(opened)}
    assert found == rows(page)
    assert sum(found.values()) == total(page) == 800


def test_what_cannot_be_done_is_told_and_a_way_out_is_taken(page: Page, address: str) -> None:
    page.goto(address + NO_PROPOSAL)
    assert "No proposal is possible" in page.inner_text("#infeasible")
    page.locator("#infeasible a").first.click()
    page.wait_for_selector("#requests")
    settled(page)
    assert rows(page)


def test_a_fault_in_a_field_is_told_there_and_mended(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    page.fill("#need", "mange")
    page.wait_for_selector("#need-error")
    assert page.get_attribute("#need", "aria-invalid") == "true"
    assert page.input_value("#need") == "mange"
    page.fill("#need", "790")
    page.wait_for_selector("#requests")
    settled(page)
    assert total(page) == 790
    assert page.locator("#need-error").count() == 0


def test_another_scenario_brings_its_own_fields(page: Page, address: str) -> None:
    page.goto(address + OSTFOLD)
    assert page.locator("#em").count() == 1
    page.select_option("#scenario", "norway-2026")
    page.wait_for_selector("#em_under15")
    settled(page)
    assert page.input_value("#need") == "13\u00a0000"
    assert page.locator("#em").count() == 0
    assert page.locator("#need-slider").count() == 1


# -- for everybody ---------------------------------------------------------------------------------


def test_it_works_without_scripts(new_page: NewPage, address: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(address + OSTFOLD)
    assert page.locator("input[type=range]").count() == 0
    page.fill("#need", "800")
    page.click("text=Calculate")
    page.wait_for_url("**/?scenario=ostfold-2016&need=800")
    assert sum(rows(page).values()) == 800
    page.click("#lock-0104")
    page.wait_for_url("**lock=0104*")
    page.fill("#q", "moss")
    page.click("text=Show >> nth=0")
    page.wait_for_url("**q=moss*")
    assert list(rows(page)) == ["0104"]
    page.click("#requests a:has-text('Moss')")
    expect(page.locator("h1")).to_contain_text("Moss")
    page.click("text=Back to all")
    page.click("#lang-nn")
    expect(page.locator("h1")).to_contain_text(phrases("nn", "web")["home.h1"])


@pytest.mark.parametrize("url", [*PAGES, NO_PROPOSAL, "/?scenario=norway-2026"])
def test_at_400_percent_nothing_is_lost_beside_the_page(
    new_page: NewPage, address: str, overflow: Callable[[Page], list[str]], url: str
) -> None:
    page = new_page(viewport={"width": 320, "height": 256})
    for lang in ("nb", "en"):
        page.goto(f"{address}{url}{'&' if '?' in url else '?'}lang={lang}")
        for summary in page.locator("summary").all():
            if summary.is_visible():
                summary.evaluate("e => e.parentElement.setAttribute('open', '')")
        assert overflow(page) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_nothing_wrong_on_any_page(
    new_page: NewPage, address: str, violations: Callable[[Page], list[str]], lang: str
) -> None:
    # Each language on one ground at least, and each page on both.
    page = new_page(color_scheme="dark" if lang == "nn" else "light", reduced_motion="reduce")
    for url in (*PAGES, NO_PROPOSAL, FAULTS, "/no-such-page"):
        page.goto(f"{address}{url}{'&' if '?' in url else '?'}lang={lang}")
        # Of rows and shapes that are made alike, some: axe looks at each for many milliseconds.
        page.evaluate(
            """() => {
              const more = (what, kept) => [...document.querySelectorAll(what)].slice(kept)
                .forEach((one) => one.remove());
              more('#shapes path', 0); more('#requests tbody tr', 6);
              document.querySelectorAll('.map > g').forEach((drawn) => {
                [...drawn.children].slice(3).forEach((one) => one.remove());
              });
              document.querySelectorAll('details').forEach((one) => { one.open = true; });
            }"""
        )
        assert violations(page) == [], url


def test_the_chosen_ground_wins_over_the_screens(new_page: NewPage, address: str) -> None:
    page = new_page(color_scheme="dark")
    page.goto(address + "/about")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme-light")
    page.wait_for_url("**theme=light")
    page.wait_for_load_state()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light == "rgb(255, 255, 255)"


def test_the_first_visit_is_small_and_nothing_comes_from_elsewhere(
    page: Page, address: str
) -> None:
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto(f"{address}/?scenario=norway-2026", wait_until="networkidle")
    sizes = [request.sizes() for request in requests]
    came = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert len(sizes) >= 3
    assert 20 * KIB < came < 400 * KIB
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("localStorage.length") == 0
