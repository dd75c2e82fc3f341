"""Every route, every language, and what cannot be answered: in words, and it goes on serving."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

from allocator.engine import propose
from allocator.errors import UsageError
from allocator.present.language import LANGUAGES, phrases
from allocator.web.keep import Kept
from allocator.web.pool import BusyError, Pool
from allocator.web.security import HEADERS
from allocator.web.server import bound, hosts_of, is_local
from tests.web.pages import NO_PROPOSAL, PAGES, numbers

if TYPE_CHECKING:
    from starlette.testclient import TestClient


def text_of(client: TestClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.text[:500]
    return response.text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("url", PAGES)
def test_every_page_is_there_in_every_language(client: TestClient, url: str, lang: str) -> None:
    mark = "&" if "?" in url else "?"
    text = text_of(client, f"{url}{mark}lang={lang}")
    assert f'<html lang="{lang}"' in text
    assert phrases(lang, "web")["nav.home"] in text
    assert len(re.findall("<h1>", text)) == 1
    assert "None" not in text
    assert not re.search(r"\{\w*\}", re.sub(r"<style>.*?</style>", "", text))


def test_the_language_is_what_the_browser_asks_for_unless_the_address_says(
    client: TestClient,
) -> None:
    for accepted, lang in (("nn-NO,nb;q=0.5", "nn"), ("no", "nb"), ("fr", "en"), ("", "en")):
        page = client.get("/about", headers={"accept-language": accepted})
        assert f'<html lang="{lang}"' in page.text
    page = client.get("/about?lang=nb", headers={"accept-language": "nn"})
    assert '<html lang="nb"' in page.text


def test_the_numbers_are_those_of_the_command(client: TestClient) -> None:
    shown = numbers(text_of(client, "/?scenario=ostfold-2016&need=800"))
    proposal = propose("ostfold-2016", ["need.total=800"])
    assert shown == {r.code: r.total for r in proposal.municipalities}


def test_a_permalink_gives_the_same_bytes_again(client: TestClient) -> None:
    url = "/?scenario=ostfold-2016&need=800&lock=0104.60&sort=-asked&lang=nb"
    assert client.get(url).content == client.get(url).content


def test_a_form_without_scripts_is_sent_on_to_its_permalink(client: TestClient) -> None:
    form = "/?scenario=ostfold-2016&model=population-history&need=800&of=ostfold-2016:"
    response = client.get(form, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "?scenario=ostfold-2016&need=800"


def test_a_locked_row_is_held_and_the_rest_solved_again(client: TestClient) -> None:
    before = numbers(text_of(client, "/?scenario=ostfold-2016"))
    page = client.get("/?scenario=ostfold-2016&hold=0104.60")
    after = numbers(page.text)
    assert after["0104"] == 60 != before["0104"]
    assert sum(after.values()) == sum(before.values()) == 780
    assert 'name="free" value="0104"' in page.text


def test_two_cases_stand_side_by_side_with_their_difference(client: TestClient) -> None:
    page = text_of(client, "/?scenario=ostfold-2016&need=800&keep=1")
    other = text_of(client, "/?scenario=ostfold-2016&beside=scenario%3Dostfold-2016%26need%3D800")
    assert page.count('<svg class="map"') == other.count('<svg class="map"') == 2
    row = re.search(r'id="sum">780</td><td class="n">800</td><td class="n">−20</td>', other)
    assert row, "A is 780, B 800, A − B −20"


def test_an_older_case_is_carried_to_the_borders_of_the_one_it_stands_beside(
    client: TestClient,
) -> None:
    page = text_of(client, "/?scenario=norway-2026&beside=scenario%3Dostfold-2016")
    assert "here it is on those of 2026" in page
    assert "Moss: Moss 80 + Rygge 40" in page
    row = re.search(r'>Moss</a>.*?<td class="n strong">100</td><td class="n">120</td>', page)
    assert row, "80 and 40 of Moss and Rygge stand beside the 100 of 2026"
    assert "10 (in part)" in page, "Rømskog is in Aurskog-Høland, of which the rest is not in B"
    assert page.count('<svg class="map"') == 1, "the map of B has other shapes"


def test_a_later_case_on_other_borders_is_not_joined_by_code(client: TestClient) -> None:
    page = text_of(client, "/?scenario=ostfold-2016&beside=scenario%3Dnorway-2026")
    assert "numbers can be carried forward to later borders, not back" in page
    assert page.count('<svg class="map"') == 1


def test_a_search_shows_what_an_old_name_became(client: TestClient) -> None:
    page = text_of(client, "/?scenario=norway-2026&q=askim")
    assert list(numbers(page)) == ["3118"]
    assert "was Askim (0124)" in page


def test_columns_are_sorted_both_ways_and_by_the_norwegian_alphabet(client: TestClient) -> None:
    down = list(numbers(text_of(client, "/?scenario=ostfold-2016&sort=-asked")).values())
    assert down == sorted(down, reverse=True)
    up = list(numbers(text_of(client, "/?scenario=ostfold-2016&sort=asked")).values())
    assert up == sorted(up)
    page = text_of(client, "/?scenario=norway-2026&sort=name")
    names = re.findall(r'<th scope="row"><a href="municipality/\d{4}[^"]*">([^<]+)</a>', page)
    assert names[-1].startswith("Å")
    assert 'aria-sort="ascending"' in page


def test_what_cannot_be_done_is_told_in_words_with_a_way_out(client: TestClient) -> None:
    page = text_of(client, NO_PROPOSAL)
    assert "No proposal is possible" in page
    assert "The smallest changes that work" in page
    assert numbers(page) == {}
    link = re.search(r'<a href="(\?[^"]*)">Try this', page)
    assert link
    mended = text_of(client, "/" + link[1].replace("&amp;", "&"))
    assert numbers(mended)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fault_in_a_field_is_told_there_and_keeps_what_was_typed(
    client: TestClient, lang: str
) -> None:
    response = client.get(f"/?need=mange&lot=5&lang={lang}")
    assert response.status_code == 400
    assert 'aria-invalid="true"' in response.text
    assert 'value="mange"' in response.text
    assert 'id="need-error"' in response.text


def test_what_cannot_be_done_is_told_in_the_language_of_the_page(client: TestClient) -> None:
    page = text_of(client, f"{NO_PROPOSAL}&lang=nb")
    assert "må anmodes om minst 10 (minstetall) og høyst 4 (tak)" in page
    assert "tak +69 i Halden" in page
    short = text_of(client, "/?scenario=ostfold-2016&up=10&lang=nn")
    assert "Østfold kan ta 474 av 780 personar; 306 personar utan plass" in short


def test_a_model_that_needs_figures_the_panel_has_not_says_so(client: TestClient) -> None:
    response = client.get("/?scenario=norway-2026&model=grech")
    assert response.status_code == 400
    assert "gdp" in response.text
    assert "Traceback" not in response.text
    assert str(__file__).rpartition("/tests/")[0] not in response.text


def test_a_municipality_says_its_number_and_its_history(client: TestClient) -> None:
    page = text_of(client, "/municipality/0104?scenario=ostfold-2016&need=800")
    assert "Moss" in page
    assert client.get("/municipality/9999").status_code == 404
    assert client.get("/municipality/1103?scenario=ostfold-2016").status_code == 404


@pytest.mark.parametrize(
    "url", ["/no", "/static/../app.py", "/static/%2e%2e/app.py", "/download/x"]
)
def test_what_is_not_there_is_told_in_words(client: TestClient, url: str) -> None:
    response = client.get(url, headers={"accept-language": "nb"})
    assert response.status_code == 404
    assert "Siden finnes ikke" in response.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_pages_are_only_for_reading(client: TestClient, method: str) -> None:
    assert client.request(method.upper(), "/").status_code == 405


# -- downloads -------------------------------------------------------------------------------------


def test_the_csv_and_json_hold_what_the_page_shows(client: TestClient) -> None:
    query = "?scenario=ostfold-2016&need=800"
    shown = numbers(text_of(client, f"/{query}"))
    saved = client.get(f"/download/requests.csv{query}")
    assert re.fullmatch(
        r'attachment; filename="ostfold-2016-[0-9a-f]{8}-requests\.csv"',
        saved.headers["content-disposition"],
    )
    rows = list(csv.DictReader(io.StringIO(saved.text)))
    assert {row["code"]: int(row["total"]) for row in rows} == shown
    whole = json.loads(client.get(f"/download/requests.json{query}").text)
    assert {row["code"]: row["total"] for row in whole["municipalities"]} == shown
    assert whole["need"]["total"] == 800


def test_the_map_is_a_drawing_by_itself_with_its_credit(client: TestClient) -> None:
    from xml.etree import ElementTree

    drawing = client.get("/download/map.svg?scenario=ostfold-2016").text
    root = ElementTree.fromstring(drawing)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Kartverket" in drawing
    assert "Moss" in drawing


def test_the_report_is_the_one_of_the_state(client: TestClient) -> None:
    saved = client.get("/download/report.html?scenario=ostfold-2016&need=800&lang=nb")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert '<html lang="nb"' in saved.text or "<html lang=nb" in saved.text
    assert "need.total=800" in saved.text


def test_the_map_comes_as_a_picture_too(client: TestClient) -> None:
    pytest.importorskip("resvg_py", reason="the extra 'png' is not installed")
    saved = client.get("/download/map.png?scenario=ostfold-2016&colour=change")
    assert saved.content.startswith(b"\x89PNG")


def test_a_number_is_explained_step_by_step(client: TestClient) -> None:
    page = text_of(client, "/municipality/0111?scenario=ostfold-2016&lang=nb")
    assert "fordelingsnøkkelens tall" in page
    assert "= 20" in page
    assert "Kommunene som ligner mest" in page


def test_a_download_of_no_proposal_leads_to_the_page_that_says_why(client: TestClient) -> None:
    url = "/download/requests.csv?scenario=ostfold-2016&up=0"
    response = client.get(url, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "../?scenario=ostfold-2016&up=0"


# -- what keeps it safe ----------------------------------------------------------------------------


def test_every_response_says_what_the_browser_may_do(client: TestClient) -> None:
    for url in ("/about", "/no", "/?need=x", "/static/page.js", "/download/requests.csv"):
        headers = client.get(url).headers
        for name, value in HEADERS.items():
            assert headers[name] == value
        assert "set-cookie" not in headers
        assert "unsafe" not in headers["content-security-policy"]


def test_no_page_holds_a_script_or_style_or_an_address_elsewhere(client: TestClient) -> None:
    for url in (*PAGES, NO_PROPOSAL):
        text = text_of(client, url)
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text)
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)


def test_a_name_of_another_host_is_refused(client: TestClient) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 421


def test_what_is_typed_is_shown_and_not_run(client: TestClient) -> None:
    script = "<script>alert(1)</script>"
    for query in ({"need": script}, {"q": script}, {"note.0301": script}, {script: "1"}):
        text = client.get("/", params=query).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text or "q" in query


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/", "/municipality/", "/download/", "/static/"]),
    st.text(max_size=30),
    st.text(max_size=60),
)
def test_no_address_whatever_is_a_defect(
    client: TestClient, path: str, rest: str, query: str
) -> None:
    from urllib.parse import quote

    rest = quote(rest, safe="", errors="replace") if path != "/" else ""
    response = client.get(
        f"{path}{rest}?scenario=ostfold-2016&{quote(query, safe='&=%+', errors='replace')}"
    )
    assert response.status_code in (200, 400, 404)


def test_an_address_that_is_too_long_is_refused_in_words(client: TestClient) -> None:
    response = client.get("/?need=" + "1" * 20_000)
    assert response.status_code == 414
    assert "too long" in response.text


def test_many_locals_are_held_and_the_address_stays_short(client: TestClient) -> None:
    codes = list(numbers(text_of(client, "/?scenario=norway-2026")))
    room = "_".join(f"{code}.{place + 5000}" for place, code in enumerate(codes[:200]))
    url = str(client.get(f"/?scenario=norway-2026&capacity={room}").url)
    assert len(url) < 200
    assert "figures=" in url


# -- limits ----------------------------------------------------------------------------------------


def test_equal_questions_are_answered_once() -> None:
    made, kept = [], Kept[str, int](4)
    started, go = threading.Event(), threading.Event()

    def make() -> int:
        made.append(1)
        started.set()
        assert go.wait(5)
        return 7

    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(kept.get("a", make))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert started.wait(5)
    go.set()
    for thread in threads:
        thread.join(5)
    assert (answers, len(made)) == ([7, 7, 7, 7], 1)


def test_what_failed_is_asked_again() -> None:
    kept = Kept[str, int](4)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 3) == 3


def test_a_full_queue_is_told_at_once_and_empties_again() -> None:
    import asyncio

    go = threading.Event()

    async def crowd() -> list[object]:
        pool = Pool(1, 1, 10.0)
        waiting = [asyncio.ensure_future(pool.run(lambda: go.wait(5))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.run(lambda: True)
        go.set()
        done: list[object] = [await each for each in waiting]
        return [*done, await pool.run(lambda: True)]

    assert asyncio.run(crowd()) == [True, True, True]


def test_patience_has_an_end() -> None:
    import asyncio

    go = threading.Event()
    with pytest.raises(BusyError):
        asyncio.run(Pool(1, 0, 0.05).run(lambda: go.wait(2)))
    go.set()


def test_a_server_for_this_machine_answers_to_its_names_only() -> None:
    assert is_local("127.0.0.1")
    assert hosts_of("0.0.0.0", ()) == ()
    assert "localhost" in hosts_of("127.0.0.1", ("page.example",))


def test_a_port_that_is_taken_is_told() -> None:
    with (
        bound("127.0.0.1", 0) as taken,
        pytest.raises(UsageError, match="choose another port"),
    ):
        bound("127.0.0.1", taken.getsockname()[1])
