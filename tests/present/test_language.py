"""Three languages say the same: every code in each, with the same fields and its own numbers."""

import ast
import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

import allocator
from allocator.documents import load_case, load_model, shipped_names
from allocator.engine import propose
from allocator.present.language import (
    LANGUAGES,
    alphabetical,
    phrases,
    say,
    sentence,
    speaking,
    titled,
    topics,
    word,
)
from allocator.present.tables import count, decimal, percent, signed

Run = Callable[..., Result]

PACKAGE = Path(allocator.__file__).parent
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
NORWEGIAN = ("nb", "nn")
ALL = [(lang, topic) for lang in LANGUAGES for topic in topics()]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def plain(codes: dict[str, str]) -> dict[str, str]:
    """The codes without those of a singular, which a language may have or not."""
    return {code: text for code, text in codes.items() if not code.endswith(".one")}


# -- the catalogues --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", NORWEGIAN)
def test_every_topic_is_there_in_every_language(lang: str) -> None:
    folder = PACKAGE / "present" / "locale" / lang
    assert tuple(sorted(path.stem for path in folder.iterdir())) == topics()


@pytest.mark.parametrize("topic", topics())
def test_every_language_has_the_same_codes_with_the_same_fields(topic: str) -> None:
    english = plain(phrases("en", topic))
    for lang in NORWEGIAN:
        own = plain(phrases(lang, topic))
        assert sorted(own) == sorted(english)
        wrong = [code for code, text in own.items() if fields(text) != fields(english[code])]
        assert wrong == []


@pytest.mark.parametrize(("lang", "topic"), ALL)
def test_a_singular_has_its_plural_and_no_other_fields(lang: str, topic: str) -> None:
    own = phrases(lang, topic)
    for code in own.keys() - plain(own).keys():
        many = own[code.removesuffix(".one")]
        assert "n" in fields(many)
        assert fields(own[code]) <= fields(many)


@pytest.mark.parametrize(("lang", "topic"), ALL)
def test_fields_have_names_and_nothing_else(lang: str, topic: str) -> None:
    for text in phrases(lang, topic).values():
        for _, name, spec, conversion in string.Formatter().parse(text):
            assert name is None or (name.isidentifier() and not spec and conversion is None)


@pytest.mark.parametrize(("lang", "topic"), ALL)
def test_no_text_has_two_spaces_or_the_quotes_and_dots_of_a_typewriter(
    lang: str, topic: str
) -> None:
    for code, text in phrases(lang, topic).items():
        assert "  " not in text, code
        assert "..." not in text, code
        assert text == text.strip() or text[:1] in " ," or text[-1:] == " ", code


@pytest.mark.parametrize("lang", NORWEGIAN)
@pytest.mark.parametrize("topic", topics())
def test_norwegian_has_no_break_spaces_in_thousands_and_before_per_cent(
    lang: str, topic: str
) -> None:
    for code, text in phrases(lang, topic).items():
        assert not re.search(r"\d \d{3}\b", text), code
        assert not re.search(r"\d %", text), code
        assert not re.search(r"\d\.\d", re.sub(r"CC BY 4\.0|WCAG 2\.1", "", text)), code


@pytest.mark.parametrize(
    ("lang", "foreign"),
    [
        (
            "nb",
            r"ikkje|kommunar|frå|eit|eig(en|ne) tal\b|busett|oppmod|innbyggjar|éin|kvar|vere|gjeve",
        ),
        ("nn", r"ikke|kommuner\b|fra|et|bosatt|anmod|innbyggere|hver|være|noen|flere|fylker\b"),
    ],
)
def test_bokmaal_and_nynorsk_are_kept_apart(lang: str, foreign: str) -> None:
    found = [
        (topic, code, text)
        for topic in topics()
        for code, text in phrases(lang, topic).items()
        if re.search(rf"\b({foreign})\b", text)
    ]
    assert found == []


# -- the codes that are said -----------------------------------------------------------------------


def said(tree: ast.AST) -> Iterator[ast.expr]:
    """What the code says: the first argument of every ``say`` and ``word``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("say", "word"):
            yield node.args[0]


def known(code: str) -> bool:
    topic, _, rest = code.partition(".")
    return (topic in topics() and rest in phrases("en", topic)) or code in phrases("en", "words")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def said_in_templates() -> Iterator[tuple[str, bool]]:
    """What the web page's templates say, ``t("…")``; and whether more is put behind it."""
    for path in sorted((PACKAGE / "web" / "templates").glob("*.html")):
        for found in re.finditer(r"""\bt\(["']([\w.-]+)["']( ~)?""", path.read_text("utf-8")):
            yield f"web.{found[1]}", bool(found[2])


def test_every_code_that_is_said_has_words() -> None:
    assert [code for code, more in said_in_templates() if not more and not known(code)] == []
    literals = {
        node.value
        for tree in TREES.values()
        for argument in said(tree)
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if not inside_f_string(argument, node)
    }
    assert len(literals) > 50
    assert sorted(code for code in literals if not known(code)) == []


def inside_f_string(argument: ast.expr, node: ast.Constant) -> bool:
    return any(
        node in ast.walk(found) for found in ast.walk(argument) if isinstance(found, ast.JoinedStr)
    )


def pattern(text: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
        for part in text.values
    )


def test_no_words_are_kept_that_nobody_says() -> None:
    constants, patterns = set[str](), set[str]()
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr) and room(path) in ("present", "web"):
                patterns.add(pattern(node))
    for code, more in said_in_templates():
        if more:
            patterns.add(f"{re.escape(code)}.+")
        else:
            constants.add(code)
    patterns = {p for p in patterns if re.fullmatch(r"(\w+\\\.)+(.+)?", p)}
    unsaid = []
    for topic in set(topics()) - {"told", "fault"}:
        for code in plain(phrases("en", topic)):
            full = code if topic == "words" else f"{topic}.{code}"
            if full not in constants and not any(re.fullmatch(p, full) for p in patterns):
                unsaid.append(full)
    assert unsaid == []


# -- sentences that answers carry ------------------------------------------------------------------


WORDS = {"stage": "decided", "what": "all", "word": "0"}


def warned() -> Iterator[str]:
    """The warnings that the engine may give, each field filled in with a number."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and ast.unparse(node.func.value).split(".")[-1] == "warnings"
            ):
                argument = node.args[0]
                parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                yield "".join(
                    str(part.value)
                    if isinstance(part, ast.Constant)
                    else WORDS.get(ast.unparse(part).strip("f'{}\""), "7")
                    for part in parts
                )


def test_every_warning_of_the_engine_is_said_in_norwegian() -> None:
    warnings = list(warned())
    assert len(warnings) >= 9
    for lang in NORWEGIAN:
        with speaking(lang):
            assert [text for text in warnings if sentence(text) == text] == []


def test_the_warnings_of_a_proposal_are_said_with_its_own_names_and_numbers() -> None:
    (warning,) = propose("ostfold-2016").warnings
    with speaking("nb"):
        told = sentence(warning)
    assert told == "behovet for mindreårige er ikke et multiplum av 5: Fredrikstad tar resten"


def test_a_sentence_without_words_stays_as_it_is_and_english_always_does() -> None:
    with speaking("nn"):
        assert sentence("quite another thing") == "quite another thing"
        assert sentence("left out: 11 missing, 2 pending") == (
            "utelate: 11 utan tal, 2 som ventar på vedtak"
        )
    assert sentence("left out: 11 missing") == "left out: 11 missing"


@given(st.sampled_from(sorted(phrases("en", "told"))))
def test_every_english_sentence_is_found_again_by_its_own_template(code: str) -> None:
    values = dict.fromkeys(fields(phrases("en", "told")[code]), "7")
    if "stage" in values:
        values["stage"] = "decided"
    text = phrases("en", "told")[code].format(**values)
    with speaking("nb"):
        values |= {"stage": say("decided")} if "stage" in values else {}
        assert sentence(text) == phrases("nb", "told")[code].format(**values)


# -- numbers and names -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", NORWEGIAN)
def test_numbers_are_written_as_norwegians_write_them(lang: str) -> None:
    with speaking(lang):
        assert decimal(2.449) == "2,4"
        assert decimal(-0.125, 3) == "−0,125"
        assert percent(94.88) == "94,9\N{NO-BREAK SPACE}%"
        assert count(13000) == "13\N{NO-BREAK SPACE}000"
        assert signed(-1200) == "−1\N{NO-BREAK SPACE}200"
        assert decimal(None) == percent(None) == count(None) == "–"
    assert decimal(2.449) == "2.4"


def test_names_are_sorted_by_the_norwegian_alphabet() -> None:
    names = [
        "Ås",
        "Øygarden",
        "Ærøy",
        "Åmli",
        "Vågå",
        "Asker",
        "Unjárga",
        "Austrheim",
        "Østre Toten",
    ]
    assert sorted(names, key=alphabetical) == [
        "Asker",
        "Austrheim",
        "Unjárga",
        "Vågå",
        "Ærøy",
        "Østre Toten",
        "Øygarden",
        "Åmli",
        "Ås",
    ]


def test_an_open_list_falls_back_on_what_it_is_told() -> None:
    assert word("family.unheard-of", "unheard-of") == "unheard-of"
    with speaking("nn"):
        assert word("family.lot", "lot") == "minstetal"


# -- the commands ----------------------------------------------------------------------------------

COMMANDS = {
    "propose": (["propose", "ostfold-2016"], "780 personer, 197 av dem enslige mindreårige"),
    "compare": (["compare", "ostfold-2016"], "94,9\N{NO-BREAK SPACE}% av personene plassert likt"),
    "fairness": (["fairness", "ostfold-2016"], "er det rettferdig?"),
    "follow-up": (["follow-up", "2016", "--county", "01"], "80 for få"),
    "backtest": (
        ["backtest", "--models", "last-year", "--years", "2024:2025", "--boot", "0"],
        "tilbakeprøving 2024–2025 · 2 modeller",
    ),
    "models": (["models"], "tittel"),
    "scenarios": (["scenarios"], "tittel"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_speaks_bokmaal_when_asked(bosett: Run, name: str) -> None:
    arguments, expected = COMMANDS[name]
    told = bosett(*arguments, "--lang", "nb")
    assert told.exit_code == 0, told.output
    assert expected in told.stdout


def test_a_run_is_verified_in_nynorsk(bosett: Run, tmp_path: Path) -> None:
    bosett("propose", "ostfold-2016", "--out", f"{tmp_path}/")
    (run,) = tmp_path.iterdir()
    assert "alle kontrollar held" in bosett("verify", run, "--lang", "nn").stdout


def test_the_environment_may_say_the_language(bosett: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOSETT_LANG", "nn")
    assert "prova optimalt" in bosett("propose", "ostfold-2016").stdout
    assert "proven optimal" in bosett("propose", "ostfold-2016", "--lang", "en").stdout


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("arguments", [["propose"], ["compare"], ["fairness"]])
def test_what_programs_read_is_the_same_in_every_language(
    bosett: Run, arguments: list[str], form: str
) -> None:
    told = [
        bosett(*arguments, "ostfold-2016", "--format", form, "--lang", lang).stdout_bytes
        for lang in LANGUAGES
    ]
    assert told[0] == told[1] == told[2]


def test_every_document_that_comes_with_it_has_its_title_in_every_language() -> None:
    """A title is a sentence of its document: one that is changed there must be changed here."""
    titles = [load_model(name).title for name in shipped_names("models")]
    for name in shipped_names("scenarios"):
        scenario = load_case(name).scenario
        titles += [scenario.title, *(each.title for each in scenario.override.values())]
    for lang in ("nb", "nn"):
        with speaking(lang):
            assert [title for title in titles if titled(title) == title] == []
            assert titled("Norway 2024: 37\u00a0000 persons + no county totals").count(" + ") == 1
            assert titled("my own what-if") == "my own what-if"
