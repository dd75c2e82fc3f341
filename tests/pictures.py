"""Pictures of the report for a person to look at: ``python3 -m tests.pictures FOLDER``.

The whole report in each language, on a light, a dark and a narrow screen, its parts, and as a
printed sheet. Needs chromium and Playwright, as the tests in a browser do. ``--readme`` makes the
picture that README shows, ``docs/report.png``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from allocator.documents import load_case
from allocator.panel import Panel
from allocator.present.language import LANGUAGES
from allocator.present.report import Told, facts, page
from tests.browser.conftest import executable

ROOT = Path(__file__).parents[1]
PARTS = ("result", "maps", "table", "changes", "fairness", "county-31", "overrides", "sources")
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


def report(folder: Path, lang: str) -> str:
    """The address of the national report in a language."""
    path = folder / f"report-{lang}.html"
    told = Told("norway-2026", lang=lang)
    path.write_text(page(facts(load_case(told.scenario), Panel(), told)), encoding="utf-8")
    return path.as_uri()


def pictures(folder: Path, browser: Any) -> None:
    """Every picture, into a folder."""
    for lang in LANGUAGES:
        address = report(folder, lang)
        for name, screen in SCREENS.items():
            view = browser.new_page(**screen)
            view.goto(address)
            for part in PARTS:
                view.locator(f"#{part}").screenshot(path=folder / f"{lang}-{name}-{part}.png")
            view.screenshot(path=folder / f"{lang}-{name}.png")
            view.close()
        sheet = browser.new_page()
        sheet.goto(address)
        sheet.pdf(path=folder / f"{lang}.pdf", format="A4")
        sheet.close()


def of_readme(folder: Path, browser: Any) -> None:
    """The top of the English report, its map and its first rows, as one picture."""
    # The page forbids any style but its own; the picture wants less of it.
    view = browser.new_page(viewport={"width": 1180, "height": 1180}, bypass_csp=True)
    view.goto(report(folder, "en"))
    view.add_style_tag(
        content=".contents, #maps > p, #maps figcaption p, #h-maps { display: none }"
        "#maps .map { max-height: 400px } main > section { margin-top: 1.5rem }"
        "#maps + section { display: none }"
    )
    view.screenshot(path=ROOT / "docs" / "report.png")


def main() -> None:
    """Make them."""
    from playwright.sync_api import sync_playwright

    readme = sys.argv[1:] == ["--readme"]
    if not readme and len(sys.argv) != 2:
        sys.exit("python3 -m tests.pictures FOLDER, or --readme")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as aside:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        if readme:
            of_readme(Path(aside), browser)
        else:
            Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
            pictures(Path(sys.argv[1]), browser)
        browser.close()


if __name__ == "__main__":
    main()
