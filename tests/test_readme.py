"""What the README says is what happens: its commands are run and its output compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.M)


def console() -> list[tuple[str, str, str]]:
    """(page, command, expected output) of every ``$ bosett …`` in every page."""
    found = []
    for page in PAGES:
        for block in blocks(page, "console"):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                found.append((page.name, command, output))
    return found


def assert_same(expected: str, output: str) -> None:
    """Lines are equal in order; a line of … stands for any lines."""
    lines = iter(output.splitlines())
    skipping = False
    for wanted in expected.splitlines():
        if wanted == "…":
            skipping = True
            continue
        for line in lines:
            if line.rstrip() == wanted.rstrip():
                break
            assert skipping, f"expected {wanted!r}, found {line!r}"
        else:
            pytest.fail(f"the output has no line {wanted!r}")
        skipping = False


@pytest.mark.parametrize(("page", "command", "output"), console())
def test_a_command_of_the_documents_prints_what_they_show(
    bosett: Callable[..., Result], page: str, command: str, output: str
) -> None:
    name, *arguments = shlex.split(command)
    assert name == "bosett", page
    assert_same(output, bosett(*arguments).output)


def test_every_command_of_the_readme_table_works(
    bosett: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\| [^|]+ \| (`bosett [^|]+`) \|$", PAGES[0].read_text("utf-8"), re.M)
    assert len(commands) >= 8
    for cell in commands:
        for command in re.findall(r"`bosett ([^`]+)`", cell):
            assert bosett(*shlex.split(command)).exit_code == 0, command


def test_the_python_of_the_readme_runs() -> None:
    (code,) = blocks(PAGES[0], "python")
    exec(compile(code, "README.md", "exec"), {})


def test_the_scenario_of_the_readme_runs(bosett: Callable[..., Result], tmp_path: Path) -> None:
    (document,) = blocks(PAGES[0], "toml")
    mine = tmp_path / "my.toml"
    mine.write_text(document, encoding="utf-8")
    result = bosett("propose", mine)
    assert result.exit_code == 0, result.output
    assert re.search(r"0104 +Moss +60 ", result.output)


def test_continuous_integration_runs_the_readmes_own_test_command() -> None:
    command = "python3 -m pip install -e '.[test]' && pytest"
    assert command in PAGES[0].read_text("utf-8")
    assert "README.md" in (ROOT / ".ci" / "run").read_text("utf-8")
