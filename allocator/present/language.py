"""Words in bokmål, nynorsk and English: a code and its fields become a sentence.

What is answered is codes and numbers; only here do they become text. The templates are documents,
``locale/<language>/<topic>.toml``, one line for each code, and every language has the same codes
with the same fields in braces. They are no gettext catalogues: those need a compiled file beside
each text, and find a sentence by its English wording, where ours is found by its code.

A code is ``topic.rest``, such as ``follow.head``; one whose first part is no topic is in
``words``. A template ``code.one`` is the singular, taken when the field ``n`` is 1 or "1".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from unicodedata import normalize

__all__ = [
    "LANGUAGES",
    "alphabetical",
    "language",
    "localised",
    "phrases",
    "say",
    "sentence",
    "speaking",
    "titled",
    "topics",
    "word",
]

LANGUAGES = ("nb", "nn", "en")

_LOCALE = Path(__file__).parent / "locale"
_SPOKEN: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language that is spoken now, ``nb``, ``nn`` or ``en``."""
    return _SPOKEN.get()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak this language within the block; each thread and task speaks its own.

    >>> with speaking("en"):
    ...     language()
    'en'
    """
    before = _SPOKEN.set(lang)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def say(code: str, /, **fields: object) -> str:
    """The words of a code in the language that is spoken, with its fields filled in.

    Raises KeyError for a code that has no words: that is a defect, and a test looks for it.

    >>> say("too_few", n=104)
    '104 too few'
    """
    single = _template(f"{code}.one") if str(fields.get("n")) == "1" else None
    template = single if single is not None else _template(code)
    if template is None:
        raise KeyError(f"no words for {code!r} in {language()}")
    return template.format(**fields)


def word(code: str, otherwise: str | None = None, /) -> str:
    """The words of a code if there are any, else ``otherwise`` or the code: for open lists.

    >>> word("family.lot"), word("family.own", "own"), word("4")
    ('lot', 'own', '4')
    """
    found = _template(code)
    if found is not None:
        return found
    return code if otherwise is None else otherwise


def sentence(english: str, among: tuple[str, ...] = ("told",)) -> str:
    """A sentence that an answer carries in English, such as a warning, in the spoken language.

    The sentences are those of the topics ``among`` which it is sought; what stands in the braces of
    the English template is put into the other's, and where that is ``told`` (or ends in it) it is a
    sentence or a list of such itself. One that has no template stays as it is.

    >>> with speaking("nb"):
    ...     sentence("no capacity is known for 12 municipalities: not limited")
    'kapasiteten er ikke kjent for 12 kommuner: ikke begrenset'
    """
    if language() == "en":
        return english
    for topic, code, pattern in _patterns(among):
        found = pattern.fullmatch(english)
        if found:
            said = found.groupdict()
            fields = {name: _field(name, value, among) for name, value in said.items()}
            return phrases(language(), topic)[code].format(**fields)
    return english


def titled(english: str) -> str:
    """The title of a document that comes with it, in the spoken language; others stay as they are.

    >>> with speaking("nb"):
    ...     titled("Population share"), titled("my own what-if")
    ('Andel av folketallet', 'my own what-if')
    """
    return " + ".join(map(sentence, english.split(" + ")))


def _field(name: str, value: str, among: tuple[str, ...]) -> str:
    if name.endswith("told"):
        whole = sentence(value, among)
        return (
            ", ".join(sentence(part, among) for part in value.split(", "))
            if whole == value
            else whole
        )
    if name == "stage":
        return word(value)
    if name.endswith(("family", "families")):
        return ", ".join(word(f"family.{one}", one) for one in value.split(", "))
    if name == "what":
        return word(f"override.{value}", value)
    quoted = name in ("text", "cell", "header")  # as it stands in somebody's file
    return localised(value) if _NUMBER.fullmatch(value) and not quoted else value


def localised(number: str) -> str:
    """A number as the spoken language writes it: with a decimal comma, unless it is English.

    >>> with speaking("nn"):
    ...     localised("0.924"), localised("-1.5 %")
    ('0,924', '−1,5\\xa0%')
    """
    if language() == "en":
        return number
    number = number.replace(".", ",").replace("-", "−").replace(" %", "%")
    return number.replace("%", "\N{NO-BREAK SPACE}%")


def day(iso: str) -> str:
    """A date as it is written in the spoken language.

    >>> day("2025-10-31")
    '31 October 2025'
    """
    year, month, of = iso.split("-")
    name = say("report.months").split()[int(month) - 1]
    return say("report.day", day=int(of), month=name, year=year)


@cache
def _patterns(among: tuple[str, ...]) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Topic, code, and the pattern of the English template, those with the most words of their own
    first."""
    made = []
    for topic in among:
        for code, template in phrases("en", topic).items():
            parts = re.split(r"\{(\w+)\}", template)
            pattern = "".join(
                f"(?P<{part}>{_FIELD.get(part, '.*')})" if place % 2 else re.escape(part)
                for place, part in enumerate(parts)
            )
            made.append((-sum(map(len, parts[::2])), topic, code, re.compile(pattern, re.DOTALL)))
    return tuple((topic, code, pattern) for _, topic, code, pattern in sorted(made, key=_in_order))


def _in_order(made: tuple[int, str, str, re.Pattern[str]]) -> tuple[int, str, str]:
    return made[:3]


def alphabetical(name: str) -> tuple[tuple[int, ...], str]:
    """The key that sorts names as the Norwegian alphabet does: æ, ø and å after z.

    Ä is sorted as æ and ö as ø; the other marks, such as those of Sámi names, do not count.

    >>> sorted(["Åmli", "Ås", "Øyer", "Ærøy", "Asker", "Áltá", "Zakken"], key=alphabetical)
    ['Áltá', 'Asker', 'Zakken', 'Ærøy', 'Øyer', 'Åmli', 'Ås']
    """
    letters = name.casefold().translate(_LIKE)
    return tuple(_LAST.get(letter, ord(normalize("NFD", letter)[0])) for letter in letters), name


# What a field may be where it is not any text: so that a short template fits no other sentence.
_FIELD = {
    "argument": r"\S+|[^:]+",
    "host": r"[^\s:]+",
    "key": r"\S+",
    "n": r"\d+",
    "stage": r"\w+",
    "value_told": r"\S+|['\"\[].*|a table|too large a number|not in the panel",
    "what": r"\w+",
    "year_list": r"\d[\d, ]*",
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]\d+)?%?")
_LIKE = str.maketrans("äöđŋŧ", "æødnt")
_LAST = {"æ": 0x110000, "ø": 0x110001, "å": 0x110002}


def topics() -> tuple[str, ...]:
    """The topics there are, sorted."""
    return tuple(sorted(path.stem for path in (_LOCALE / "en").glob("*.toml")))


@cache
def phrases(lang: str, topic: str) -> dict[str, str]:
    """Code (without its topic) → template; empty for a topic that is not there."""
    path = _LOCALE / lang / f"{topic}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _template(code: str) -> str | None:
    topic, dot, rest = code.partition(".")
    own = phrases(_SPOKEN.get(), topic) if dot else {}
    return own.get(rest) if own else phrases(_SPOKEN.get(), "words").get(code)
