"""bosett explain: the words, the forms, the folder of letters, and what is refused."""

import csv
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import Result

from allocator.present.explain import rounded

Run = Callable[..., Result]

HVALER = """\
Hvaler (0111), Østfold: anmodes om 20. Av dem 5 enslige mindreårige. I fjor 15.
4,5 per 1~000 innbyggere.

   12,2  andel av behovet etter folketallet: 4~480 av 287~198 innbyggere
 +  0,0  folketallet (vekt 0,5): den samme andelen
 +  7,3  anmodningen i 2015 (vekt 0,5): 15, som er 3,45~% av alle, mot 1,56~% av
         innbyggerne
 = 19,5  fordelingsnøkkelens tall
 +  0,5  avrundet til hele personer
 = 20    anmodning
""".replace("~", "\N{NO-BREAK SPACE}")


def numbers(text: str) -> list[tuple[str, Decimal]]:
    """(sign, number) of every line of the waterfalls of a text, in any language."""
    found = re.findall(r"^ ([ +−=]) +([\d\u00a0]+(?:[.,]\d)?)  +\S", text, re.M)
    return [
        (sign, Decimal(number.replace("\u00a0", "").replace(",", "."))) for sign, number in found
    ]


def assert_adds_up(text: str, name: str) -> None:
    """What is shown adds up: to the key's number, and from there to the request."""
    running, sums = Decimal(0), 0
    for sign, number in numbers(text):
        if sign == "=":
            assert number == running, (name, text)
            sums += 1
        elif sign == " ":
            running = number
        else:
            running += number if sign == "+" else -number
    assert sums >= 2


def test_a_number_is_explained_in_bokmaal(bosett: Run) -> None:
    result = bosett("explain", "ostfold-2016", "hvaler", "--lang", "nb")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(HVALER)
    for words in (
        "Med et behov på 911 i stedet for 780 ville tallet blitt 25; med 910 blir det som nå.",
        "Kommunene som",
    ):
        assert words in " ".join(result.stdout.split())


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["norway-2026"],
        ["ostfold-2016", "--set", "ceiling.per_1000=4", "--set", "lot.every=false",
         "--set", "lot.every_minors=false", "--set", "eligible.min_population=1000"],
        ["norway-2026", "--model", "imdi-2018", "--set", "county.split=first"],
        ["norway-2026", "--model", "imdi-2020-cut"],
        ["ostfold-2016", "--set", "band.up=1.0", "--set", "municipality.0101.exempt=true",
         "--set", "municipality.0104.lock=70", "--set", "municipality.0106.capacity=200"],
        ["ostfold-2015", "--model", "population", "--set", "whole.method=webster"],
        ["sor-trondelag-2015-2016"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_shown_adds_up_for_every_municipality_in_every_language(
    bosett: Run, tmp_path: Path, arguments: list[str], lang: str
) -> None:
    result = bosett("explain", *arguments, "--all", "--lang", lang, "--out", f"{tmp_path}/letters/")
    assert result.exit_code == 0, result.output
    letters = sorted((tmp_path / "letters").glob("*.txt"))
    assert letters
    for letter in letters:
        text = letter.read_text("utf-8")
        assert_adds_up(text, letter.name)
        assert all(len(line) <= 80 for line in text.splitlines()), text
        assert "{" not in text


def test_tenths_that_are_left_over_go_to_the_largest_remainders() -> None:
    assert rounded([1_040_000, 1_030_000, 1_930_000], 40) == [11, 10, 19]
    assert rounded([-240_000, 340_000], 1) == [-2, 3]
    assert sum(rounded([33_333] * 30, 10)) == 10


def test_the_trace_has_a_version_a_text_for_each_step_and_adds_up(bosett: Run) -> None:
    found = json.loads(bosett("explain", "norway-2026", "3103", "--format", "json").stdout)
    assert found["schema"] == 1
    assert (found["asked_for"]["code"], found["asked_for"]["how"]) == ("3103", "is")
    (moss,) = found["municipalities"]
    assert (moss["code"], moss["name"]) == ("3103", "Moss")
    assert sum(Decimal(str(step["change"])) for step in moss["steps"]) == moss["request"]
    assert all(step["text"] for step in moss["steps"] + moss["em_steps"])
    assert {move["setting"] for move in moss["moves"]} == {"need.total"}


def test_csv_is_in_long_form_for_all(bosett: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(
        bosett("explain", "ostfold-2016", "--all", "--format", "csv").stdout
    )))  # fmt: skip
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = row["code"], row["group"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["change"])
    assert len(sums) == 2 * 18
    assert sum(total for (_, group), total in sums.items() if group == "total") == 780
    assert sum(total for (_, group), total in sums.items() if group == "em") == 197


def test_a_folder_holds_a_letter_for_each_and_all_as_json_and_csv(
    bosett: Run, tmp_path: Path
) -> None:
    for _ in range(2):  # the second run writes the same bytes over the first
        result = bosett("explain", "ostfold-2016", "--all", "--out", tmp_path)
        assert result.exit_code == 0
        assert "wrote 20 files" in result.stderr
        assert result.stdout == ""
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len([name for name in names if name.endswith(".txt")]) == 18
    assert {"explain.csv", "explain.json"} <= set(names)
    letter = (tmp_path / "0111-hvaler.txt").read_text("utf-8")
    assert "Hvaler (0111)" in letter
    assert letter.startswith("Why your municipality is asked for this number: settlement")
    told = " ".join(letter.split())
    assert "a need of 780 persons, 197 of them unaccompanied minors" in told
    assert "figures known by 31 October 2015" in told
    assert told.endswith("It is not a decision, and not IMDi's.")


def test_a_number_stands_beside_the_countys_and_all_per_1_000_inhabitants(bosett: Run) -> None:
    rows = json.loads(bosett("propose", "norway-2026", "--format", "json").stdout)["municipalities"]

    def rate(of: list[dict[str, int]]) -> str:
        return f"{1000 * sum(r['total'] for r in of) / sum(r['population'] for r in of):.1f}"

    own = [row for row in rows if row["code"] == "3103"]
    county = [row for row in rows if row["county"] == "31"]
    told = " ".join(bosett("explain", "norway-2026", "Moss").stdout.replace("\xa0", " ").split())
    assert (
        f"Per 1 000 inhabitants {rate(own)} are asked for here, {rate(county)} in Østfold and "
        f"{rate(rows)} in all 357 municipalities."
    ) in told
    alone = bosett("explain", "ostfold-2016", "Moss").stdout
    assert "are asked for here and 2.7 in all 18 municipalities" in " ".join(alone.split())


def test_an_old_name_says_what_became_of_it(bosett: Run) -> None:
    told = " ".join(bosett("explain", "norway-2026", "rygge", "--lang", "nb").stdout.split())
    assert "Rygge (0136) ble slått sammen med Moss og er nå Moss (3103)." in told
    told = " ".join(bosett("explain", "norway-2026", "Nes").stdout.split())
    assert "Others of that name: 0616 Nes (Buskerud), now 3322 Nesbyen (Buskerud)." in told


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        (2, ["norway-2026"], "name a municipality, or say --all"),
        (2, ["norway-2026", "Moss", "--all"], "name a municipality, or say --all"),
        (2, ["norway-2026", "Moss", "--out", "letters/"], "a folder is for --all"),
        (
            2,
            ["norway-2026", "--all", "--out", "l/", "--format", "csv"],
            "does not go with a folder",
        ),
        (65, ["norway-2026", "Våler"], "3114 Våler (Østfold), 3419 Våler (Innlandet)"),
        (65, ["norway-2026", "Mosss"], "did you mean 3103 Moss (Østfold)?"),
        (65, ["norway-2026", "Snillfjord"], "5055 Heim"),
        (65, ["ostfold-2016", "Oslo"], "outside the area of ostfold-2016; expected one of its 18"),
        (66, ["nowhere", "Moss"], "there is no scenario 'nowhere'"),
        (3, ["ostfold-2016", "Moss", "--set", "ceiling.per_1000=0"], "no proposal"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_words(
    bosett: Run, tmp_path: Path, code: int, arguments: list[str], words: str
) -> None:
    result = bosett("explain", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert "unexpected" not in result.stderr


def test_letters_of_one_county_with_the_smallest_changes_are_those_told_one_by_one(
    bosett: Run, tmp_path: Path
) -> None:
    out = f"{tmp_path}/letters/"
    told = bosett("explain", "norway-2026", "--all", "--county", "Vestfold", "--changes",
                  "--lang", "nn", "--out", out)  # fmt: skip
    assert told.exit_code == 0, told.output
    letters = {path.stem[:4]: path.read_text("utf-8") for path in Path(out).glob("*.txt")}
    assert {path.name for path in Path(out).glob("391*.txt")} == {"3911-faerder.txt"}
    assert len(letters) == 6
    assert {code[:2] for code in letters} == {"39"}
    for code in ("3901", "3911"):
        alone = bosett("explain", "norway-2026", code, "--lang", "nn").stdout
        assert alone.strip() in letters[code]
        assert "Med eit behov på" in alone
    plain = bosett("explain", "norway-2026", "--all", "--county", "39", "--format", "json").stdout
    assert [row["moves"] for row in json.loads(plain)["municipalities"]] == [None] * 6


@pytest.mark.parametrize("option", [("--county", "31"), ("--changes",)])
def test_what_is_for_all_is_refused_for_one(bosett: Run, option: tuple[str, ...]) -> None:
    told = bosett("explain", "norway-2026", "Moss", *option)
    assert told.exit_code == 2
    assert "go with --all" in told.stderr


def test_both_sides_of_the_change_that_moves_a_number_are_so(bosett: Run) -> None:
    def request(need: int) -> int:
        told = bosett("propose", "norway-2026", "--set", f"need.total={need}", "--format", "json")
        rows = json.loads(told.stdout)["municipalities"]
        return int(next(row["total"] for row in rows if row["code"] == "3110"))

    told = bosett("explain", "norway-2026", "Hvaler", "--format", "json").stdout
    (row,) = json.loads(told)["municipalities"]
    for move in row["moves"]:
        if move["setting"] == "need.total":
            to, back = int(move["to"]), 1 if move["to"] < move["at"] else -1
            assert (request(to), request(to + back)) == (move["request"], row["request"])
