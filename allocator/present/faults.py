"""What is wrong, where, what was expected and what to do, in the language that is spoken."""

from __future__ import annotations

import re

from allocator.errors import Fault
from allocator.present.language import language, say, sentence

__all__ = ["TOPICS", "fault_words", "place_words"]

TOPICS = ("fault", "told")
"""Where the sentences of faults are sought."""


def fault_words(fault: Fault, *, places: bool = True) -> str:
    """A fault on one line. In English it is what the fault says itself.

    ``places`` may be left out where the reader has no such file.

    >>> from allocator.present.language import speaking
    >>> wrong = Fault("code", "'101' is no code", "four digits", file="a.csv", row=3, column="code")
    >>> fault_words(wrong)
    "a.csv, row 3, column code: '101' is no code; expected four digits"
    >>> with speaking("nb"):
    ...     fault_words(Fault("out.folder", "'x' is a folder", file="a.csv", row=3))
    "a.csv, rad 3: 'x' er en mappe"
    """
    if language() == "en" and places:
        return str(fault)
    text = sentence(fault.found, TOPICS)
    if fault.expected:
        text = say("fault.expected", found=text, what=sentence(fault.expected, TOPICS))
    if fault.remedy:
        text = f"{text} – {_remedy(fault.remedy)}"
    where = place_words(fault) if places else ""
    return f"{where}: {text}" if where else text


def place_words(fault: Fault) -> str:
    """Where it is: file, row or line, column, as far as they are known."""
    parts = [_file_words(fault.file)] if fault.file else []
    if fault.row is not None:
        parts.append(say(f"fault.{fault.unit}", row=fault.row))
    if fault.column:
        told = fault.row is not None
        parts.append(say("fault.column", column=fault.column) if told else fault.column)
    return ", ".join(parts)


def _file_words(file: str) -> str:
    """The name of a file, or of a document with what was laid over it."""
    for code, mark in (("fault.place_with", " with --"), ("fault.place_over", " over model ")):
        name, found, settings = file.partition(mark)
        if found:
            return say(code, file=name, settings=settings)
    return file


def _remedy(english: str) -> str:
    """What to do: one sentence, or several after semicolons and question marks; one may hold a
    semicolon itself.

    >>> from allocator.present.language import speaking
    >>> with speaking("nb"):
    ...     _remedy("did you mean 'a' or 'b'? it is a folder"), _remedy("add --resume")
    ("mente du 'a' eller 'b'? det er en mappe", 'legg til --resume')
    """
    parts = re.split(r"(; |(?<=\?) )", english)
    told = [sentence(part, TOPICS) for part in parts]
    if all(one != part for one, part in zip(told[::2], parts[::2], strict=True)):
        return "".join(told)
    return sentence(english, TOPICS)
