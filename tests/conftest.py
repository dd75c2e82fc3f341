"""The few things most tests want: the command, and a panel of one's own to change."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from allocator.cli import main
from allocator.locate import shipped

# A machine that is busy with something else is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def bosett() -> Callable[..., Result]:
    """The real command, run in this process; stdout and stderr are kept apart."""

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    """A copy of the shipped panel that a test may change."""
    return Path(shutil.copytree(shipped("scenarios") / "panel", tmp_path / "panel"))
