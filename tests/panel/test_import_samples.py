"""True files of IMDi, SSB and NAV, read into the panel: what it holds of them already agrees."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from allocator.panel import Panel, Status
from allocator.panel.importers import Options, Report, import_files
from tests.panel.importing import SAMPLES, content, ods, xlsx

LONG = SAMPLES / "imdi_bosatt_anmodede_long_2023.csv"
WIDE = SAMPLES / "imdi_bosatt_anmodede_wide_2022.csv"
MINORS = SAMPLES / "imdi_enslige_mindrearige_wide_2022.csv"
NAV = SAMPLES / "nav_hl060_2022_01-10.xlsx"


def told(report: Report) -> str:
    return "\n".join(map(str, report.refused))


@pytest.fixture
def bring(panel: Path) -> Callable[..., Report]:
    """Import into a copy of the shipped panel."""

    def run(*paths: Path, options: Options | None = None, **how: bool) -> Report:
        return import_files(paths, panel, options, **how)  # type: ignore[arg-type]

    return run


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """A file with some text or bytes."""

    def write(what: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(what if isinstance(what, bytes) else what.encode())
        return path

    return write


# -- IMDi ------------------------------------------------------------------------------------------


def test_the_long_form_agrees_with_the_panel_that_was_made_of_it(
    bring: Callable[..., Report],
) -> None:
    report = bring(LONG, options=Options(since=2014))
    assert (report.unchanged, report.differences, report.why_not) == (29, (), "same")
    assert report.files[0].left_out == {"blank": 2, "percent": 3, "since:2014": 6}


def test_a_year_that_the_panel_lacks_comes_in_with_its_source(
    bring: Callable[..., Report], panel: Path
) -> None:
    report = bring(LONG, skip_refused=True)
    assert told(report).count("no municipality had code 0102 in 1995") == 1
    assert report.written
    assert Panel(panel).years("requests")[0] == 1995
    figure = Panel(panel).requests(1995, "requested")["0101"]
    assert (figure.value, figure.source) == (20, report.files[0].source)
    sources = list(csv.DictReader((panel / "sources.csv").read_text("utf-8").splitlines()))
    (own,) = [row for row in sources if row["source"] == figure.source]
    assert own["where"] == LONG.name
    assert own["revision"].startswith("sha256 ")


def test_the_crosstab_on_later_codes_agrees_but_for_the_settled_of_its_own_year(
    bring: Callable[..., Report],
) -> None:
    report = bring(WIDE, options=Options(since=2014))
    assert report.unchanged == 181
    changed = {(each.key[0], each.key[3]) for each in report.differences}
    assert changed == {("2022", "settled")}  # it was taken in September
    assert report.files[0].repaired == {"renumbered": 54}
    assert report.why_not == "changed"


def test_minors_from_the_crosstab_agree_with_the_panel(bring: Callable[..., Report]) -> None:
    report = bring(MINORS, dry_run=True)
    assert report.unchanged == 336
    added = {(each.what, each.key[0], *each.key[2:4]) for each in report.differences}
    assert added == {("added", "2022", "em", "settled")}


@pytest.mark.parametrize("head", ["Bosetting", "Anmodning, vedtak og faktisk bosetting"])
@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "utf-8-sig", "utf-16"])
def test_both_headers_and_every_encoding_are_the_same_table(
    bring: Callable[..., Report], table: Callable[..., Path], head: str, encoding: str
) -> None:
    text = LONG.read_text("iso-8859-1").replace(";Bosetting;", f";{head};")
    report = bring(table(text.encode(encoding)), options=Options(since=2014))
    assert report.unchanged == 29


def test_figures_of_counties_go_to_the_county_table(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    text = (
        "Enhet;År;Fylkesnummer;Fylke;Bosetting;Antall\nPersoner;2023;3;Oslo;Vedtak om bosetting;9"
    )
    assert bring(table(text)).written
    rows = (panel / "requests_county.csv").read_text("utf-8").splitlines()
    assert any(row.startswith("2023,03,total,decided,final,9,reported,imdi-") for row in rows)


def test_those_of_no_known_municipality_are_kept_apart(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    text = (
        "Enhet;År;Kommunenummer;Kommune;Bosetting;Antall\nPersoner;2018;9999;;Faktisk bosetting;7"
    )
    assert bring(table(text)).written
    assert "2018,9999,total,settled,final,7" in (panel / "requests_unplaced.csv").read_text("utf-8")
    assert "9999" not in Panel(panel).requests(2018, "settled")


def test_a_sami_name_that_latin_1_lost_does_no_harm_since_codes_are_the_key(
    bring: Callable[..., Report], table: Callable[..., Path]
) -> None:
    head = "Enhet;År;Kommunenummer;Kommune;Bosetting;Antall\n"
    row = "Personer;2026;5610;K?r??johka - Karasjok;Anmodning om bosetting;5\n"
    report = bring(table((head + row).encode("latin-1")), dry_run=True)
    assert not report.refused


# -- SSB -------------------------------------------------------------------------------------------


def population_answer(year: int, **change: object) -> dict[str, object]:
    """An answer of 07459 made from the panel's own figures: all ages in one, both sexes apart."""
    series = Panel().population(year)
    codes = [code for code, figure in series.items() if figure.value is not None]
    halves = [(int(series[c].value or 0) // 2, -(-int(series[c].value or 0) // 2)) for c in codes]
    regions = ["0", "31", *codes, "9999"]
    value = [9, 9, 9, 9, *(half for pair in halves for half in pair), 1, 1]
    dimension = {
        "Region": {"category": {"index": {code: at for at, code in enumerate(regions)}}},
        "Kjonn": {"category": {"index": {"2": 0, "1": 1}}},
        "ContentsCode": {"category": {"index": {"Personer1": 0}}},
        "Tid": {"category": {"index": {str(year): 0}}},
    }
    answer = {
        "version": "2.0",
        "class": "dataset",
        "label": "07459: Population",
        "role": {"time": ["Tid"], "geo": ["Region"], "metric": ["ContentsCode"]},
        "id": ["Region", "Kjonn", "ContentsCode", "Tid"],
        "size": [len(regions), 2, 1, 1],
        "dimension": dimension,
        "value": value,
    }
    return answer | change


def test_population_from_an_answer_of_pxwebapi_agrees_with_the_panel(
    bring: Callable[..., Report], table: Callable[..., Path]
) -> None:
    report = bring(table(json.dumps(population_answer(2026)), "a.json"))
    assert (report.unchanged, report.differences) == (357, ())
    assert report.files[0].left_out == {"regions": 6}


def test_the_status_field_is_kept_and_a_dash_is_none_at_all(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    answer = json.loads((SAMPLES / "ssb_pxwebapi_v2_12134_data.json").read_text("utf-8"))
    answer |= {"value": [None, None, None], "status": {"0": ":", "1": "..", "2": "-"}}
    path = table(json.dumps(answer), "a.json")
    assert bring(path, options=Options(indicator="expenditure_need_index_dki")).written
    series = Panel(panel).of_period("expenditure_need_index_dki", "2024")
    found = {code: (figure.value, figure.status) for code, figure in series.items()}
    assert found["0301"] == (None, Status.SUPPRESSED)
    assert found["4601"] == (None, Status.MISSING)
    assert found["5001"] == (0, Status.REPORTED)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"value": []}, "it holds no figures"),
        ({"value": [1, 2]}, "holds 2 of"),
        ({"size": [1, 2, 1, 1]}, "another size"),
        ({"dimension": {}}, "no categories"),
        ({"id": None}, "id, size or dimension is missing"),
    ],
)
def test_an_answer_that_does_not_hold_together_is_refused(
    bring: Callable[..., Report], table: Callable[..., Path], change: dict[str, object], why: str
) -> None:
    report = bring(table(json.dumps(population_answer(2026, **change)), "a.json"))
    assert why in told(report)
    assert not report.written


def test_a_true_answer_of_another_table_goes_where_it_is_told(
    bring: Callable[..., Report], panel: Path
) -> None:
    path = SAMPLES / "ssb_pxwebapi_v2_12134_data.json"
    assert "give --indicator NAME" in told(bring(path))
    assert bring(path, options=Options(indicator="grant_unaccompanied_minors_nok"), accept=True)
    figure = Panel(panel).of_period("grant_unaccompanied_minors_nok", "2024")["0301"]
    assert figure.value == 81240


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ssb_pxwebapi_v2_14700_data.json", "no dimension of regions"),
        ("ssb_pxwebapi_v2_error_400.json", "Missing selection for mandantory variable"),
        ("ssb_klass_131_codesAt_2026-01-01.json", "of which year"),
        ("imdi_flyktning_botid_flytting_long_2022.csv", "may tell figures apart"),
    ],
)
def test_what_is_not_for_the_panel_says_why(
    bring: Callable[..., Report], name: str, why: str
) -> None:
    report = bring(SAMPLES / name)
    assert why in told(report)
    assert report.why_not == "refused"


def test_ages_of_an_export_make_the_age_groups_that_are_complete(
    bring: Callable[..., Report], panel: Path
) -> None:
    names = ["ssb_07459_csv_export_2010_2014.csv", "ssb_07459_csv_export_2020_tab.csv"]
    report = bring(*(SAMPLES / name for name in names))
    assert {each.table for each in report.differences} == {"indicators/population_0_5"}
    own = Panel(panel).of_period("population_0_5", "2020")["3001"]
    assert own.value == 256 + 256 + 322 + 321 + 320 + 324
    assert Panel(panel).of_period("population_0_5", "2014")["0101"].value == 2024


def test_an_export_with_every_age_makes_the_population(
    bring: Callable[..., Report], table: Callable[..., Path]
) -> None:
    ages = ["0 years", "1 year", *(f"{age} years" for age in range(2, 105)), "105 years or older"]
    lines = ['"region"\t"age"\t"Persons 2014"']
    lines += [f'"0101 Halden"\t"{age}"\t{10 + at}' for at, age in enumerate(ages)]
    report = bring(table("\r\n".join(lines)), dry_run=True, accept=True)
    found = {each.table: each.new[0] for each in report.differences}
    assert found["population/2014"] == str(sum(10 + at for at in range(106)))
    assert found["indicators/population_0_17"] == str(sum(10 + at for at in range(18)))
    assert found["indicators/population_67_plus"] == str(sum(10 + at for at in range(67, 106)))
    lines.pop(20)
    rest = {each.table for each in bring(table("\n".join(lines)), dry_run=True).differences}
    assert "population/2014" not in rest
    assert "indicators/population_6_12" in rest


def test_the_register_of_2026_brings_three_names_and_nothing_else(
    bring: Callable[..., Report], panel: Path
) -> None:
    path = SAMPLES / "ssb_klass_131_codesAt_2026-01-01.json"
    report = bring(path, options=Options(year=2026), accept=True)
    assert report.written
    new = {each.new[0] for each in report.differences if each.what == "added"}
    assert new == {"Oslo - Oslove", "Steinkjer - Stïentje", "Lyngen - Ivgu - Yykeä"}
    names = {unit.code: unit.name for unit in Panel(panel).municipalities(2026)}
    assert (len(names), names["0301"]) == (357, "Oslo - Oslove")
    assert {u.code: u.name for u in Panel(panel).municipalities(2025)}["0301"] == "Oslo"
    assert bring(path, options=Options(year=2026)).why_not == "same"


def test_a_register_that_was_cut_off_takes_no_municipality_away(
    bring: Callable[..., Report],
) -> None:
    path = SAMPLES / "ssb_klass_131_version_2026_download.csv"
    report = bring(path, options=Options(year=2026), accept=True)
    assert "are not in it, and no change of 2026 says what became of them" in told(report)


def test_a_merger_comes_in_with_its_codes(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    changes = [
        {"oldCode": old, "newCode": "3199", "changeOccurred": "2027-01-01"}
        for old in ("3101", "3110")
    ]
    codes = [
        {"code": unit.code, "name": unit.name}
        for unit in Panel(panel).municipalities(2026)
        if unit.code not in ("3101", "3110")
    ]
    codes.append({"code": "3199", "name": "Halden og Hvaler"})
    first = table(json.dumps({"codeChanges": changes}), "changes.json")
    second = table(json.dumps({"codes": codes}), "codes.json")
    # Alone, the changes would lead to a code that is not there; the panel stays as it was.
    before = content(panel)
    with pytest.raises(Exception, match="no municipality had code 3199 in 2027"):
        bring(first)
    assert content(panel) == before
    assert "3101, 3110 are not in it" in told(bring(second, options=Options(year=2027)))
    assert bring(first, second, options=Options(year=2027), accept=True).written
    assert Panel(panel).borders.successors("0101", 2016, 2027) == {"3199": 1.0}
    assert len(Panel(panel).municipalities(2027)) == 356


def test_a_split_without_weights_is_refused(
    bring: Callable[..., Report], table: Callable[..., Path]
) -> None:
    changes = [
        {"oldCode": "3101", "newCode": new, "changeOccurred": "2027-01-01"}
        for new in ("3198", "3199")
    ]
    report = bring(table(json.dumps({"codeChanges": changes}), "changes.json"))
    assert "KLASS does not say in what shares" in told(report)


def test_changes_of_counties_are_left_out(bring: Callable[..., Report]) -> None:
    report = bring(SAMPLES / "ssb_klass_104_changes_1.json")
    assert report.files[0].left_out == {"county_changes": 13}


# -- NAV -------------------------------------------------------------------------------------------


def test_navs_workbook_agrees_but_for_cells_that_it_hides(bring: Callable[..., Report]) -> None:
    report = bring(NAV)
    assert report.unchanged == 3555
    assert {each.new for each in report.differences} == {("", "suppressed")}
    assert report.why_not == "changed"  # the panel fills five hidden cells from another source


# -- sheets of one's own ---------------------------------------------------------------------------

ROWS: list[list[str | float]] = [
    ["År", "Kommunenr", "Kommune", "Anmodning", "Vedtak"],
    [2026, 301, "Oslo", 1020, "avventer vedtak"],
    [2026, 3101, "Halden", "1 070", 0],
    [2026, 3103, "Moss", ":", "-"],
]


@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_planners_sheet_is_read_with_its_own_words(
    bring: Callable[..., Report],
    table: Callable[..., Path],
    panel: Path,
    make: Callable[..., bytes],
) -> None:
    report = bring(table(make(ROWS), "plan.xlsx"), accept=True)
    assert not report.refused
    assert report.written
    asked, decided = (Panel(panel).requests(2026, stage) for stage in ("requested", "decided"))
    assert (asked["0301"].value, asked["3101"].value) == (1020, 1070)
    assert asked["3103"].status is Status.SUPPRESSED
    assert [decided[code].status for code in ("0301", "3101", "3103")] == [
        Status.PENDING,
        Status.REPORTED,
        Status.NOT_REQUESTED,
    ]
    assert report.files[0].repaired == {"zero": 2}


def test_every_wrong_cell_is_told_at_once_with_row_column_and_remedy(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    text = (
        "year;code;stage;group;persons\n"
        "2026;Halden;requested;total;20\n"
        "2026;3101;asked;total;20\n"
        "2026;3101;requested;minors;20\n"
        "20x6;3101;requested;total;20\n"
        "2026;3101;requested;total;1.250\n"
        "2026;3101;requested;total;20;;7\n"
        "2026;3103;requested;total;99\n"
    )
    before = content(panel)
    report = bring(table(text))
    assert [(fault.row, fault.column) for fault in report.refused] == [
        (2, "code"),
        (3, "stage"),
        (4, "group"),
        (5, "year"),
        (6, "persons"),
        (7, None),
    ]
    assert "write 3101 (Halden, Østfold)" in told(report)
    assert "can be 1250 or" in told(report)
    assert not report.written
    assert content(panel) == before
    assert bring(table(text), skip_refused=True, accept=True).written
    assert Panel(panel).requests(2026, "requested")["3103"].value == 99


def test_an_indicator_comes_in_by_the_name_of_its_file_or_by_option(
    bring: Callable[..., Report], table: Callable[..., Path], panel: Path
) -> None:
    text = 'period,code,value\n2027,0301,"2,5"\n2027-03,3101,3.5\n'
    assert "it is not said which indicator" in told(bring(table(text, "x.csv")))
    report = bring(table(text, "unemployed_all_pct.csv"))
    assert report.written
    assert Panel(panel).of_period("unemployed_all_pct", "2027")["0301"].value == 2.5
    assert bring(table(text), options=Options(indicator="unemployed_all_pct")).why_not == "same"


def test_a_misspelt_column_is_refused_with_the_right_one(
    bring: Callable[..., Report], table: Callable[..., Path]
) -> None:
    report = bring(table("year;code;stage;persons;statuss\n2026;3101;requested;1;x\n"))
    assert "unknown column 'statuss'" in told(report)
    assert "did you mean 'status'" in told(report)
