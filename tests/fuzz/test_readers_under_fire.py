"""No bytes whatever make a reader fail other than in words, and no error changes a file."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import TOKENS, mutated
from tests.fuzz.targets import TARGETS
from tests.panel.importing import content

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXAMPLES = 3000 if NIGHTLY else 12


@pytest.mark.parametrize("name", TARGETS)
def test_true_samples_themselves_are_read(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_reader_answers_any_bytes_in_words(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    seed = data.draw(st.sampled_from(target.seeds))
    rng = data.draw(st.randoms(use_true_random=False))
    target.run(mutated(seed, random.Random(rng.getrandbits(64))))


@pytest.mark.parametrize("name", ["own-table", "ssb-jsonstat", "carry", "manifest"])
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(raw=st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(TOKENS)).map(b"".join)))
def test_a_reader_answers_bytes_from_nowhere_in_words(name: str, raw: bytes) -> None:
    TARGETS[name].run(raw)


@pytest.mark.parametrize("name", ["imdi-long", "imdi-crosstab", "own-table", "klass"])
def test_an_import_of_spoilt_bytes_ends_in_words_and_changes_no_file(
    bosett: Callable[..., Result], panel: Path, tmp_path: Path, name: str
) -> None:
    before, path = content(panel), tmp_path / "spoilt.csv"
    for turn in range(200 if NIGHTLY else 4):
        rng = random.Random(turn)
        path.write_bytes(mutated(rng.choice(TARGETS[name].seeds), rng))
        found = bosett("data", "import", path, "--panel", panel, "--year", "2026")
        assert found.exit_code in (0, 65, 66), found.output
        assert "Traceback" not in found.output
        assert "unexpected" not in found.output
        if found.exit_code:
            assert content(panel) == before
        before = content(panel)
