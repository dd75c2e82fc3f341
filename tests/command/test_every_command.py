"""The command line as a whole: help, versions, exit codes, bytes – and never a traceback."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import allocator
from allocator.cli import main

Run = Callable[..., Result]

ROOT = Path(allocator.__file__).parents[1]
HEAVY = {"numpy", "pydantic", "pandas", "highspy", "pulp"}


def process(
    *arguments: str, seed: str = "0", code: str = "from allocator.cli import main; main()"
) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, env=environment, check=False
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["propose", "--help"], []])
def test_help_loads_none_of_the_heavy_libraries(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom allocator.cli import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = process(*arguments, code=code)
    loaded = set(done.stderr.decode().split())
    assert "allocator.cli" in loaded
    assert not HEAVY & loaded


def test_a_list_of_documents_loads_no_solver() -> None:
    code = (
        "import sys\nfrom allocator.cli import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = process("models", code=code)
    assert b"population-history" in done.stdout
    assert not {"highspy", "pulp", "pandas"} & set(done.stderr.decode().split())


def test_a_proposal_is_made_without_pandas() -> None:
    code = (
        "import sys\nfrom allocator.cli import main\n"
        "try:\n    main()\nfinally:\n    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = process("propose", "ostfold-2016", code=code)
    assert "pandas" not in done.stderr.decode().split()


@pytest.mark.parametrize("name", ["ostfold-2016", "norway-2026"])
def test_two_runs_give_the_same_bytes(name: str) -> None:
    runs = [process("propose", name, "--format", "json", seed=seed) for seed in ("1", "4242")]
    assert [run.returncode for run in runs] == [0, 0]
    assert runs[0].stdout == runs[1].stdout
    assert len(runs[0].stdout) > 1000


def test_letters_are_utf_8_whatever_the_terminal_says() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", "from allocator.cli import main; main()", "propose", "ostfold-2016"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0
    assert "Rømskog" in done.stdout.decode("utf-8")


def test_a_reader_that_stops_early_makes_no_noise() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(
        [sys.executable, "-c", "from allocator.cli import main; main()", "propose", "norway-2026"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.readline()
    run.stdout.close()
    told = run.stderr.read().decode()
    run.stderr.close()
    run.wait()
    assert "Traceback" not in told
    assert "Exception ignored" not in told


def test_the_version_is_the_packages(bosett: Run) -> None:
    result = bosett("--version")
    assert (result.exit_code, result.stderr) == (0, "")
    assert allocator.__version__ in result.stdout


def test_help_lists_every_command_with_one_line_each(bosett: Run) -> None:
    for arguments in (["--help"], ["-h"]):
        result = bosett(*arguments)
        assert result.exit_code == 0
        for name, command in main.commands.items():
            assert re.search(rf"^  {name} +\S", result.stdout, re.MULTILINE)
            assert command.help


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_option_of_every_command_has_help(name: str) -> None:
    for parameter in main.commands[name].params:
        if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
            assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize(
    ("word", "nearest"), [("proposs", "propose"), ("compar", "compare"), ("model", "models")]
)
def test_an_unknown_command_names_the_nearest(bosett: Run, word: str, nearest: str) -> None:
    result = bosett(word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no command '{word}'" in result.stderr
    assert f"'{nearest}'" in result.stderr


NASTY: list[tuple[int, list[str]]] = [
    (2, ["propose"]),
    (2, ["propose", "ostfold-2016", "--setting", "need.total=3"]),
    (2, ["propose", "ostfold-2016", "--format", "pdf"]),
    (2, ["compare", "ostfold-2016", "--out", "."]),
    (2, ["propose", "ostfold-2016", "--out", "runs/", "--format", "csv"]),
    (66, ["verify", "no/such/run"]),
    (66, ["verify", "."]),
    (2, ["propose", "ostfold-2016", "--set", "need.total"]),
    (2, ["compare", "ostfold-2016", "--with", "hoped"]),
    (2, ["frobnicate"]),
    (66, ["propose", "ostfold-1816"]),
    (66, ["propose", ""]),
    (66, ["propose", "."]),
    (66, ["propose", "no/such/file.toml"]),
    (66, ["propose", "ostfold-2016", "--model", "fair"]),
    (66, ["propose", "ostfold-2016", "--panel", "no-such-folder"]),
    (65, ["propose", "ostfold-2016", "--set", "need.total=lots"]),
    (65, ["propose", "ostfold-2016", "--set", "need.total=-5"]),
    (65, ["propose", "ostfold-2016", "--set", "need.total=99999999999999999999"]),
    (65, ["propose", "ostfold-2016", "--set", "area.county=99"]),
    (65, ["propose", "ostfold-2016", "--set", 'municipality."9999".lock=3']),
    (65, ["propose", "ostfold-2016", "--set", "municipality.0301.lock=3"]),
    (65, ["propose", "ostfold-2016", "--set", "year=1990"]),
    (65, ["propose", "ostfold-2016", "--set", "year=2100"]),
    (65, ["propose", "ostfold-2016", "--set", "as_of=1990-01-01"]),
    (65, ["propose", "ostfold-2016", "--set", "key={population=0}"]),
    (65, ["propose", "ostfold-2016", "--set", "key={}"]),
    (65, ["propose", "ostfold-2016", "--set", "key={ population = -1.0 }"]),
    (65, ["propose", "ostfold-2016", "--set", "key={ populaton = 1.0 }"]),
    (65, ["propose", "ostfold-2016", "--set", 'key={population={weight=1.0,period="soon"}}']),
    (65, ["propose", "ostfold-2016", "--set", 'key={requested={weight=1.0,period="soon"}}']),
    (65, ["propose", "ostfold-2016", "--set", 'key={population={weight=1.0,period=""}}']),
    (65, ["propose", "ostfold-2016", "--set", "municipality.0101=3"]),
    (65, ["propose", "ostfold-2016", "--set", "eligible.min_population=10000000"]),
    (65, ["compare", "ostfold-2016", "--vintage", "nope"]),
    (3, ["propose", "ostfold-2016", "--set", "ceiling.per_1000=0"]),
]


@pytest.mark.parametrize(
    ("code", "arguments"), NASTY, ids=[" ".join(arguments) for _, arguments in NASTY]
)
def test_a_nasty_command_ends_with_its_exit_code_and_words_and_no_data(
    bosett: Run, code: int, arguments: list[str]
) -> None:
    result = bosett(*arguments)
    assert result.exit_code == code, result.stderr
    assert result.stdout == ""
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr


# Awkward, but a proposal.
AWKWARD = [
    ["ostfold-2015", "--set", "need.total=0"],
    ["ostfold-2016", "--set", "need.em=0"],
    ["ostfold-2016", "--set", "need.total=781"],
    ["ostfold-2016", "--set", "whole.step=7"],
    [
        "ostfold-2016",
        "--set",
        'area={ municipality = ["0101", "0104"] }',
        "--set",
        "municipality={}",
    ],
    ["ostfold-2016", "--set", "municipality.0101.exempt=true"],
    ["ostfold-2016", "--set", "municipality.0101.lock=100000"],
    ["ostfold-2016", "--set", "lot.persons=200", "--set", "lot.every=true"],
    ["ostfold-2016", "--set", "goals.even=l1"],
    ["ostfold-2016", "--set", "goals.even=l2"],
    ["ostfold-2016", "--set", "goals.even=minimax"],
    ["norway-2026", "--set", "need.em_under15=0", "--set", "need.em_15_17=0"],
    ["norway-2026", "--set", "need.em_under15=0"],
    ["norway-2026", "--set", "area.county=03"],
    ["norway-2026", "--set", "need.total=651"],
]


@pytest.mark.parametrize("arguments", AWKWARD, ids=" ".join)
def test_an_awkward_but_possible_case_is_answered_or_refused_in_words(
    bosett: Run, arguments: list[str]
) -> None:
    result = bosett("propose", *arguments)
    assert result.exit_code in (0, 3, 65), result.stderr
    assert "unexpected" not in result.stderr
    assert (result.exit_code == 0) == bool(result.stdout)


@settings(max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=4))
def test_no_arguments_whatever_make_a_traceback(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 2, 65, 66)


@settings(max_examples=60)
@given(
    st.sampled_from(["need", "need.total", "area.county", "lot", "key", "year", "as_of", "a.b"]),
    st.text(max_size=12),
)
def test_no_setting_whatever_makes_a_traceback(key: str, value: str) -> None:
    result = CliRunner().invoke(main, ["propose", "ostfold-2016", "--set", f"{key}={value}"])
    assert result.exit_code in (0, 2, 3, 65), result.stderr
    assert "unexpected" not in result.stderr


def test_debug_shows_the_trace_of_what_was_not_foreseen() -> None:
    result = CliRunner().invoke(main, ["--debug", "propose", "ostfold-1816"])
    assert result.exit_code == 66


def test_a_remedy_names_no_command_that_does_not_exist() -> None:
    named = set()
    for path in sorted((ROOT / "allocator").rglob("*.py")):
        named |= set(re.findall(r"'bosett ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert named <= set(main.commands)
