"""A run folder checked without a solver: hashes, whole persons in integers, bounds in fractions.

Only the standard library is needed: no solver, no floating-point arithmetic. ``verify`` says for
each check whether it holds, and names the file and the number that does not.

What it cannot see: a folder that was rewritten consistently in full, with every hash, is another
run and not a damaged one; make the run again and compare the two ids. Texts (names, notes,
warnings) and the period of a figure are guarded by the hashes alone, and a multiplier that was
changed so that the proof still holds still proves.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.program.integers import feasibility
from allocator.program.judged import Proof
from allocator.program.proof import prove

__all__ = ["FILES", "Check", "canonical", "digest", "identity", "verify"]

FILES = ("certificate.json", "problem.json", "proposal.json", "result.csv")
_TOLD = 5
_Faults = Iterator[str]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: "holds", "fails" or "not certified", and what was found."""

    name: str
    status: str
    detail: str = ""
    bound: float | None = None
    value: float | None = None
    gap: float | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.status != "fails"


def canonical(fields: Any) -> bytes:
    """Fields as JSON in the one form that is hashed.

    >>> canonical({"b": [1, 0.5], "a": "å"}).decode()
    '{"a":"å","b":[1,0.5]}'
    """
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def identity(manifest: Mapping[str, Any]) -> str:
    """A run's id: the first 12 digits of the hash over what went into it.

    That is the scenario's and model's effective documents, the bytes of every panel file that was
    read, the problem they make, the settings, and the version of bosett; no time and no machine.
    """
    hashed = {key: manifest[key] for key in ("schema", "scenario", "model", "settings", "inputs")}
    return digest(canonical({**hashed, "bosett": manifest["versions"]["bosett"]}))[:12]


def verify(folder: Path | str) -> list[Check]:
    """Every check of a run folder, in order.

    Raises :class:`FileNotFoundError` when there is no ``manifest.json``: then it is no run folder.
    """
    folder = Path(folder)
    contents = {"manifest.json": (folder / "manifest.json").read_bytes()}
    for name in FILES:
        if (folder / name).is_file():
            contents[name] = (folder / name).read_bytes()
    checks, parsed = [], dict[str, Any]()
    for name in ("manifest.json", *FILES):
        try:
            parsed[name] = _parsed(name, contents[name])
        except KeyError:
            checks.append(Check(name, "fails", f"{name} is missing"))
        except (ValueError, RecursionError) as error:
            checks.append(Check(name, "fails", f"{name} cannot be read: {error}"))
    if "manifest.json" in parsed:
        checks += _run("files", "manifest.json", lambda: _hashes(parsed["manifest.json"], contents))
        checks += _run(
            "manifest", "manifest.json", lambda: _manifest(parsed["manifest.json"], folder)
        )
    if len(parsed) == 1 + len(FILES):
        checks += _contents(*(parsed[name] for name in ("manifest.json", *FILES)))
    return checks


def _contents(
    manifest: Any, certificate: Any, problem: Any, proposal: Any, rows: list[list[str]]
) -> Iterator[Check]:
    """What the files say, against each other and against arithmetic."""
    yield from _run("result", "result.csv", lambda: _same_rows(rows, proposal))
    yield from _run("proposal", "proposal.json", lambda: _same_case(manifest, problem, proposal))
    yield from _run("schema", "a file", lambda: _schemas(problem, certificate, proposal))
    for name, found in feasibility(problem, proposal, certificate):
        yield from _run(name, "problem.json or proposal.json", found)
    try:
        groups = problem["groups"]
        persons = [[row[group] for group in groups] for row in proposal["municipalities"]]
        proofs = prove(problem, persons, certificate)
    except _WRONG as error:
        yield Check("bounds", "fails", f"certificate.json cannot be worked with: {_told(error)}")
        return
    for name, proof in proofs.items():
        yield from _bound(name, proof, certificate.get(name))


_WRONG = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)


def _run(name: str, where: str, check: Callable[[], _Faults]) -> Iterator[Check]:
    """One check: it holds, or its first faults; ``where`` it cannot even be worked out."""
    try:
        faults = list(check())
    except _WRONG as error:
        faults = [f"{where} cannot be worked with: {_told(error)}"]
    if not faults:
        yield Check(name, "holds")
    for fault in faults[:_TOLD]:
        yield Check(name, "fails", fault)
    if len(faults) > _TOLD:
        yield Check(name, "fails", f"and {len(faults) - _TOLD} more")


def _told(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _parsed(name: str, content: bytes) -> Any:
    text = content.decode("utf-8")
    if name.endswith(".csv"):
        return list(csv.reader(io.StringIO(text), strict=True))

    found = json.loads(text, parse_constant=lambda _: None)  # NaN and Infinity are no numbers
    if not isinstance(found, dict):
        raise ValueError("it is no table of names and values")
    return found


def _hashes(manifest: Mapping[str, Any], contents: Mapping[str, bytes]) -> _Faults:
    """Every file is the one the manifest was written with."""
    stated = manifest["files"]
    if sorted(stated) != sorted(FILES):
        yield f"manifest.json, files: {', '.join(sorted(stated))} is not {', '.join(FILES)}"
    for name in FILES:
        if name in contents and stated.get(name) != digest(contents[name]):
            yield f"{name} is not the file that was written: its hash is not in manifest.json"


def _manifest(manifest: Mapping[str, Any], folder: Path) -> _Faults:
    """The manifest agrees with itself: its seal, its id, its documents, its folder."""
    unsealed = {key: value for key, value in manifest.items() if key != "seal"}
    if manifest["schema"] != 1:
        yield f"manifest.json, schema: {manifest['schema']} is not 1"
    if manifest["seal"] != digest(canonical(unsealed)):
        yield "manifest.json, seal: is not the hash of the manifest's other parts"
    if manifest["id"] != identity(manifest):
        yield f"manifest.json, id: {manifest['id']} is not that of its inputs, {identity(manifest)}"
    for kind, document in manifest["documents"].items():
        if manifest["inputs"].get(kind) != digest(canonical(document)):
            yield f"manifest.json, documents, {kind}: is not the document that was hashed"
    if manifest["inputs"]["problem"] != manifest["files"].get("problem.json"):
        yield "problem.json is not the problem whose hash is among the inputs"
    own, resolved = f"{manifest['scenario']}-{manifest['id']}", folder.resolve().name
    if resolved.startswith(f"{manifest['scenario']}-") and resolved != own:
        yield f"manifest.json, id: the folder is named {resolved}, the run {own}"


def _same_rows(rows: list[list[str]], proposal: Mapping[str, Any]) -> _Faults:
    """``result.csv`` has the numbers of ``proposal.json``, cell by cell."""
    stated = proposal["municipalities"]
    if not rows or len(rows) - 1 != len(stated):
        yield f"result.csv: {max(len(rows) - 1, 0)} rows, not {len(stated)} as in proposal.json"
        return
    header = rows[0]
    if stated and header != list(stated[0]):
        yield "result.csv, row 1: the columns are not the fields of proposal.json"
        return
    for number, (row, fields) in enumerate(zip(rows[1:], stated, strict=True), start=2):
        if len(row) != len(header):
            yield f"result.csv, row {number}: {len(row)} cells, not {len(header)}"
            continue
        for name, cell in zip(header, row, strict=True):
            expected = _cell(fields[name])
            if cell != expected:
                place = f"result.csv, row {number}, {name}"
                yield f"{place}: {cell or 'nothing'} is not {expected or 'nothing'} as in " + (
                    f"proposal.json ({fields['code']})"
                )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _schemas(*files: Mapping[str, Any]) -> _Faults:
    for name, fields in zip(("problem", "certificate", "proposal"), files, strict=True):
        if fields["schema"] != 1:
            yield f"{name}.json, schema: {fields['schema']} is not 1"


def _same_case(
    manifest: Mapping[str, Any], problem: Mapping[str, Any], proposal: Mapping[str, Any]
) -> _Faults:
    """``proposal.json`` is of the manifest's documents and of ``problem.json``."""
    scenario, model = (manifest["documents"][kind] for kind in ("scenario", "model"))
    need = _need(scenario["need"])
    if model["whole"].get("total") == "own":  # the rule's own numbers, whatever they sum to
        need["total"] = round(sum(map(Fraction, problem["entitlement"])))
    wanted = {
        "scenario": manifest["scenario"],
        "model": manifest["model"],
        "title": scenario["title"],
        "year": scenario["year"],
        "as_of": scenario["as_of"] or f"{scenario['year'] - 1}-10-31",
        "assumption": scenario["need"]["assumption"],
        "need": need,
    }
    yield from (
        f"proposal.json, {name}: {proposal[name]} is not {value} as in manifest.json"
        for name, value in wanted.items()
        if proposal[name] != value
    )
    keys = {"total": model["key"], "minors": model["minors"]["key"]}
    for part in proposal["inputs"]:
        weight = f"{keys[part['key']][part['criterion']]['weight']:g}"
        if part["weight"] != weight:
            yield f"proposal.json, inputs, {part['criterion']}: {part['weight']} is not {weight}"
    rows = proposal["municipalities"]
    years = bool(proposal["years"])
    codes = [f"{row['code']}_{row['year']}" if years else row["code"] for row in rows]
    if codes != problem["codes"]:
        yield "proposal.json: its municipalities are not those of problem.json"
        return
    for m, row in enumerate(rows):
        for name, value in (
            (
                "year" if years else "county",
                (int if years else str)(problem["counties"][problem["county_of"][m]]),
            ),
            ("population", _whole(problem["population"][m])),
            ("entitlement", round(float(problem["entitlement"][m]), 6)),
            ("last_year", _whole(problem["last"][m])),
        ):
            if years and name == "last_year" and row["year"] > proposal["year"]:
                continue  # the number planned for the year before, which is no figure of a year
            if row[name] != value:
                yield (
                    f"proposal.json, {row['code']}, {name}: {row[name]} is not {value} "
                    "as in problem.json"
                )


def _need(need: Mapping[str, Any]) -> dict[str, Any]:
    ages = (need["em_under15"], need["em_15_17"])
    minors = need["em"] if need["em"] is not None else sum(number or 0 for number in ages)
    return {"total": need["total"], "em": minors, "em_under15": ages[0], "em_15_17": ages[1]}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(Fraction(value))


def _bound(name: str, proof: Proof, stated: Mapping[str, Any] | None) -> Iterator[Check]:
    """A stage's value and bound, against what the certificate says they are."""
    faults = list(proof.faults)
    for word, number in (("value", proof.value), ("bound", proof.bound)):
        said = None if stated is None else stated.get(word)
        if said != (None if number is None else float(number)):
            shown = "none" if number is None else repr(float(number))
            faults.append(f"{word}: {said} is not {shown}, which the numbers give")
    numbers = [None if n is None else float(n) for n in (proof.bound, proof.value, proof.gap)]
    if faults:
        for fault in faults[:_TOLD]:
            yield Check(name, "fails", f"certificate.json, {name}: {fault}", *numbers)
    elif proof.bound is None or (proof.proven is None and proof.reason):
        yield Check(name, "not certified", proof.reason, *numbers)
    elif proof.proven is None:
        over = float((proof.gap or 0) / proof.value) if proof.value else 0.0
        detail = f"at most {over:.2%} above the best: a relaxation gives the bound"
        yield Check(name, "holds", detail, *numbers)
    else:
        yield Check(name, "holds", "proven optimal", *numbers)
