"""Where a document is: a shipped name, or the path of a file of one's own."""

from __future__ import annotations

from pathlib import Path

from allocator.errors import Fault, MissingInputError
from allocator.locate import shipped

__all__ = ["find", "shipped_names"]

_UNKNOWN = {"models": "there is no model '{}'", "scenarios": "there is no scenario '{}'"}
_UNNAMED = {"models": "no model is named", "scenarios": "no scenario is named"}


def shipped_names(kind: str) -> list[str]:
    """The names of the shipped documents of a kind: ``models`` or ``scenarios``."""
    return sorted(path.stem for path in shipped(kind).glob("*.toml"))


def find(kind: str, name: str, hint: str = "") -> Path:
    """The file of a document: a shipped name, or a path that ends in ``.toml``.

    ``hint`` says from which place a path is looked for; it is told when there is no such file.

    >>> find("models", "population").name
    'population.toml'
    """
    if name.endswith(".toml"):
        path = Path(name)
        try:
            if path.is_file():
                return path
            fault = _no_file(kind, path, hint)
        except OSError as error:  # a name no file can have, a folder that may not be looked into
            fault = Fault("document.missing", f"'{name[:80]}' cannot be a file: {error.strerror}")
        raise MissingInputError(fault)
    names = shipped_names(kind)
    if name in names:
        return shipped(kind) / f"{name}.toml"
    from allocator.errors import did_you_mean

    word = kind[:-1]
    near = did_you_mean(Path(name).name, names) if name else ""
    ways = (
        f"'bosett {kind}' lists those that are shipped; "
        "one of your own is named by its path, such as my.toml"
    )
    raise MissingInputError(
        Fault(
            f"{word}.unknown",
            _UNKNOWN[kind].format(name) if name else _UNNAMED[kind],
            remedy="; ".join(part for part in (near, ways) if part).replace("?;", "?"),
        )
    )


def _no_file(kind: str, path: Path, hint: str) -> Fault:
    """A path that leads nowhere, with the files that are near it and the shipped name it has."""
    from difflib import get_close_matches

    word, folder, told = kind[:-1], path.parent, []
    if path.is_dir():
        told.append("it is a folder")
    elif not folder.is_dir():
        told.append(f"there is no folder '{folder}' either")
    else:
        stems = sorted(found.stem for found in folder.glob("*.toml") if found.is_file())
        near = [f"'{folder / stem}.toml'" for stem in get_close_matches(path.stem, stems, n=2)]
        told += [f"did you mean {' or '.join(near)}?"] if near else []
    shipped_near = get_close_matches(path.stem, shipped_names(kind), n=1, cutoff=0.8)
    told += [f"the shipped {word} is named '{name}', without .toml" for name in shipped_near]
    told += [hint] if hint else []
    remedy = "; ".join(told).replace("?;", "?")
    return Fault("document.missing", f"there is no file '{path}'", remedy=remedy)
