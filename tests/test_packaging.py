"""What is shipped: the wheel, in a clean place, beside a user's own folders of the same names."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import allocator

ROOT = Path(__file__).parents[1]
RUN = "from allocator.cli import main; main()"

pytest.importorskip("build")
pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built here and now."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the wheel is installed in, without its dependencies."""
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--no-compile",
            "--disable-pip-version-check",
            "--target",
            target,
            wheel,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture
def beside_junk(tmp_path: Path) -> Path:
    """A user's folder with models and scenarios of their own that are none of ours."""
    junk = tmp_path / "work in progress"
    for folder in ("models", "scenarios"):
        (junk / folder).mkdir(parents=True)
        (junk / folder / "__init__.py").write_text("raise RuntimeError('not yours')\n")
    (junk / "models" / "population-history.toml").write_text("this is not toml")
    (junk / "scenarios" / "ostfold-2016.toml").write_text("neither = is = this")
    (junk / "scenarios" / "panel").mkdir()
    (junk / "scenarios" / "panel" / "municipalities.csv").write_text("junk")
    return junk


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed command. -S keeps an editable install of the checkout out of the way."""
    libraries = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PYTHONPATH"] = os.pathsep.join([str(installed), *sorted(libraries)])
    return subprocess.run(
        [sys.executable, "-S", "-c", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_adds_one_name_to_site_packages(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert names == {"allocator", f"bosett-{allocator.__version__}.dist-info"}


def test_the_wheel_has_all_documents_figures_schemas_and_the_mark_of_types(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("models", "scenarios"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"allocator/{path.relative_to(ROOT).as_posix()}" in inside
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "allocator").rglob("*.py")}
    assert modules <= inside
    assert "allocator/py.typed" in inside


def test_the_wheel_has_no_tests_and_nothing_compiled(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    parts = {part for name in inside for part in name.split("/")}
    assert not [part for part in parts if part.startswith("test") or part.endswith(".pyc")]


def test_the_wheel_says_what_it_needs_and_which_command_it_gives(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        info = f"bosett-{allocator.__version__}.dist-info"
        metadata = opened.read(f"{info}/METADATA").decode()
        entry = opened.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in opened.namelist()
    assert "\nName: bosett\n" in metadata
    assert "bosett = allocator.cli:main" in entry
    for library in ("click", "highspy", "numpy", "pulp", "pydantic"):
        assert f"\nRequires-Dist: {library}" in metadata


def test_it_is_the_installed_package_that_runs(installed: Path, beside_junk: Path) -> None:
    done = run(installed, beside_junk, "import allocator; print(allocator.__file__)")
    assert Path(done.stdout.strip()) == installed / "allocator" / "__init__.py"


def test_it_works_in_a_folder_with_models_and_scenarios_of_the_users_own(
    installed: Path, beside_junk: Path
) -> None:
    done = run(installed, beside_junk, RUN, "propose", "ostfold-2016", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert len(found["municipalities"]) == 18
    assert sum(row["total"] for row in found["municipalities"]) == 780
    assert sum(row["em"] for row in found["municipalities"]) == 197


def test_the_wheel_lists_the_documents_it_carries(installed: Path, beside_junk: Path) -> None:
    for kind in ("models", "scenarios"):
        done = run(installed, beside_junk, RUN, kind, "--format", "json")
        names = [row["name"] for row in json.loads(done.stdout)[kind]]
        assert names == sorted(path.stem for path in (ROOT / kind).glob("*.toml"))


def test_a_users_own_document_is_named_by_its_path(installed: Path, beside_junk: Path) -> None:
    done = run(installed, beside_junk, RUN, "propose", "scenarios/ostfold-2016.toml")
    assert done.returncode == 65
    assert done.stderr.startswith("bosett: scenarios/ostfold-2016.toml, line 1")


def test_an_installation_without_its_documents_says_so(installed: Path, tmp_path: Path) -> None:
    import shutil

    broken = Path(shutil.copytree(installed, tmp_path / "broken"))
    shutil.rmtree(broken / "allocator" / "models")
    done = run(broken, tmp_path, RUN, "models")
    assert done.returncode == 66
    assert "carries no folder 'models'" in done.stderr
    assert "Traceback" not in done.stderr
