"""bosett propose --out FOLDER/ and bosett verify: runs that can be checked without a solver."""

import csv
import hashlib
import io
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import allocator
from allocator.program.verify import canonical, digest, verify

Run = Callable[..., Result]
Files = dict[str, str]

ROOT = Path(allocator.__file__).parents[1]
COMMAND = "from allocator.cli import main; main()"
NAMES = ["certificate.json", "manifest.json", "problem.json", "proposal.json", "result.csv"]


def proposed(bosett: Run, folder: Path, *arguments: str | Path) -> Path:
    result = bosett("propose", *arguments, "--out", f"{folder}/")
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    word, path = result.stderr.splitlines()[-1].split(maxsplit=1)
    assert word == "wrote"
    return Path(path)


def read(folder: Path) -> Files:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture(scope="module")
def ostfold(bosett: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return proposed(bosett, tmp_path_factory.mktemp("runs"), "ostfold-2016")


# -- what is written -------------------------------------------------------------------------------


def test_a_run_folder_holds_exactly_its_five_files_and_its_id(ostfold: Path) -> None:
    assert sorted(read(ostfold)) == NAMES
    manifest = json.loads(read(ostfold)["manifest.json"])
    assert ostfold.name == f"ostfold-2016-{manifest['id']}"
    assert re.fullmatch(r"[0-9a-f]{12}", manifest["id"])
    assert list(ostfold.parent.iterdir()) == [ostfold]


def test_the_files_are_the_proposal_in_the_forms_of_the_command(bosett: Run, ostfold: Path) -> None:
    files = read(ostfold)
    assert files["proposal.json"] == bosett("propose", "ostfold-2016", "--format", "json").stdout
    assert files["result.csv"] == bosett("propose", "ostfold-2016", "--format", "csv").stdout


def test_the_manifest_hashes_every_panel_file_that_was_read_and_no_other(
    bosett: Run, tmp_path: Path, panel: Path
) -> None:
    run = proposed(bosett, tmp_path / "runs", "ostfold-2016", "--panel", panel)
    inputs = json.loads(read(run)["manifest.json"])["inputs"]
    hashed = {name.removeprefix("panel/"): h for name, h in inputs.items() if "panel/" in name}
    assert {"municipalities.csv", "population/2015.csv", "requests/2015.csv"} <= set(hashed)
    assert "requests/2026.csv" not in hashed
    for name, found in hashed.items():
        assert found == hashlib.sha256((panel / name).read_bytes()).hexdigest()
    # Without the others the run is the same.
    for path in panel.rglob("*.csv"):
        if path.relative_to(panel).as_posix() not in hashed and path.parent == panel / "requests":
            path.unlink()
    again = bosett("propose", "ostfold-2016", "--panel", panel, "--out", f"{tmp_path / 'runs'}/")
    assert "is there already" in again.stderr


def test_the_id_is_the_hash_of_the_inputs_alone(ostfold: Path) -> None:
    manifest = json.loads(read(ostfold)["manifest.json"])
    fields = {key: manifest[key] for key in ("schema", "scenario", "model", "settings", "inputs")}
    fields["bosett"] = allocator.__version__
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert manifest["id"] == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_one_changed_figure_of_the_panel_makes_another_run(
    bosett: Run, ostfold: Path, tmp_path: Path, panel: Path
) -> None:
    table = panel / "population" / "2015.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    run = proposed(bosett, tmp_path / "runs", "ostfold-2016", "--panel", panel)
    assert run.name != ostfold.name
    assert read(run)["result.csv"] == read(ostfold)["result.csv"]


@pytest.mark.parametrize(
    "arguments",
    [["--set", "need.total=800"], ["--model", "population"], ["--set", "title=Another"]],
)
def test_another_document_makes_another_run(
    bosett: Run, ostfold: Path, tmp_path: Path, arguments: list[str]
) -> None:
    run = proposed(bosett, tmp_path, "ostfold-2016", *arguments)
    assert run.name != ostfold.name
    assert json.loads(bosett("verify", run, "--format", "json").stdout)["ok"]


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_the_same_inputs_make_the_same_bytes_in_another_process(
    ostfold: Path, tmp_path: Path, seed: str
) -> None:
    subprocess.run(
        [sys.executable, "-c", COMMAND, "propose", "ostfold-2016", "--out", f"{tmp_path}/"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert read(tmp_path / ostfold.name) == read(ostfold)


def test_nothing_in_a_run_says_when_or_where_it_was_made(
    bosett: Run, tmp_path: Path, panel: Path
) -> None:
    model = tmp_path / "mine.toml"
    shutil.copy(ROOT / "models" / "population.toml", model)
    arguments = ("--panel", panel, "--set", f"model={model}")
    run = proposed(bosett, tmp_path / "runs", "ostfold-2015", *arguments)
    text = "".join(read(run).values())
    for word in (str(tmp_path), socket.gethostname(), str(Path.home()), sys.executable):
        assert word not in text
    assert json.loads(read(run)["manifest.json"])["model"] == "mine"
    assert json.loads(bosett("verify", run, "--format", "json").stdout)["ok"]


# -- where it is written ---------------------------------------------------------------------------


def test_a_folder_that_is_there_needs_no_slash(bosett: Run, tmp_path: Path) -> None:
    result = bosett("propose", "ostfold-2015", "--out", tmp_path)
    assert (result.exit_code, result.stdout) == (0, "")
    (run,) = tmp_path.iterdir()
    assert result.stderr == f"wrote {run}\n"


def test_a_folder_is_made_with_the_folders_above_it(bosett: Run, tmp_path: Path) -> None:
    run = proposed(bosett, tmp_path / "a" / "b", "ostfold-2015")
    assert run.parent == tmp_path / "a" / "b"


def test_a_run_that_is_there_already_is_left_and_told_of(
    bosett: Run, ostfold: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(ostfold, tmp_path / ostfold.name))
    before = {path: path.stat().st_mtime_ns for path in run.iterdir()}
    result = bosett("propose", "ostfold-2016", "--out", f"{tmp_path}/")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{run} is there already, the same run\n"
    assert {path: path.stat().st_mtime_ns for path in run.iterdir()} == before
    assert list(tmp_path.iterdir()) == [run]


def test_a_damaged_run_is_not_written_over(bosett: Run, ostfold: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(ostfold, tmp_path / ostfold.name))
    (run / "result.csv").write_text("code\n", encoding="utf-8")
    result = bosett("propose", "ostfold-2016", "--out", f"{tmp_path}/")
    assert (result.exit_code, result.stdout) == (65, "")
    assert "result.csv' is there with other content" in result.stderr
    assert (run / "result.csv").read_text(encoding="utf-8") == "code\n"


def test_where_there_is_no_proposal_there_is_no_run(bosett: Run, tmp_path: Path) -> None:
    out = f"{tmp_path}/runs/"
    result = bosett("propose", "ostfold-2016", "--set", "ceiling.per_1000=0", "--out", out)
    assert (result.exit_code, result.stdout) == (3, "")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told_and_leaves_nothing(
    bosett: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = bosett("propose", "ostfold-2015", "--out", f"{tmp_path}/file/runs/")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot write" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_write_that_breaks_off_leaves_no_half_run(
    bosett: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "proposal.json":
            raise OSError(28, "No space left on device")
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    result = bosett("propose", "ostfold-2015", "--out", f"{tmp_path}/")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert not list(tmp_path.iterdir())


# -- verify: what holds ----------------------------------------------------------------------------

CHECKS = ["files", "manifest", "result", "proposal", "need", "limits", "steps", "even", "whole"]


def test_verify_tells_of_every_check_with_value_bound_and_gap(bosett: Run, ostfold: Path) -> None:
    result = bosett("verify", ostfold, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert (found["schema"], found["run"], found["ok"]) == (1, ostfold.name, True)
    checks = {check["name"]: check for check in found["checks"]}
    assert set(CHECKS) <= set(checks)
    assert all(check["status"] == "holds" and check["ok"] for check in checks.values())
    assert checks["whole"]["gap"] == pytest.approx(0, abs=1e-9)
    assert checks["whole"]["value"] == pytest.approx(checks["whole"]["bound"])


def test_verify_as_a_table_says_that_every_check_holds(bosett: Run, ostfold: Path) -> None:
    result = bosett("verify", f"{ostfold}/")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{ostfold.name} · every check holds\n")
    assert result.stdout.count("proven optimal") == 5


@pytest.mark.parametrize(
    ("arguments", "not_certified"),
    [
        (["norway-2026"], set()),
        (["norway-2026", "--set", "county.split=first"], set()),
        (["ostfold-2016", "--set", "county.split=first"], set()),
        (["ostfold-2016", "--set", "whole.step=7"], set()),
        (["ostfold-2016", "--set", "band.up=0.3", "--set", "band.hard=false"], {"even"}),
        (["norway-2026", "--set", "band.up=0.3", "--set", "band.hard=false"], {"ask"}),
        (["norway-2026", "--set", "minors.service=history"], set()),
        (["sor-trondelag-2015-2016"], set()),
        (["sor-trondelag-2015-2016", "--set", "goals.even=l2"], set()),
        (["ostfold-2015", "--set", "goals.even=l1"], set()),
        (["ostfold-2015", "--set", "goals.even=minimax"], set()),
    ],
)
def test_a_run_of_every_kind_holds_and_says_what_is_not_certified(
    bosett: Run, tmp_path: Path, arguments: list[str], not_certified: set[str]
) -> None:
    run = proposed(bosett, tmp_path, *arguments)
    result = bosett("verify", run, "--format", "json")
    found = json.loads(result.stdout)["checks"]
    assert result.exit_code == 0, [check for check in found if not check["ok"]]
    open_ = {check["name"]: check["detail"] for check in found if check["status"] != "holds"}
    assert set(open_) == not_certified
    assert all(open_.values())


def test_a_moved_or_renamed_folder_still_holds(bosett: Run, ostfold: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(ostfold, tmp_path / "elsewhere")
    assert bosett("verify", copied).exit_code == 0


def test_no_run_folder_is_missing_input(bosett: Run, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path(__file__)):
        result = bosett("verify", path)
        assert (result.exit_code, result.stdout) == (66, "")
        assert "no manifest.json" in result.stderr


# -- verify: what does not -------------------------------------------------------------------------


def damaged(folder: Path, ostfold: Path, files: Files) -> Path:
    path = folder / ostfold.name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8", newline="")
    return path


def failures(path: Path) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in verify(path) if not check.ok]


def rehashed(files: Files, *, seal: bool) -> Files:
    """The files with a manifest that has their hashes, and a seal of its own."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {name: digest(files[name].encode()) for name in manifest["files"]}
    if seal:
        del manifest["seal"]
        manifest["seal"] = digest(canonical(manifest))
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    return {**files, "manifest.json": text}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inside in items:
            yield from leaves(inside, (*path, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def with_number(text: str, path: tuple[Any, ...], number: Any) -> str:
    fields = json.loads(text)
    inside = fields
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = number
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_digit_altered_in_any_file_is_found(
    ostfold: Path, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    files = read(ostfold)
    digits = [found.start() for found in re.finditer(r"\d", files[name])]
    at = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != files[name][at]]))
    text = files[name][:at] + other + files[name][at + 1 :]
    found = failures(damaged(tmp_path, ostfold, {**files, name: text}))
    assert any(name in fault for fault in found), found


@pytest.mark.parametrize("name", [name for name in NAMES if name != "manifest.json"])
def test_a_hash_written_anew_in_the_manifest_breaks_its_seal(
    ostfold: Path, tmp_path: Path, name: str
) -> None:
    files = read(ostfold)
    altered = rehashed({**files, name: files[name].replace("5", "6", 1)}, seal=False)
    assert any(
        "manifest.json, seal" in fault for fault in failures(damaged(tmp_path, ostfold, altered))
    )


def some_numbers(run: Path, count: int) -> list[tuple[str, tuple[Any, ...], Any]]:
    files, luck = read(run), random.Random(2016)
    found = []
    for name in ("problem.json", "proposal.json", "certificate.json"):
        every = list(leaves(json.loads(files[name])))
        found += [(name, *leaf) for leaf in luck.sample(every, min(count, len(every)))]
    return found


def test_any_number_altered_is_found_even_when_every_hash_is_written_anew(
    ostfold: Path, tmp_path: Path
) -> None:
    files, missed = read(ostfold), []
    for name, path, number in some_numbers(ostfold, 120):
        for other in (number + 1, number * 1.02 if isinstance(number, float) else number - 5):
            text = with_number(files[name], path, other)
            altered = rehashed({**files, name: text}, seal=True)
            if text != files[name] and not failures(damaged(tmp_path, ostfold, altered)):
                missed.append((name, path, number, other))
    # A multiplier may be any of those that prove as much: then the proof still stands.
    assert [miss for miss in missed if "prices" not in miss[1]] == []
    assert len(missed) <= 3


@pytest.mark.parametrize("even", ["l1", "minimax"])
def test_any_number_of_a_linear_measure_of_evenness_altered_is_found(
    bosett: Run, tmp_path: Path, even: str
) -> None:
    run = proposed(bosett, tmp_path, "ostfold-2015", "--set", f"goals.even={even}")
    files, missed = read(run), []
    numbers = list(leaves(json.loads(files["certificate.json"])["even"], ("even",)))
    assert len(numbers) > 50
    for path, number in numbers:
        text = with_number(files["certificate.json"], path, number + 1)
        altered = rehashed({**files, "certificate.json": text}, seal=True)
        found = failures(damaged(tmp_path / "altered", run, altered))
        if not any(fault.startswith("even: certificate.json, even: ") for fault in found):
            missed.append((path, number))
    # A multiplier may be any of those that prove as much: then the proof still stands.
    assert [path for path, _ in missed if "prices" not in path] == []


def test_every_cell_of_the_result_is_held_to_the_proposal(ostfold: Path, tmp_path: Path) -> None:
    files = read(ostfold)
    rows = list(csv.reader(io.StringIO(files["result.csv"])))
    luck = random.Random(780)
    for _ in range(40):
        row, column = luck.randrange(1, len(rows)), luck.randrange(len(rows[0]))
        altered = [list(line) for line in rows]
        altered[row][column] += "1"
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(altered)
        found = failures(
            damaged(tmp_path, ostfold, rehashed({**files, "result.csv": out.getvalue()}, seal=True))
        )
        assert any(f"result.csv, row {row + 1}, {rows[0][column]}: " in fault for fault in found)


def test_what_fails_is_named_with_the_number_and_what_it_should_be(
    bosett: Run, ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    code, *cells = files["result.csv"].splitlines()[3].split(",")
    assert (code, cells[6]) == ("0105", "130")
    text = files["result.csv"].replace(",130,", ",135,", 1)
    result = bosett("verify", damaged(tmp_path, ostfold, {**files, "result.csv": text}))
    assert result.exit_code == 65
    assert "result.csv, row 4, total: 135 is not 130 as in proposal.json (0105)" in result.stdout
    assert "result.csv is not the file that was written" in result.stdout
    assert "2 of " in result.stderr


def test_a_value_that_the_numbers_do_not_give_is_told_with_the_one_they_do(
    ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    certificate = json.loads(files["certificate.json"])
    value, certificate["even"]["value"] = certificate["even"]["value"], 1.5
    files["certificate.json"] = json.dumps(certificate)
    found = failures(damaged(tmp_path, ostfold, rehashed(files, seal=True)))
    told = f"value: 1.5 is not {value!r}, which the numbers give"
    assert found == [f"even: certificate.json, even: {told}"]


def test_a_file_too_few_in_the_manifest_is_told_with_those_it_should_have(
    ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    manifest = json.loads(files["manifest.json"])
    del manifest["files"]["result.csv"], manifest["seal"]
    manifest["seal"] = digest(canonical(manifest))
    files["manifest.json"] = json.dumps(manifest)
    found = failures(damaged(tmp_path, ostfold, files))
    assert found[0] == (
        "files: manifest.json, files: certificate.json, problem.json, proposal.json is not "
        "certificate.json, problem.json, proposal.json, result.csv"
    )


def test_of_several_years_each_figure_is_held_to_the_problem(bosett: Run, tmp_path: Path) -> None:
    run = proposed(bosett, tmp_path, "sor-trondelag-2015-2016")
    files = read(run)
    assert failures(run) == []
    for name in ("population", "entitlement", "last_year"):
        proposal = json.loads(files["proposal.json"])
        row = proposal["municipalities"][0]
        row[name] += 1
        text = json.dumps(proposal, ensure_ascii=False, indent=1) + "\n"
        altered = rehashed({**files, "proposal.json": text}, seal=True)
        found = failures(damaged(tmp_path / "altered", run, altered))
        assert any(f"proposal.json, {row['code']}, {name}: " in fault for fault in found)


def test_a_person_taken_out_of_both_tables_leaves_the_need_unmet(
    ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    proposal = json.loads(files["proposal.json"])
    row = proposal["municipalities"][3]
    row["ordinary"] -= 1
    row["total"] -= 1
    files["proposal.json"] = json.dumps(proposal, ensure_ascii=False, indent=1) + "\n"
    found = failures(damaged(tmp_path, ostfold, rehashed(files, seal=True)))
    assert "need: need: ordinary sum to 582, the need is 583" in found
    assert any(fault.startswith("steps: ") for fault in found)
    assert any(fault.startswith("result: result.csv, row 5, total") for fault in found)


def test_persons_moved_between_municipalities_are_further_from_the_key(
    ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    proposal = json.loads(files["proposal.json"])
    for place, persons in ((2, 5), (3, -5)):
        for name in ("ordinary", "total"):
            proposal["municipalities"][place][name] += persons
    files["proposal.json"] = json.dumps(proposal, ensure_ascii=False, indent=1) + "\n"
    found = failures(damaged(tmp_path, ostfold, rehashed(files, seal=True)))
    assert any("certificate.json, whole: the gap" in fault for fault in found)
    assert not any(fault.startswith(("need", "limits", "steps")) for fault in found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [None, "", "[]", "{", '{"schema": 1}', "\x00"])
def test_a_file_that_is_gone_or_no_file_of_a_run_is_told_and_no_crash(
    bosett: Run, ostfold: Path, tmp_path: Path, name: str, content: str | None
) -> None:
    files = read(ostfold)
    del files[name]
    if content is not None:
        files[name] = content
    result = bosett("verify", damaged(tmp_path, ostfold, files))
    assert result.exit_code == (66 if name == "manifest.json" and content is None else 65)
    assert name in result.stdout + result.stderr
    assert "unexpected" not in result.stderr


def test_a_problem_written_anew_with_its_hash_is_not_the_one_that_was_asked(
    ostfold: Path, tmp_path: Path
) -> None:
    files = read(ostfold)
    text = with_number(files["problem.json"], ("population", 0), 1)
    found = failures(
        damaged(tmp_path, ostfold, rehashed({**files, "problem.json": text}, seal=True))
    )
    assert any("is not the problem whose hash is among the inputs" in fault for fault in found)


def test_an_input_written_anew_does_not_have_the_id(ostfold: Path, tmp_path: Path) -> None:
    files = read(ostfold)
    manifest = json.loads(files["manifest.json"])
    manifest["inputs"]["panel/population/2015.csv"] = "0" * 64
    files["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    found = failures(damaged(tmp_path, ostfold, rehashed(files, seal=True)))
    assert [fault for fault in found if "manifest.json, id" in fault]
