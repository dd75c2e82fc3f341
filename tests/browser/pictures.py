"""``python -m tests.browser.pictures FOLDER``: pictures of every page, for a person to look at.

Light and dark, wide and narrow, in three languages; and the one that the README shows. They are
made by the browser of the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.browser.conftest import executable
from tests.web.serving import serving

__all__ = ["PICTURES", "main"]

CHANGED = "scenario=norway-2026&need=14000&lock=0301.900"
BESIDE = "beside=scenario%3Dnorway-2026%26need%3D12000"
WIDE, PHONE = (1280, 860), (390, 844)
PICTURES = {
    "web": (f"/?{CHANGED}", (1440, 1000), "light"),
    "home-nb-dark": (f"/?{CHANGED}&lang=nb", WIDE, "dark"),
    "home-nn-phone": ("/?scenario=ostfold-2016&lang=nn", PHONE, "light"),
    "beside-en": (f"/?{CHANGED}&{BESIDE}", WIDE, "light"),
    "county-nb": (f"/?{CHANGED}&county=18&lang=nb&colour=change", WIDE, "light"),
    "infeasible-en": ("/?scenario=ostfold-2016&ceiling=1", WIDE, "light"),
    "infeasible-nb-phone": ("/?scenario=ostfold-2016&ceiling=1&lang=nb", PHONE, "dark"),
    "fault-nn": ("/?scenario=ostfold-2016&need=mange&lang=nn", WIDE, "light"),
    "why-nb": ("/municipality/1103?scenario=norway-2026&lang=nb", WIDE, "light"),
    "why-en-phone": ("/municipality/0301?scenario=norway-2026", PHONE, "dark"),
    "fairness-nn": ("/fairness?scenario=norway-2026&lang=nn", WIDE, "light"),
    "about-nb": ("/about?lang=nb", WIDE, "dark"),
}
"""Name → address, size and ground; all but the README's hold the whole page."""


def main(folder: Path) -> None:
    """Make all of them."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        for name, (url, (width, height), ground) in PICTURES.items():
            how: dict[str, Any] = {"color_scheme": ground}
            page = browser.new_page(viewport={"width": width, "height": height}, **how)
            page.goto(address + url)
            page.screenshot(path=folder / f"{name}.png", full_page=name != "web")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
