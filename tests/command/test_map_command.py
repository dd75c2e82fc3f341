"""bosett map: the drawing of the page as a file, and clear words where there can be none."""

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import Result

from allocator.engine import propose

Run = Callable[..., Result]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(bosett: Run, out: Path, *arguments: str) -> tuple[list[str], set[str]]:
    """The words around the map that a command draws, and those on it."""
    done = bosett("map", *arguments, "--out", out)
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    root = ElementTree.fromstring(out.read_text("utf-8"))
    around = [element.text or "" for element in root.findall(f"{SVG}text")]
    return around, {element.text or "" for element in root.iter(f"{SVG}text")}.difference(around)


def test_the_map_of_a_county_has_names_numbers_legend_and_credit(
    bosett: Run, tmp_path: Path
) -> None:
    words, on_it = drawn(bosett, tmp_path / "map.svg", "norway-2026", "--county", "Østfold")
    asked = {r.name: r.total for r in propose("norway-2026").municipalities if r.county == "31"}
    assert words[0] == "Østfold"
    assert f" {sum(asked.values())} persons " in words[1]
    assert on_it <= {f"{name} {n}" for name, n in asked.items()}
    assert len(on_it) > len(asked) / 2
    assert "Kartverket" in words[-1]


@pytest.mark.parametrize(("lang", "word"), [("nb", "personer"), ("nn", "personar")])
def test_the_map_is_in_the_language_asked_for(
    bosett: Run, tmp_path: Path, lang: str, word: str
) -> None:
    words, _ = drawn(bosett, tmp_path / "map.svg", "ostfold-2016", "--lang", lang)
    assert f"780 {word}" in words[1]


def test_the_map_is_the_one_that_the_page_gives(bosett: Run, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="the extra 'web' is not installed")
    from starlette.testclient import TestClient

    from allocator.web.app import application

    drawn(bosett, tmp_path / "map.svg", "ostfold-2016", "--colour", "change", "--lang", "en")
    with TestClient(application(), base_url="http://127.0.0.1") as client:
        saved = client.get("/download/map.svg?scenario=ostfold-2016&colour=change&lang=en")
    assert saved.content == (tmp_path / "map.svg").read_bytes()


def test_a_picture_is_the_same_bytes_again(bosett: Run, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="the extra 'png' is not installed")
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    for out in (first, second):
        assert bosett("map", "ostfold-2016", "--out", out).exit_code == 0
    assert first.read_bytes().startswith(b"\x89PNG")
    assert first.read_bytes() == second.read_bytes()


def test_what_cannot_be_drawn_is_told_and_no_file_is_written(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    for name, arguments, told in (
        ("map.pdf", (), "the ending must be .svg or .png"),
        ("map.svg", ("--county", "Østfoll"), "did you mean 'Østfold' or"),
        ("map.png", (), "python3 -m pip install 'bosett[png]'"),
    ):
        done = bosett("map", "ostfold-2016", *arguments, "--out", tmp_path / name)
        assert done.exit_code in (2, 65)
        assert told in done.stderr
        assert not (tmp_path / name).exists()
