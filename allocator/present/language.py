"""Words in bokmål, nynorsk and English: a code and its fields become a sentence.

What is answered is codes and numbers; only here do they become text. The templates are documents,
``locale/<language>/<topic>.toml``, one line for each code, and every language has the same codes
with the same fields in braces. They are no gettext catalogues: those need a compiled file beside
each text, and find a sentence by its English wording, where ours is found by its code.

A code is ``topic.rest``, such as ``follow.head``; one whose first part is no topic is in
``words``. A template ``code.one`` is the singular, taken when the field ``n`` is 1 or "1".
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

__all__ = ["LANGUAGES", "language", "phrases", "say", "speaking", "topics", "word"]

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


def word(code: str, /) -> str:
    """The words of a code if there are any, else the code itself: for classes that are numbers."""
    found = _template(code)
    return code if found is None else found


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
