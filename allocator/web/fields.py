"""The fields of the form, with what they hold, in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allocator.documents import Case
from allocator.present.language import localised, say, word
from allocator.present.tables import count
from allocator.web.controls import CHOICES, NUMBERS, Choice, Number, plain
from allocator.web.read import Read
from allocator.web.state import State, applicable

__all__ = ["Group", "groups_of"]

_OPEN = ("need",)


@dataclass(frozen=True, slots=True)
class Field:
    """A number field."""

    name: str
    label: str
    unit: str
    hint: str
    value: str
    wrong: list[str]
    least: int
    slider: int
    notch: str
    mode: str

    @property
    def described(self) -> str:
        """The ids of what describes it."""
        told = [f"{self.name}-hint"] if self.hint else []
        return " ".join([*told, *([f"{self.name}-error"] if self.wrong else [])])


@dataclass(frozen=True, slots=True)
class Select:
    """A field with a few words to choose among."""

    name: str
    label: str
    hint: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; ``changed`` of them differ from the documents."""

    name: str
    numbers: list[Field]
    choices: list[Select]
    changed: int
    open: bool


def groups_of(case: Case, state: State, read: Read) -> list[Group]:
    """The groups of fields of a case, in order, as the state fills them."""
    says, numbers, choices = applicable(case), dict(state.numbers), dict(state.choices)
    wrong = {problem.at: problem for problem in read.problems}
    found = []
    for name in dict.fromkeys(control.group for control in (*NUMBERS, *CHOICES)):
        fields = [
            _field(c, says[c.name], numbers.get(c.name), read.typed.get(c.name))
            for c in NUMBERS
            if c.group == name and c.name in says
        ]
        selects = [_select(c, case, choices.get(c.name)) for c in CHOICES if c.group == name]
        changed = sum(f.name in numbers for f in fields) + sum(s.name in choices for s in selects)
        faulty = any(f.name in wrong for f in fields)
        opened = name in _OPEN or changed > 0 or faulty
        found.append(Group(name, fields, selects, changed, opened))
    return found


def _field(control: Number, says: Decimal | None, now: Decimal | None, typed: str | None) -> Field:
    shown = now if now is not None else says
    hint = ""
    if now is not None:
        told = say("web.none") if says is None else _written(says)
        hint = say("web.hint.document", value=told)
    elif says is None:
        hint = say("web.hint.none")
    wrong = []
    if typed is not None:
        code = "number" if control.step == "1" else "decimal"
        fields = {"text": typed, "least": control.least, "most": count(control.most)}
        label = say(f"web.control.{control.name}")
        wrong = [say(f"web.problem.{code}", label=label, **fields)]
    span = control.slider - control.least
    notch = control.step if control.step != "1" else str(max(1, span // 400))
    return Field(
        name=control.name,
        label=say(f"web.control.{control.name}"),
        unit=word(f"web.unit.{control.name}", ""),
        hint=hint,
        value=typed if typed is not None else "" if shown is None else _written(shown),
        wrong=wrong,
        least=control.least,
        slider=control.slider,
        notch=notch,
        mode="numeric" if control.step == "1" else "decimal",
    )


def _written(value: Decimal) -> str:
    """A number as the language writes it.

    >>> _written(Decimal(13000)), _written(Decimal("2.5"))
    ('13\\xa0000', '2.5')
    """
    return count(int(value)) if value == int(value) else localised(plain(value))


def _select(control: Choice, case: Case, now: str | None) -> Select:
    says = control.of(case)
    # All limits that hold or give way are said alike; the need is no limit but people.
    kind = "hard" if control.key.endswith(".hard") and control.group != "need" else control.name
    options = [(value, say(f"web.choice.{kind}.{value}")) for value in control.values]
    hint = ""
    if now is not None:
        hint = say("web.hint.document", value=say(f"web.choice.{kind}.{says}"))
    return Select(control.name, say(f"web.control.{control.name}"), hint, options, now or says)
