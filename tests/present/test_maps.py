"""Maps: nobody left out, no silent wrong match across mergers, readable by every eye."""

import json
import math
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.errors import BadDataError, MissingInputError
from allocator.panel import Panel, Status
from allocator.present.atlas import Atlas, atlas_of
from allocator.present.colours import DARK, LIGHT, Palette, contrast
from allocator.present.language import LANGUAGES, speaking
from allocator.present.maps import KINDS, Cell, Map, cell, shapes, style
from allocator.present.scales import Scale, apart, fixed, rising
from allocator.present.topology import read_topology

PANEL = Panel()
BORDERS = PANEL.folder / "borders"


def counted(atlas: Atlas) -> Map:
    """A map with a value for everybody: the last figure of the code."""
    cells = {code: Cell(code, float(code[-1])) for code in atlas.units}
    return Map("m", atlas, cells, fixed([2, 4, 6, 8]))


@pytest.mark.parametrize("year", range(2014, 2028))
def test_every_municipality_of_every_year_is_drawn_and_no_ground_twice(year: int) -> None:
    atlas = atlas_of(PANEL, year)
    assert set(atlas.pieces) == {unit.code for unit in PANEL.municipalities(year)}
    assert atlas.without == ()
    used = [piece for pieces in atlas.pieces.values() for piece in pieces] + list(atlas.split)
    assert sorted(used) == sorted(atlas.topology.shapes)


@pytest.mark.parametrize(
    ("year", "drawn", "exact"),
    [
        (2014, 2016, True),
        (2016, 2016, True),
        (2017, 2016, False),
        (2019, 2016, False),
        (2020, 2024, False),
        (2023, 2024, False),
        (2024, 2024, True),
        (2027, 2024, True),
    ],
)
def test_a_year_is_drawn_on_the_borders_that_can_be_carried_to_it(
    year: int, drawn: int, exact: bool
) -> None:
    atlas = atlas_of(PANEL, year)
    assert (atlas.drawn, atlas.exact) == (drawn, exact)


def test_shapes_are_joined_by_the_table_of_changes_and_a_split_one_is_nobodys() -> None:
    atlas = atlas_of(PANEL, 2018)
    assert atlas.pieces["5054"] == ("1624", "1718")  # Rissa and Leksvik became Indre Fosen
    assert atlas.pieces["5001"] == ("1601",)  # Trondheim under its new code
    assert atlas.split == {"0720": ("0704", "0710")}  # Stokke
    drawn = counted(atlas).svg("t", "d")
    assert "Tønsberg / Sandefjord" in drawn
    assert atlas_of(PANEL, 2022).pieces["1507"] == ("1508", "1580")


@pytest.mark.parametrize("year", [2016, 2024])
def test_kvitsoy_and_traena_are_there_and_can_be_seen(year: int) -> None:
    atlas = atlas_of(PANEL, year)
    drawn = counted(atlas).svg("t", "d")
    for code, name in (("1144", "Kvitsøy"), ("1835", "Træna")):
        assert atlas.topology.area(code) > 0.1
        dot = rf'<circle cx="-?\d+" cy="-?\d+" r="[\d.]+"><title>{name}: {code}'
        assert re.search(dot, drawn)


@pytest.mark.parametrize("year", [2016, 2018, 2026])
def test_the_map_of_the_country_is_whole_well_formed_and_small(year: int) -> None:
    atlas = atlas_of(PANEL, year)
    page = shapes(atlas) + counted(atlas).svg("Title & more", "a < b")
    assert len(page.encode()) < 200 * 1024
    root = ElementTree.fromstring(f"<page>{page}</page>")
    names = [use.findtext("title") for use in root.iter("use") if use.find("title") is not None]
    assert len([name for name in names if name]) == len(atlas.units)
    assert "http" not in page
    drawn = root.findall("svg")[1]
    assert drawn.get("role") == "img"
    told = [root.find(f".//*[@id='{part}']") for part in drawn.get("aria-labelledby", "").split()]
    assert [part.text for part in told if part is not None] == ["Title & more", "a < b"]
    # Every shape that is used is there, once.
    given = [path.get("id") for path in root.iter("path") if path.get("id")]
    assert len(given) == len(set(given))
    assert {use.get("href", "")[1:] for use in root.iter("use")} <= set(given)


def test_the_map_of_a_county_shows_its_neighbours_and_labels_that_do_not_meet() -> None:
    atlas = atlas_of(PANEL, 2026)
    codes = atlas.county("31")
    cells = {code: Cell(code, 1.0) for code in codes}
    labels = {code: str(1000 + place) for place, code in enumerate(codes)}
    drawn = Map("c", atlas, cells, fixed([]), focus=codes, labels=labels).svg("t", "d", own=True)
    root = ElementTree.fromstring(drawn)
    uses = {group.get("class"): len(group.findall("use")) for group in root.iter("g")}
    assert uses["k3"] == len(codes)
    assert 0 < uses["outside"] < 40
    texts = [(float(t.get("x", "")), float(t.get("y", ""))) for t in root.iter("text")]
    assert 6 <= len(texts) <= len(codes)
    size = float(next(root.iter("text")).get("font-size", ""))
    near = [
        (a, b)
        for a in texts
        for b in texts
        if a < b and abs(a[0] - b[0]) < 2 * size and abs(a[1] - b[1]) < size
    ]
    assert near == []


def test_what_has_no_number_is_told_apart_by_pattern_and_word_in_every_language() -> None:
    atlas = atlas_of(PANEL, 2026)
    codes = list(atlas.units)
    figures = [
        cell("0", 0),
        cell("0", 0, decided=True),
        *(cell("–", None, status) for status in ("pending", "suppressed", "missing")),
        cell("–", None, "not_requested"),
        cell("7", 7, "partial"),
    ]
    assert [one.kind for one in figures] == [*KINDS[:-1], ""]
    chart = Map("m", atlas, dict(zip(codes, figures, strict=False)), fixed([1]))
    drawn = chart.svg("t", "d")
    patterns = re.findall(r'<pattern id="m-(\w+)".*?</pattern>', drawn)
    assert sorted(patterns) == sorted(KINDS[:-1])
    inside = re.findall(r"<pattern .*?>(<.*?)</pattern>", drawn)
    assert len(set(inside)) == 6
    for lang in LANGUAGES:
        with speaking(lang):
            items = re.findall(r"<li>.*?</svg> (.*?) <span", chart.legend(str))
        assert len(items) == len(set(items)) == 7


def test_a_status_of_the_panel_has_a_kind_of_its_own() -> None:
    without = [s for s in Status if s not in (Status.REPORTED, Status.PARTIAL)]
    kinds = {cell("–", None, status.value).kind for status in without}
    assert len(kinds) == len(without)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_land_stands_out_from_its_ground_and_marks_from_theirs(palette: Palette) -> None:
    for colour in (*palette.rising, *palette.apart, palette.mark):
        assert contrast(colour, palette.ground) >= 3
    assert contrast(palette.mark, palette.land) >= 3
    assert contrast(palette.ink, palette.ground) >= 7


# What eyes without red, green or blue cones see, on linear light (Machado, Oliveira & Fernandes
# 2009, doi 10.1109/TVCG.2009.113, severity 1).
EYES = {
    "red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    """A colour in OKLab as an eye sees it (Ottosson 2020)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    rgb = [max(0.0, sum(a * b for a, b in zip(row, light, strict=True))) for row in EYES[eye]]
    lms = [
        sum(a * b for a, b in zip(row, rgb, strict=True)) ** (1 / 3)
        for row in (
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        )
    ]
    return (
        0.2104542553 * lms[0] + 0.7936177850 * lms[1] - 0.0040720468 * lms[2],
        1.9779984951 * lms[0] - 2.4285922050 * lms[1] + 0.4505937099 * lms[2],
        0.0259040371 * lms[0] + 0.7827717662 * lms[1] - 0.8086757660 * lms[2],
    )


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_neighbouring_classes_are_told_apart_by_every_eye(palette: Palette, eye: str) -> None:
    for colours in (palette.rising, palette.apart):
        distances = [math.dist(seen(a, eye), seen(b, eye)) for a, b in pairwise(colours)]
        assert min(distances) > 0.08  # 0.02 is just noticeable


@given(st.lists(st.integers(0, 2000), min_size=1))
def test_a_larger_number_is_never_in_a_lower_class(values: list[int]) -> None:
    scale = rising(values)
    places = [scale.classes.index(scale.class_of(value)) for value in sorted(values)]
    assert places == sorted(places)
    assert len(scale.words(str)) == len(scale.classes) == len(scale.bounds) + 1


@given(st.lists(st.integers(-2000, 2000)), st.integers(0, 5))
def test_classes_around_even_are_the_same_on_both_sides(values: list[int], least: int) -> None:
    scale = apart(values, least)
    mirrored = dict(zip(scale.classes, reversed(scale.classes), strict=True))
    assert [scale.class_of(-v) for v in values] == [mirrored[scale.class_of(v)] for v in values]
    assert scale.class_of(0) == "d3"


def test_a_scale_of_one_class_says_so() -> None:
    assert Scale(()).words(str) == ["all"]
    assert Scale(()).class_of(3) == "k3"


def test_borders_drawn_with_fewer_points_keep_everybody_and_still_meet() -> None:
    whole = read_topology(BORDERS / "2016.json")
    simple = whole.within(9000)
    assert sum(map(len, simple.arcs)) <= 9000 < sum(map(len, whole.arcs))
    assert set(simple.shapes) == set(whole.shapes)
    assert all(simple.shapes[code] for code in simple.shapes)
    for arc, other in zip(whole.arcs, simple.arcs, strict=True):
        assert (arc[0], arc[-1]) == (other[0], other[-1])
        assert set(other) <= set(arc)
    lost = abs(sum(map(simple.area, simple.shapes)) / sum(map(whole.area, whole.shapes)) - 1)
    assert lost < 0.01


@pytest.mark.parametrize("year", [2016, 2024])
def test_the_borders_are_credited_and_as_large_as_the_country(year: int) -> None:
    topology = read_topology(BORDERS / f"{year}.json")
    assert topology.credit == "© Kartverket, CC BY 4.0"
    # 323 802 km² of mainland; the simplified coast takes in a part of the fjords.
    assert sum(map(topology.area, topology.shapes)) == pytest.approx(323_802, rel=0.05)


def test_a_panel_without_borders_says_what_to_do(panel: Path) -> None:
    for path in (panel / "borders").iterdir():
        path.unlink()
    with pytest.raises(MissingInputError, match=r"no borders to draw.*leave out --panel"):
        atlas_of(Panel(panel), 2026)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"transform": 1}'])
def test_a_file_that_is_no_topojson_is_refused_with_its_place(panel: Path, content: str) -> None:
    (panel / "borders" / "2024.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadDataError, match=r"2024\.json: cannot be read as borders"):
        atlas_of(Panel(panel), 2026)


def test_a_municipality_that_no_shape_shows_is_named_and_not_guessed(panel: Path) -> None:
    path = panel / "borders" / "2024.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    shapes_ = found["objects"]["municipalities"]["geometries"]
    found["objects"]["municipalities"]["geometries"] = [
        shape for shape in shapes_ if shape["id"] != "1144"
    ]
    path.write_text(json.dumps(found), encoding="utf-8")
    atlas = atlas_of(Panel(panel), 2026)
    assert (atlas.without, atlas.exact) == (("1144",), False)


def test_the_style_has_both_grounds_and_asks_for_nothing_from_elsewhere() -> None:
    css = style()
    assert css.count("--k1:") == 2
    assert "prefers-color-scheme:dark" in css
    assert "http" not in css
    assert "@import" not in css
