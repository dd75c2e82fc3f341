"""What goes wrong is told in three languages: every sentence of a fault has its words."""

import ast
import errno
import inspect
import itertools
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import allocator
from allocator.documents import load_case
from allocator.errors import BadDataError, Fault, MissingInputError, did_you_mean
from allocator.present.faults import TOPICS, fault_words
from allocator.present.language import phrases, sentence, speaking

PACKAGE = Path(allocator.__file__).parent
NORWEGIAN = ("nb", "nn")
MAKERS = {"Fault", "fault", "_fault"}
"""What makes a fault, or hands its words on."""


def sentences() -> Iterator[tuple[str, str]]:
    """Module and text of whatever is said in the making of a fault, where it is written out; what
    is filled in stands as 7."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in MAKERS:
                scope = innermost(scopes, call) or tree
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                for text in itertools.chain.from_iterable(texts(one, scope) for one in given):
                    if " " in text.strip() and re.search("[a-z]", text):
                        yield str(path.relative_to(PACKAGE)), text


def innermost(scopes: list[ast.FunctionDef], call: ast.Call) -> ast.FunctionDef | None:
    around = [s for s in scopes if s.lineno <= call.lineno <= (s.end_lineno or s.lineno)]
    return min(around, key=lambda s: (s.end_lineno or 0) - s.lineno, default=None)


def texts(node: ast.expr, scope: ast.AST, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The texts an expression may be, followed through the names of its function."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body, scope, seen)
        yield from texts(node.orelse, scope, seen)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from texts(value, scope, seen)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for left in texts(node.left, scope, seen):
            for right in texts(node.right, scope, seen):
                yield left + right
    elif isinstance(node, ast.Name) and node.id not in seen:
        for value in assigned(node.id, scope):
            yield from texts(value, scope, (*seen, node.id))


def assigned(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(one, ast.Name) and one.id == name:
                        yield value


def untold(lang: str) -> list[tuple[str, str]]:
    """Those that have no words in a language."""
    with speaking(lang):
        return sorted({(module, text) for module, text in sentences() if says_itself(text)})


def says_itself(text: str) -> bool:
    return sentence(text, TOPICS) == text


@pytest.mark.parametrize("lang", NORWEGIAN)
def test_whatever_goes_wrong_is_told_in_norwegian(lang: str) -> None:
    assert len(list(sentences())) > 300
    assert untold(lang) == []


def test_no_words_of_a_fault_are_kept_that_nobody_says() -> None:
    said = {text for _, text in sentences()}
    source = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    source = f"{source}\n{what_others_say()}".lower()
    lost = []
    for code, template in phrases("en", "fault").items():
        parts = [re.escape(part) for part in re.split(r"\{\w+\}", template)]
        pattern = re.compile(".*".join(parts), re.DOTALL)
        own = max(re.split(r"\{\w+\}", template), key=len)  # what no test can follow is looked for
        if (
            not any(pattern.fullmatch(text) for text in said)
            and own.strip(" :").lower() not in source
        ):
            lost.append(code)
    assert lost == []


def what_others_say() -> str:
    """The words of the operating system and of the reader of TOML, which are handed on."""
    reader = Path(inspect.getfile(tomllib.loads)).read_text("utf-8")
    return "\n".join([*map(os.strerror, errno.errorcode), reader])


@pytest.mark.parametrize("lang", NORWEGIAN)
def test_every_sentence_of_a_fault_is_found_again_by_its_own_template(lang: str) -> None:
    """Of two that fit, the one with more words of its own is taken: none may hide another."""
    wrong = []
    with speaking(lang):
        for code, template in phrases("en", "fault").items():
            values = dict.fromkeys(re.findall(r"\{(\w+)\}", template), "7")
            if sentence(template.format(**values), TOPICS) != phrases(lang, "fault")[code].format(
                **values
            ):
                wrong.append(code)
    assert wrong == []


def test_a_fault_is_told_with_its_place_what_was_expected_and_what_to_do() -> None:
    wrong = Fault(
        "unknown", "'x' is a folder", remedy=did_you_mean("a.csw", ["a.csv"]), file="b", row=3
    )
    assert fault_words(wrong) == str(wrong)
    with speaking("nn"):
        assert fault_words(wrong) == "b, rad 3: 'x' er ei mappe – meinte du 'a.csv'?"
        assert fault_words(wrong, places=False) == "'x' er ei mappe – meinte du 'a.csv'?"


def test_of_several_remedies_each_is_told() -> None:
    with pytest.raises(MissingInputError) as missing:
        load_case("ostfold-2015x")
    with speaking("nb"):
        assert fault_words(missing.value.faults[0]) == (
            "det finnes ikke noe scenario 'ostfold-2015x' – mente du 'ostfold-2015' eller "
            "'ostfold-2016'? 'bosett scenarios' viser dem som følger med; et eget dokument oppgis "
            "med sti, som my.toml"
        )


def test_what_is_wrong_in_a_document_is_told_with_what_was_laid_over_it() -> None:
    settings = ["county.split=fre", "lot.persons.x=3", "need.em=800"]
    with pytest.raises(BadDataError) as wrong:
        load_case("ostfold-2016", settings)
    with speaking("nn"):
        told = [fault_words(fault).partition("need.em=800: ") for fault in wrong.value.faults]
    assert {head for head, _, _ in told} == {
        "ostfold-2016 med --set county.split=fre --set lot.persons.x=3 --set "
    }
    assert sorted(text for _, _, text in told) == [
        "county.split er 'fre'; venta 'free', 'band' eller 'first'",
        "lot.persons er ein tabell; venta eit heilt tal",
        "need: 800 mindreårige er fleire enn 780 i alt",
    ]


def test_overrides_that_contradict_each_other_are_told_with_both_places() -> None:
    with pytest.raises(BadDataError) as wrong:
        load_case("norway-2027+need-high+need-low")
    with speaking("nb"):
        told = fault_words(wrong.value.faults[0])
    assert told.startswith("need.total er 18900 i [override.need-high] (")
    assert ") og 5025 i [override.need-low] (" in told
    assert told.count(".toml, linje ") == 2
    assert told.endswith("oppgi bare én av need-high og need-low; --set kan også endre det")


def test_words_of_a_value_fit_no_other_sentence() -> None:
    with speaking("nb"):
        for text in (
            "7 is given thrice, first in row 9",
            "another import is at work",
            "an export of 7 is no table",
        ):
            assert sentence(text, TOPICS) == text


def test_what_has_no_words_is_told_in_english() -> None:
    with speaking("nb"):
        assert fault_words(Fault("x", "no such thing at all")) == "no such thing at all"
