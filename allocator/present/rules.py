"""A page for each shipped rule, made from its document: ``python -m allocator.present.rules DIR``.

What a rule gives Norway in 2026 is worked out by the engine from the need of that year.
"""

from __future__ import annotations

from pathlib import Path

from allocator.documents import Case, Model, Need, Scenario, load_model, shipped_names
from allocator.engine import propose_case
from allocator.errors import BosettError
from allocator.panel import Panel
from allocator.present.files import write
from allocator.present.formulas import formula
from allocator.proposal import Proposal, Request

__all__ = ["index", "page", "pages"]

YEAR, NEED, MINORS = 2026, 13_000, 651
CLASSES = (0, 2_000, 5_000, 10_000, 20_000, 50_000)


def pages(panel: Panel | None = None) -> dict[str, str]:
    """File name → text, for every shipped rule and an index of them."""
    figures = panel or Panel()
    found = {f"{name}.md": page(name, figures) for name in shipped_names("models")}
    return {**found, "README.md": index()}


def index() -> str:
    """The list of rules."""
    rows = [
        f"| [{name}]({name}.md) | {load_model(name).title} | {_years(load_model(name))} |"
        for name in shipped_names("models")
    ]
    head = [
        "# The rules",
        "",
        "Each is a document in `models/`, run by one engine. These pages are made from the",
        "documents by `python -m allocator.present.rules docs/rules`.",
        "",
        "| rule | what it is | years |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def page(name: str, panel: Panel) -> str:
    """One rule: where it comes from, its formula, what is modelled, what Norway would get."""
    model = load_model(name)
    lines = [
        f"# {model.title}",
        "",
        f"`{name}` · years: {_years(model)}",
        "",
        f"**Source.** {model.source}.",
        "",
        f"**Modelled.** {model.modelled}.",
        "",
        f"**Not modelled.** {model.not_modelled}.",
        "",
        "## Formula",
        "",
        "e is the entitlement and x the request of a municipality, N the need, and /Σ a share of "
        "the sum.",
        "",
        "```",
        *formula(model),
        "```",
        "",
        f"## Norway in {YEAR}",
        "",
        *_norway(name, model, panel),
    ]
    return "\n".join(lines) + "\n"


def _years(model: Model) -> str:
    first, last = model.valid_from, model.valid_to
    if first is None and last is None:
        return "none stated"
    if first == last:
        return f"{first}"
    return f"from {first}" if last is None else f"{first or ''}–{last}"


def _norway(name: str, model: Model, panel: Panel) -> list[str]:
    em = MINORS if model.ceiling.minors is not None else 0
    scenario = Scenario(
        title="Norway", source="IMDi", year=YEAR, model=name, need=Need(total=NEED, em=em)
    )
    try:
        found = propose_case(Case(name, scenario, name, model), panel)
    except BosettError as error:
        return [f"Not worked out: {error.faults[0].found}."]
    said = f"{_number(found.total)} persons in all"
    lines = [f"{said}, beside what was asked for in {YEAR} ({_number(NEED)}; IMDi).", ""]
    lines += ["| inhabitants | municipalities | persons | per 1 000 | asked, per 1 000 |"]
    lines += ["|---|--:|--:|--:|--:|"]
    asked = panel.requests(YEAR, "requested")
    actual = {code: figure.value or 0.0 for code, figure in asked.items()}
    for low, high in zip(CLASSES, (*CLASSES[1:], None), strict=True):
        inside = _inside(found, low, high)
        persons, real = sum(r.total for r in inside), sum(actual.get(r.code, 0) for r in inside)
        people = sum(r.population or 0 for r in inside)
        wide = f"{_number(low)}–{_number(high - 1)}" if high else f"{_number(low)} and more"
        cells = (len(inside), _number(persons), f"{1000 * persons / people:.1f}")
        lines.append(
            "| " + " | ".join(map(str, (wide, *cells, f"{1000 * real / people:.1f}"))) + " |"
        )
    return lines


def _inside(found: Proposal, low: int, high: int | None) -> list[Request]:
    return [r for r in found.municipalities if low <= (r.population or 0) < (high or 10**9)]


def _number(value: float) -> str:
    """
    >>> _number(13000), _number(900)
    ('13 000', '900')
    """
    return f"{value:,.0f}".replace(",", " ")


if __name__ == "__main__":
    import sys

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in pages().items():
        write(folder / file, text)
