"""The report in a real browser: by keyboard, zoomed, without a script, and by axe's rules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allocator.documents import load_case
from allocator.panel import Panel
from allocator.present.language import LANGUAGES
from allocator.present.report import Told, facts, page

# What a page shows after something was done to it is waited for: the browser answers in its time.
expect: Any = pytest.importorskip("playwright.sync_api", reason="no Playwright").expect

Make = Callable[..., Any]
PANEL = Panel()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The address of each report: a county in each language, two side by side, the nation."""
    folder: Path = tmp_path_factory.mktemp("reports")
    wanted = {lang: Told("ostfold-2016", lang=lang) for lang in LANGUAGES}
    wanted["beside"] = Told("ostfold-2016", ("need.total=800",), compare="ostfold-2016")
    wanted["nation"] = Told("norway-2026", lang="nb")
    found = {}
    for name, told in wanted.items():
        other = load_case(told.compare) if told.compare else None
        path = folder / f"{name}.html"
        case = load_case(told.scenario, told.settings)
        path.write_text(page(facts(case, PANEL, told, other)), "utf-8")
        found[name] = path.as_uri()
    return found


def column(page: Any, table: str, at: int) -> list[str]:
    """The shown cells of a column."""
    script = """([table, at]) => [...document.getElementById(table).tBodies[0].rows]
        .filter((row) => !row.hidden).map((row) => row.cells[at].textContent.trim())"""
    found: list[str] = page.evaluate(script, [table, at])
    return found


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("nb", "dark"), ("nn", "light"), ("beside", "light"), ("nation", "light")],
)
def test_axe_finds_nothing_wrong(
    new_page: Make,
    violations: Callable[[Any], list[str]],
    reports: dict[str, str],
    name: str,
    scheme: str,
) -> None:
    page = new_page(color_scheme=scheme)
    page.goto(reports[name])
    # Of the nation's many rows and counties that are made alike, some: all take axe a minute.
    page.evaluate(
        """() => {
          const more = (what, kept) => [...document.querySelectorAll(what)].slice(kept)
            .forEach((one) => one.remove());
          more('#all tbody tr', 6); more('.county', 1); more('details', 6);
          more('datalist option', 6); more('.years tbody', 3);
          document.querySelectorAll('.maps .map').forEach((map) => {
            [...map.querySelectorAll(':scope > g > use')].slice(6).forEach((one) => one.remove());
          });
          document.querySelectorAll('details').forEach((one) => { one.open = true; });
        }"""
    )
    assert violations(page) == []


def test_the_table_is_sorted_by_keyboard_and_what_has_no_number_comes_last(
    page: Any, reports: dict[str, str]
) -> None:
    page.goto(reports["nation"])
    button = page.locator("#all th[data-sort] button").nth(3)
    assert button.inner_text() == "anmodes"
    button.focus()
    page.keyboard.press("Enter")
    heading = page.locator("#all th").nth(3)
    expect(heading).to_have_attribute("aria-sort", "descending")
    asked = [int(cell.replace("\u00a0", "")) for cell in column(page, "all", 3)]
    assert asked == sorted(asked, reverse=True)
    page.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert column(page, "all", 0)[-1] == "Oslo"
    last = page.locator("#all th[data-sort] button").last
    last.focus()
    page.keyboard.press("Enter")
    expect(last.locator("..")).to_have_attribute("aria-sort", "descending")
    settled = column(page, "all", 14 - 1)
    words = [at for at, cell in enumerate(settled) if not cell[0].isdigit()]
    assert words == list(range(len(settled) - len(words), len(settled)))


def test_a_municipality_is_found_while_typing_with_or_without_its_letters(
    page: Any, reports: dict[str, str]
) -> None:
    page.goto(reports["nation"])
    box = page.locator("#q-all")
    rows, told = page.locator("#all tbody tr:visible"), page.locator("output[for=q-all]")
    for words, found in (("tromso", "Tromsø"), ("Kvitsøy", "Kvitsøy"), ("3107", "Fredrikstad")):
        box.fill(words)
        expect(rows).to_have_count(1)
        expect(rows.locator("th, td").first).to_have_text(found)
    box.fill("østfold")
    expect(rows).to_have_count(12)
    expect(told).to_have_text("12 av 357")
    box.fill("")
    expect(rows).to_have_count(357)


def test_the_map_is_zoomed_to_a_county_and_finds_a_name(page: Any, reports: dict[str, str]) -> None:
    page.goto(reports["nation"])
    drawn, spoken = page.locator("#n-per_1000"), page.locator(".spoken")
    whole = drawn.get_attribute("viewBox")
    page.locator("#zoom").select_option(label="Rogaland")
    expect(drawn).not_to_have_attribute("viewBox", whole)
    page.locator("#find").fill("kvitsoy")
    expect(spoken).to_have_text("Kvitsøy: 0, 0,0 per 1\u00a0000")
    expect(drawn.locator(".found")).to_have_count(1)
    page.locator("#pick").select_option("n-decided")
    expect(page.locator("#f-n-per_1000")).to_be_hidden()
    expect(page.locator("#f-n-decided")).to_be_visible()
    page.locator("#find").fill("Nowhere")
    expect(spoken).to_contain_text("Ingen kommune")


def test_a_link_to_a_municipality_opens_why_its_number_is_what_it_is(
    page: Any, reports: dict[str, str]
) -> None:
    page.goto(reports["nation"])
    why = page.locator("#k1144 .why").first
    expect(why).to_be_hidden()
    page.locator("#all a[href='#k1144']").click()
    expect(why).to_be_visible()
    page.goto(reports["nation"] + "#k0301")
    page.reload()
    expect(page.locator("#k0301 .why").first).to_be_visible()


def test_without_a_script_every_map_and_every_row_is_there(
    new_page: Make, reports: dict[str, str]
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(reports["nation"])
    expect(page.locator(".maps figure:visible")).to_have_count(4)
    expect(page.locator("#all tbody tr:visible")).to_have_count(357)
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator(".search").first).to_be_hidden()


@pytest.mark.parametrize("name", ["nn", "nation", "beside"])
def test_at_400_per_cent_nothing_runs_off_the_page(
    new_page: Make, overflow: Callable[[Any], list[str]], reports: dict[str, str], name: str
) -> None:
    page = new_page(viewport={"width": 320, "height": 256})
    page.goto(reports[name])
    assert overflow(page) == []


def test_it_is_ready_within_a_second_and_prints_with_its_headings(
    page: Any, reports: dict[str, str]
) -> None:
    page.goto(reports["nation"])
    timing = "performance.getEntriesByType('navigation')[0]"
    ready = page.evaluate(f"{timing}.domInteractive - {timing}.responseEnd")
    assert ready < 4000  # under a second on a machine at rest; others may be at work on this one
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".maps figure:visible")).to_have_count(4)
    expect(page.locator(".controls")).to_be_hidden()
    expect(page.locator("#all th").nth(3)).to_have_text("anmodes")
    expect(page.locator("#h31")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#all th[data-sort] button").nth(3)).to_have_text("anmodes")
