"""A run: one proposal with everything that went into it, as a folder that can be checked later.

The folder is written whole or not at all, and is the same bytes for the same inputs: its manifest
holds no time and no machine. Its id is a hash over the inputs, so two runs with one id are one run.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import allocator
from allocator.documents import Case
from allocator.engine import panel_of, prepare_case, proposal_of, solve_case
from allocator.errors import BadDataError, Fault, MissingInputError, UsageError
from allocator.panel import Panel
from allocator.present.tables import as_csv, as_json
from allocator.program.certificate import certify
from allocator.program.verify import Check, canonical, digest, identity, verify
from allocator.proposal import Proposal

__all__ = ["Run", "run", "verify_run", "write_run"]


_ABANDONED = 3600.0  # seconds after which a folder that was being written belongs to nobody
_NAMES = {"certificate.json", "manifest.json", "problem.json", "proposal.json", "result.csv"}


@dataclass(frozen=True, slots=True)
class Run:
    """A proposal and the files of its run folder: name → text."""

    proposal: Proposal
    name: str
    files: dict[str, str]


def run(
    case: Case,
    settings: Iterable[str] = (),
    *,
    panel: Path | str | None = None,
    time_limit: float | None = None,
) -> Run:
    """Propose, and put down what is needed to check the proposal without a solver.

    ``settings`` are the texts that made the case, for the reader: the case's own documents count.

    >>> from allocator.documents import load_case
    >>> made = run(load_case("ostfold-2016"))
    >>> made.name.startswith("ostfold-2016-"), sorted(made.files)[:2]
    (True, ['certificate.json', 'manifest.json'])
    """
    figures = panel_of(case, panel)
    prepared = prepare_case(case, figures)
    solution = solve_case(case, prepared, figures, time_limit=time_limit)
    proposal = proposal_of(case, prepared, solution)
    certified = certify(prepared.problem, solution)
    fields = proposal.as_dict()
    files = {
        "certificate.json": as_json(certified.certificate),
        "problem.json": as_json(certified.problem),
        "proposal.json": as_json(fields),
        "result.csv": as_csv(fields["municipalities"]),
    }
    # A time limit that was not reached has changed nothing.
    stopped = None if solution.gap is None else time_limit
    manifest = _manifest(case, list(settings), stopped, figures, files)
    files["manifest.json"] = as_json(manifest)
    return Run(proposal, f"{case.name}-{manifest['id']}", files)


def _manifest(
    case: Case, settings: list[str], time_limit: float | None, panel: Panel, files: dict[str, str]
) -> dict[str, Any]:
    documents = {
        "scenario": _portable(case.scenario.as_dict()),
        "model": case.rule.as_dict(),
    }
    hashes = {name: digest(text.encode()) for name, text in sorted(files.items())}
    read = {
        f"panel/{name}": digest((panel.folder / name).read_bytes())
        for name in sorted(panel.files_read)
    }
    manifest: dict[str, Any] = {
        "schema": 1,
        "scenario": case.name,
        "model": case.model,
        "settings": {
            "set": [_portable_setting(text) for text in settings],
            "time_limit": time_limit,
        },
        "versions": {
            "bosett": allocator.__version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
            **{name: version(name) for name in ("numpy", "highspy", "pulp")},
        },
        "inputs": {
            **{kind: digest(canonical(document)) for kind, document in documents.items()},
            "problem": hashes["problem.json"],
            **read,
        },
        "files": hashes,
        "documents": documents,
    }
    manifest = {"id": identity(manifest), **manifest}
    return {**manifest, "seal": digest(canonical(manifest))}


# The keys of a scenario that may name another document by its path.
_DOCUMENTS = ("model", "base")


def _portable(scenario: dict[str, Any]) -> dict[str, Any]:
    """A scenario without the place where other documents lie on this machine."""
    paths = {key: scenario[key] for key in _DOCUMENTS if scenario.get(key)}
    names: dict[str, Any] = {key: Path(path).stem for key, path in paths.items()}
    if scenario.get("panel"):  # its tables go into the hash themselves
        names["panel"] = {"folder": Path(scenario["panel"]["folder"]).name}
    return {**scenario, **names}


def _portable_setting(setting: str) -> str:
    """The same for one ``key=value``."""
    key, equals, value = setting.partition("=")
    places = (*_DOCUMENTS, "panel.folder")
    return f"{key}{equals}{Path(value).stem}" if key.strip() in places else setting


def write_run(made: Run, folder: Path) -> tuple[Path, bool]:
    """Write ``folder/<scenario>-<id>/``; its path, and whether it is new.

    The files are written aside and the folder is renamed, so that only whole runs exist. A run
    that is there already with the same content is left as it is. Raises
    :class:`~allocator.errors.BadDataError` when it is there with other content.
    """
    path = folder / made.name
    try:
        if path.exists():
            return _compared(made, path), False
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        aside = Path(tempfile.mkdtemp(prefix=f".{made.name}.", dir=folder))
        try:
            for name, text in made.files.items():
                path_aside = aside / name
                path_aside.write_bytes(text.encode())
                path_aside.chmod(0o644)
                with path_aside.open("rb+") as file:
                    os.fsync(file.fileno())  # on disk before the folder has its name
            aside.chmod(0o755)
            try:
                aside.rename(path)
            except OSError:
                # Somebody else has just written the same run.
                if path.exists():
                    return _compared(made, path), False
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(Fault("out.unwritable", f"cannot write '{path}': {reason}")) from None
    return path, True


def _sweep(folder: Path) -> None:
    """Take away what a writer that was killed left behind, an hour after."""
    for left in folder.glob(".*-*.????????"):
        ours = left.is_dir() and {path.name for path in left.iterdir()} <= _NAMES
        if ours and time.time() - left.stat().st_mtime > _ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _compared(made: Run, path: Path) -> Path:
    faults = [
        Fault(
            "run.other",
            f"'{path / name}' is there with other content",
            remedy=f"'bosett verify {path}' says what is wrong with it; remove it to write anew",
        )
        for name, text in sorted(made.files.items())
        if not (path / name).is_file() or (path / name).read_bytes() != text.encode()
    ]
    if faults:
        raise BadDataError(faults)
    return path


def verify_run(folder: Path) -> list[Check]:
    """The checks of a run folder.

    Raises :class:`~allocator.errors.MissingInputError` when it is none.
    """
    try:
        return verify(folder)
    except (FileNotFoundError, NotADirectoryError):
        raise MissingInputError(
            Fault(
                "run.missing",
                f"'{folder}' is no run folder: it has no manifest.json",
                remedy="'bosett propose SCENARIO --out FOLDER/' writes one and tells its path",
            )
        ) from None
