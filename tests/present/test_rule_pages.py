"""The pages of the rules are made from the documents, and are those the documents make now."""

from pathlib import Path

import pytest

from allocator.documents import load_model, shipped_names
from allocator.present.formulas import formula
from allocator.present.rules import pages
from tests.models.rules import changed

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
AGAIN = "make them again: python -m allocator.present.rules docs/rules"


def test_every_page_is_the_one_its_document_makes_now() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    made = pages()
    assert sorted(committed) == sorted(made), AGAIN
    stale = [name for name, text in made.items() if committed[name] != text]
    assert stale == [], AGAIN


@pytest.mark.parametrize("name", shipped_names("models"))
def test_a_formula_names_every_criterion_of_the_rule(name: str) -> None:
    model, text = load_model(name), "\n".join(formula(load_model(name)))
    for part, criterion in model.key.items():
        assert (criterion.indicator or part) in text
        assert all(other in text for other in criterion.modulated)
        assert (
            criterion.cap is None or f"≤ {criterion.cap.factor:g} · {criterion.cap.basis}" in text
        )


def test_a_formula_tells_every_limit_in_a_line_of_its_own() -> None:
    model = changed(
        "population",
        ceiling={"per_1000": 5.0, "there": "refugees_resident"},
        capacity={"factor": 1.5, "years": 2},
        county={"split": "band", "within": 0.1},
        share={"floor": 0.001},
    )
    assert formula(model)[2:] == [
        "s ≥ 0.001, the others giving in proportion",
        "x ≤ 5 · population/1000 − refugees_resident",
        "x ≤ 1.5 · the best of the last 2 years",
        "Σ x of a county = its Σ e, within 10%",
    ]
