"""The report: one page that needs nothing else, with every number of the proposal in it."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import Result

from allocator.audit.answers import Count
from allocator.audit.history import history
from allocator.documents import load_case
from allocator.engine import propose
from allocator.panel import Panel
from allocator.present.language import LANGUAGES, speaking
from allocator.present.report import Told, facts, page
from allocator.present.report.table import figure_words

pytest.importorskip("jinja2")

Run = Callable[..., Result]

ROOT = Path(__file__).parents[2]
PANEL = Panel()
VOID = {"meta", "input", "link", "br", "img", "hr"}


class Read(HTMLParser):
    """What a page holds: ids, links, headings, tables as rows of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.scopes: Counter[str] = Counter()
        self._table = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "table":
            self._table = found["id"]
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th") and self._table:
            self.tables[self._table][-1].append("")
            if tag == "th":
                self.scopes[found.get("scope", "none")] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = ""

    def handle_data(self, data: str) -> None:
        if self._table and self.tables[self._table] and self.tables[self._table][-1]:
            self.tables[self._table][-1][-1] += data.strip()

    def all(self, name: str) -> list[str]:
        """The values of an attribute."""
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@cache
def made(scenario: str, lang: str = "en", settings: tuple[str, ...] = (), other: str = "") -> str:
    """The page of a scenario."""
    beside = load_case(other) if other else None
    told = Told(scenario, settings, compare=other or None, lang=lang)
    return page(facts(load_case(scenario, settings), PANEL, told, beside))


@cache
def read(scenario: str, lang: str = "en", settings: tuple[str, ...] = (), other: str = "") -> Read:
    """The same, parsed."""
    return Read(made(scenario, lang, settings, other))


def number(cell: str) -> int:
    """The number a cell begins with."""
    found = re.match(r"[+−~]?[\d\u00a0]+", cell)
    assert found, cell
    return int(found[0].replace("\u00a0", "").replace("−", "-").lstrip("~"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_national_report_is_under_a_megabyte_in_every_language(lang: str) -> None:
    assert 300_000 < len(made("norway-2026", lang).encode()) < 1_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_municipality_is_there_and_the_sums_are_the_proposals(lang: str) -> None:
    proposal = propose("norway-2026")
    heads, *rows, total = read("norway-2026", lang).tables["all"]
    assert [row[1] for row in rows] == [request.code for request in proposal.municipalities]
    assert len(rows) == 357
    for row, request in zip(rows, proposal.municipalities, strict=True):
        assert (row[0], number(row[3]), number(row[4])) == (request.name, request.total, request.em)
    assert len(heads) == len(total) == len(rows[0])
    assert (number(total[3]), number(total[4])) == (13_000, 651)


def test_the_tables_of_the_counties_add_up_to_the_whole() -> None:
    found = read("norway-2026").tables
    tables = [rows for name, rows in found.items() if re.fullmatch(r"t\d\d", name)]
    assert len(tables) == 15
    assert sum(number(rows[-1][1]) for rows in tables) == 13_000
    assert sum(len(rows) - 2 for rows in tables) == 357
    for rows in tables:
        assert sum(number(row[1]) for row in rows[1:-1]) == number(rows[-1][1])


@pytest.mark.parametrize("scenario", ["norway-2026", "ostfold-2016"])
def test_nothing_is_fetched_and_the_page_forbids_it(scenario: str) -> None:
    html, found = made(scenario), read(scenario)
    assert "default-src 'none'" in html
    for name in ("src", "srcset", "action", "data", "poster", "ping", "background"):
        assert found.all(name) == []
    assert [link for link in found.all("href") if not link.startswith("#")] == []
    assert not [tag for tag, _ in found.tags if tag in ("link", "iframe", "object", "embed", "img")]
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert "@import" not in html
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(", html)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scenario", ["norway-2026", "ostfold-2016", "sor-trondelag-2015-2016"])
def test_ids_are_unique_links_lead_somewhere_and_headings_are_in_order(
    scenario: str, lang: str
) -> None:
    found = read(scenario, lang)
    ids = Counter(found.all("id"))
    assert [name for name, times in ids.items() if times > 1] == []
    assert {link[1:] for link in found.all("href")} <= set(ids)
    named = [part for name in found.all("aria-labelledby") for part in name.split()]
    assert set(named) <= set(ids)
    levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(b - a for a, b in itertools.pairwise(levels)) <= 1
    assert found.all("lang")[0] == lang
    assert found.scopes["none"] == 0
    assert [tag for tag, _ in found.tags].count("main") == 1


def test_every_figure_says_what_it_shows_and_has_a_table_beside_it() -> None:
    html = made("norway-2026")
    figures = re.findall(r"<figure .*?</figure>", html, re.DOTALL)
    assert len(figures) >= 4 + 3 + 15
    for figure in figures:
        assert re.search(r"<figcaption><h\d[^>]*>[^<]+</h\d><p>[^<]{20,}</p>", figure)
        assert re.search(r'role="img" aria-labelledby', figure)
        assert "<title" in figure
        assert "<desc" in figure
    beside = re.findall(
        r'<div class="beside.*?<figure .*?</figure>\s*<div class="scroll"', html, re.S
    )
    assert len(beside) == 3 + 15
    assert 'href="#table"' in html[html.index('id="maps"') : html.index('id="table"')]


def test_hidden_missing_pending_zero_and_refused_are_apart_in_words_and_patterns() -> None:
    html, found = made("norway-2026"), read("norway-2026")
    legend = html[html.index('id="f-n-decided"') :]
    legend = legend[: legend.index("</figure>")]
    kinds = set(re.findall(r'<pattern id="n-decided-(\w+)"', legend))
    assert kinds == {"refused", "pending", "not_asked"}
    rows = found.tables["all"]
    decided = {row[-2] for row in rows[1:-1]}
    assert {"pending", "0 (refused)", "not asked"} <= decided
    settled = {row[-1] for row in rows[1:-1]}
    assert "hidden" in settled
    assert any(cell.endswith(" so far") for cell in settled)
    answers = {row[0]: row[1:] for row in found.tables["answers"][1:]}
    assert answers["refused: decided 0"][0] == "16"
    assert answers["pending: not yet decided"] == ["5", "60", "–"]
    figures = [("reported", 0), *((s, None) for s in ("suppressed", "missing", "pending"))]
    for lang in LANGUAGES:
        with speaking(lang):
            words = {figure_words(Count(n, status), decided=True) for status, n in figures}
            words |= {figure_words(Count(0, "reported")), figure_words(Count(0, "partial"))}
        assert len(words) == 6


def test_a_total_says_how_many_it_is_without() -> None:
    total = read("norway-2026").tables["all"][-1]
    assert total[-1].endswith("(35 without)")
    assert number(total[-3]) == 13_000


def test_the_past_is_carried_across_mergers_and_splits_are_marked() -> None:
    rows = {}
    for row in read("norway-2026").tables["h15"][1:]:
        if len(row) == 15:
            rows[row[0]] = row[2:]
    assert rows["Ålesund"][:3] == ["120", "120", "196"]
    assert all(cell.startswith("~") for cell in rows["Ålesund"][6:10])
    assert not rows["Ålesund"][10].startswith("~")


def test_a_history_ends_with_the_year_it_is_asked_for() -> None:
    found = history(PANEL, 2016, vintage="ostfold-report")
    assert found.years == (2014, 2015, 2016)
    assert found.row("requested", "0106")[-1].persons == 190  # the county's own table
    assert history(PANEL, 2016).row("requested", "0106")[-1].persons == 180
    assert found.row("requested", "9999")[0].count.status == "missing"


def test_winners_and_losers_are_told_against_last_year_and_what_was_done() -> None:
    found = read("ostfold-2016").tables
    assert {"last-more", "last-fewer", "done-more", "done-fewer"} <= set(found)
    proposal = propose("ostfold-2016")
    largest = max(proposal.municipalities, key=lambda r: (r.change or 0, r.code))
    assert found["last-more"][1][0] == largest.name
    assert number(found["last-more"][1][4]) == largest.change


def test_another_scenario_beside_it_has_its_numbers_and_the_difference() -> None:
    heads, *rows, total = read("norway-2027+need-high", other="norway-2027").tables["all"]
    at = heads.index("norway-2027")
    other = {r.code: r.total for r in propose("norway-2027").municipalities}
    for row in rows:
        assert number(row[at]) == other[row[1]]
        assert number(row[3]) - number(row[at]) == number(row[at + 1])
    assert (number(total[at]), number(total[at + 1])) == (13_000, 5_900)
    assert 'id="f-n-other"' in made("norway-2027+need-high", other="norway-2027")


def test_another_scenario_on_older_borders_is_carried_and_a_later_one_refused(
    bosett: Run, tmp_path: Path
) -> None:
    out = tmp_path / "r.html"
    result = bosett("report", "norway-2026", "--compare", "norway-2017", "--out", out)
    assert result.exit_code == 0, result.stderr
    heads, *_rows, total = Read(out.read_text("utf-8")).tables["all"]
    assert number(total[heads.index("norway-2017")]) == propose("norway-2017").total
    out.unlink()
    result = bosett("report", "ostfold-2016", "--compare", "norway-2026", "--out", out)
    assert result.exit_code == 65
    assert "put it the other way round" in result.stderr
    assert not out.exists()


def test_the_command_it_shows_makes_the_same_bytes(bosett: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    asked = ["report", "ostfold-2016", "--set", "need.total=800", "--lang", "nn"]
    assert bosett(*asked, "--out", first).exit_code == 0
    html = first.read_text("utf-8")
    (command,) = re.findall(r"<pre[^>]*><code>(.*?)</code>", html)
    words = shlex.split(unescape(command))
    assert words[:2] == ["bosett", "report"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "4242"}
    code = "from allocator.cli import main; main()"
    again = [*words[1:-1], str(second)]
    done = subprocess.run([sys.executable, "-c", code, *again], env=environment, check=False)
    assert done.returncode == 0
    assert second.read_bytes() == first.read_bytes()


def test_the_log_tells_settings_locks_and_where_the_rule_is_not_the_models() -> None:
    settings = (
        'municipality."0104".lock=60',
        'municipality."0104".reason="full <b>"',
        "lot.persons=12",
    )
    html = made("ostfold-2016", settings=settings)
    tables = read("ostfold-2016", settings=settings).tables
    assert ["lot.persons", "10", "12"] in tables["o-rule"]
    assert ["Moss", "locked at: 60", "full <b>"] in tables["o-local"]
    assert len(tables["o-set"]) == 4
    assert "full <b>" not in html  # it is text, not markup
    assert "full &lt;b&gt;" in html


def test_a_title_is_text_and_never_markup(bosett: Run, tmp_path: Path) -> None:
    mine, out = tmp_path / "my.toml", tmp_path / "my.html"
    document = (ROOT / "scenarios" / "ostfold-2016.toml").read_text("utf-8")
    title = '<script>alert(1)</script> & \\"co\\"'
    mine.write_text(re.sub(r"(?m)^title = .*$", lambda _: f'title = "{title}"', document), "utf-8")
    assert bosett("report", mine, "--out", out).exit_code == 0
    html = out.read_text("utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert str(tmp_path) not in html


def test_a_plan_of_several_years_has_them_all() -> None:
    heads, *rows, total = read("sor-trondelag-2015-2016").tables["plan"]
    assert heads[1:] == ["2015", "2016"]
    assert [number(cell) for cell in total[1:]] == [670, 1194]
    assert len(rows) == 25


def test_a_year_between_the_borders_says_which_are_drawn() -> None:
    html = made("norway-2017")
    assert "drawn on the borders of 2016, joined to the municipalities of 2017" in html
    assert "Stokke" not in html
    assert "split between Tønsberg / Sandefjord" in html


def test_a_panel_without_borders_gives_a_report_without_maps(
    bosett: Run, panel: Path, tmp_path: Path
) -> None:
    for path in (panel / "borders").iterdir():
        path.unlink()
    out = tmp_path / "r.html"
    assert bosett("report", "ostfold-2016", "--panel", panel, "--out", out).exit_code == 0
    html = out.read_text("utf-8")
    assert "no map is drawn" in html
    assert len(Read(html).tables["all"]) == 1 + 18 + 1


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ["ostfold-2016", "--out", "r.pdf"]),
        (2, ["ostfold-2016"]),
        (3, ["ostfold-2016", "--set", "band.up=0.1", "--out", "r.html"]),
        (65, ["ostfold-2016", "--set", "need.total=many", "--out", "r.html"]),
        (66, ["ostfold-1816", "--out", "r.html"]),
        (66, ["ostfold-2016", "--compare", "ostfold-1816", "--out", "r.html"]),
    ],
)
def test_what_cannot_be_done_leaves_no_file(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = bosett("report", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert "unexpected" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_why_each_number_is_told_and_ends_with_the_number(lang: str) -> None:
    html = made("norway-2026", lang)
    told = re.findall(r"<details id=k(\d{4})>.*?<ul class=why>(.*?)</ul>", html, re.DOTALL)
    sums = {code: re.findall(r"<li class=s><b>=([\d\u00a0,.]+)</b>", steps) for code, steps in told}
    asked = {request.code: request.total for request in propose("norway-2026").municipalities}
    assert {code: number(found[-1]) for code, found in sums.items()} == asked
    assert all(len(found) == 2 for found in sums.values())  # the key's number, and the request
