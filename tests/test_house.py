"""The house keeps its own order: one direction, small rooms, named doors, true examples."""

import ast
import doctest
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import allocator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "allocator"
MODULES = sorted(
    [allocator.__name__]
    + [found.name for found in pkgutil.walk_packages(allocator.__path__, "allocator.")]
)
FILES = sorted(PACKAGE.rglob("*.py"))
OWN = ("allocator", "models", "scenarios", "tests", "benchmarks", "docs")


def test_rooms_import_in_one_direction_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("name", MODULES)
def test_a_module_names_what_it_gives_in_order_and_gives_it(name: str) -> None:
    module = importlib.import_module(name)
    if name in ("allocator.cli",) or not public(module):
        return
    names = list(module.__all__)
    # Constants, then classes, then functions, each by the alphabet: as the linter has it.
    assert names == sorted(names, key=lambda given: (kind_of(given), given))
    assert len(set(names)) == len(names)
    assert all(hasattr(module, given) for given in names)


def kind_of(name: str) -> int:
    return 0 if name.isupper() else 1 if name[0].isupper() else 2


def public(module: ModuleType) -> bool:
    """Whether a module has anything of its own that others may use."""
    if module is allocator:
        return True
    tree = ast.parse(inspect.getsource(module))
    kinds = (ast.FunctionDef, ast.ClassDef, ast.ImportFrom)
    return any(isinstance(node, kinds) for node in tree.body) or hasattr(module, "__all__")


@pytest.mark.parametrize("name", MODULES)
def test_everything_a_module_gives_says_what_it_is(name: str) -> None:
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip()
    for given in getattr(module, "__all__", ()):
        thing = getattr(module, given)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            own = (vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__) or ""
            assert own.strip(), f"{name}.{given} says nothing"
            assert not own.startswith(f"{given}("), f"{name}.{given} has no words of its own"


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    module = importlib.import_module(name)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = doctest.testmod(module, optionflags=flags, verbose=False)
    assert found.failed == 0


def test_there_are_examples_at_all() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = [t for name in MODULES for t in finder.find(importlib.import_module(name))]
    assert sum(bool(test.examples) for test in tests) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_does_not_print_or_set_anything_global(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    if "warnings.catch_warnings" in called:  # a filter for a moment
        called -= {"warnings.simplefilter", "warnings.filterwarnings"}
    assert not called & {
        "print",
        "warnings.filterwarnings",
        "warnings.simplefilter",
        "logging.basicConfig",
        "locale.setlocale",
        "np.seterr",
    }
    stars = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]
    assert not stars


def test_no_file_mentions_a_path_of_the_machine_it_was_written_on() -> None:
    forbidden = ["/".join(("", "work", "")), "/".join(("", "tmp", "w")), "/".join(("", "root", ""))]
    paths = [path for path in ROOT.iterdir() if path.is_file()]
    paths += [path for folder in OWN for path in (ROOT / folder).rglob("*") if path.is_file()]
    found = []
    for path in paths:
        if "__pycache__" in path.parts:
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in forbidden if word in text]
    assert found == []


def test_documents_hold_no_python() -> None:
    for folder in ("models", "scenarios"):
        assert not list((ROOT / folder).rglob("*.py"))


def test_the_names_of_tests_are_sentences() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        short = [name for name in names if name.count("_") < 3]
        assert short == [], f"{path.name}: {short}"


@pytest.mark.parametrize("name", allocator.__all__)
def test_a_public_name_is_a_thing_to_call_however_often_it_is_asked_for(name: str) -> None:
    code = f"""
from allocator import {name}
first = {name}
import allocator.cli
from allocator import {name}
assert callable(first), first
assert {name} is first, {name}
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_package_gives_its_public_names_and_no_others() -> None:
    assert sorted(allocator.__all__) == allocator.__all__
    with pytest.raises(AttributeError, match="no attribute 'propse'"):
        allocator.__getattr__("propse")
