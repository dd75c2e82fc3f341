"""Sweeps: every point as if it were solved alone, whoever solves it, stopped or not."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as each
from hypothesis import settings as examples
from hypothesis import strategies as st

from allocator.documents import Opened, load_case
from allocator.engine import prepare_case, propose
from allocator.errors import BadDataError, BosettError, StoppedError, UsageError
from allocator.panel import Panel, View
from allocator.program.memory import Remembered
from allocator.program.prepare import prepare
from allocator.study.cases import Cases
from allocator.study.executors import chunks, given, workers
from allocator.study.plan import Plan, plan_of
from allocator.study.points import BINDING, Solver
from allocator.study.pool import processes
from allocator.sweeps import rows_of, sweep, write_parquet

PANEL = Panel()
OSTFOLD = ["need.total=600:900:10", "band.up=0.1,0.5,2"]
KEYS: dict[str, st.SearchStrategy[str]] = {
    "need.total": st.integers(3000, 40000).map(str),
    "need.em": st.integers(0, 1500).map(str),
    "capacity.factor": st.sampled_from(["0.4", "0.8", "1.2", "3"]),
    "capacity.hard": st.sampled_from(["true", "false"]),
    "lot.persons": st.sampled_from(["0", "5", "10"]),
    "county.split": st.sampled_from(["free", "first"]),
    "goals.even": st.sampled_from(["leximin", "l1", "minimax"]),
    "model": st.sampled_from(["population", "equal-load", "last-year", "imdi-2018"]),
    "override": st.sampled_from(["oslo-held", "cities-20-less", "small-exempt", "none"]),
    "key.population": st.sampled_from(["0.2", "0.9"]),
    "eligible.min_population": st.sampled_from(["0", "3000", "10000000"]),
    "whole.step": st.sampled_from(["1", "5"]),
    "municipality.0301.capacity": st.sampled_from(["100", "900"]),
    "as_of": st.sampled_from(["2024-12-31", "2026-10-31"]),
}


def result_of(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("result.csv", "runs.csv", "summary.csv", "flips.csv", "manifest.json")
    }


def alone(plan: Plan, point: int) -> str:
    """The rows of a point, from ``propose`` and nothing of the sweep's own."""
    settings, overrides = plan.asked_of(point)
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    lead = [point, *plan.values_of(point)]
    try:
        name = "+".join((plan.opened.name, *overrides))
        found = propose(name, settings, panel=PANEL)
    except BosettError as error:
        status = "infeasible" if error.exit_code == 3 else "refused"
        told, more = str(error.faults[0]).removeprefix("no proposal: "), len(error.faults) - 1
        if status == "refused" and more:
            told += f" (and {more} more)"
        write([*lead, *[""] * 7, status, told])
        return out.getvalue()
    for row in found.municipalities:
        ages = (row.em_under15, row.em_15_17)
        numbers = [row.total, row.ordinary, *("" if n is None else n for n in ages), row.em]
        write([*lead, row.code, *numbers, " ".join(row.binding), found.status, ""])
    return out.getvalue()


# -- the same numbers ------------------------------------------------------------------------------


@examples(max_examples=8, deadline=None)
@each(st.data())
def test_every_point_of_a_random_sweep_has_the_bytes_of_propose_alone(data: st.DataObject) -> None:
    keys = data.draw(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=4, unique=True))
    vary = []
    for key in keys:
        values = data.draw(st.lists(KEYS[key], min_size=1, max_size=2, unique=True))
        vary.append(f"{key}={','.join(values)}")
    # Who is asked is an integer program of a tenth of a second: not in every example.
    plan = plan_of("norway-2027", vary, settings=["lot.persons=0", "lot.minors=0"])
    solver = Solver(plan)
    together = solver.chunk(0, len(plan)).rows.decode()
    points = range(len(plan)) if len(plan) <= 3 else sorted({0, len(plan) // 2, len(plan) - 1})
    for point in points:
        expected = alone(plan, point)
        assert expected in together
        assert solver.chunk(point, point + 1).rows.decode() == expected


@pytest.mark.parametrize(
    ("scenario", "vary", "draw"),
    [
        ("ostfold-2016", ["need.total=700:860:40", "whole.step=1,5"], []),
        ("ostfold-2016", ["county.split=free,first"], ["key=dirichlet(30)"]),
        ("norway-2026", ["need.em_under15=60,100"], ["need.total=poisson(13000)"]),
        ("norway-2025", ["override=none,july-cut"], []),
        ("ostfold-2016", ["model=earlier-rounds,population", "need.total=700,800"], []),
    ],
)
def test_every_point_of_a_sweep_of_a_shipped_case_has_the_bytes_of_propose_alone(
    scenario: str, vary: list[str], draw: list[str]
) -> None:
    plan = plan_of(scenario, vary, draw, draws=2)
    found = Solver(plan).chunk(0, len(plan)).rows.decode()
    assert found == "".join(alone(plan, point) for point in range(len(plan)))


@examples(max_examples=10, deadline=None)
@each(st.lists(st.sampled_from(sorted(KEYS)), min_size=1, max_size=4, unique=True), st.data())
def test_what_is_remembered_changes_nothing_about_a_problem(
    keys: list[str], data: st.DataObject
) -> None:
    opened = Opened("norway-2027")
    remembered: dict[date, Remembered] = {}
    for _ in range(3):
        settings = [f"{key}={data.draw(KEYS[key])}" for key in keys if key != "override"]
        try:
            case = opened.case(settings)
            assert case == load_case("norway-2027", settings)
            plain = prepare_case(case, PANEL)
        except BosettError:
            continue
        day = case.scenario.knows_until
        known = remembered.setdefault(day, Remembered(View(PANEL, 2027, day)))
        kept = prepare(case, known)
        assert kept.warnings == plain.warnings
        assert np.array_equal(kept.problem.entitlement, plain.problem.entitlement)
        assert [b.family for b in kept.problem.bounds] == [b.family for b in plain.problem.bounds]
        for one, other in zip(kept.problem.bounds, plain.problem.bounds, strict=True):
            assert np.array_equal(one.index, other.index)
            assert np.array_equal(one.lower, other.lower)
            assert np.array_equal(one.upper, other.upper)


@pytest.mark.parametrize(
    "vary",
    [
        ["need.total=100,780", "need.em=150,197", "capacity.factor=0.8,1"],  # more minors than all
        ["model=population,equal-load", "lot.persons=5,-1", "whole.method=up,nearest"],
        ["as_of=2015-10-31,2017-01-01", "municipality.0101.lock=20", "whole.total=own,need"],
        ["key.population=0.2,0.9", "county.split=free,first", "minors.service=all,declared"],
    ],
)
def test_a_case_put_together_from_its_tables_is_the_case_that_is_read(vary: list[str]) -> None:
    plan = plan_of("ostfold-2016", vary)
    cases = Cases(plan)
    for point in range(len(plan)):
        try:
            expected = plan.case(point)
        except BosettError as error:
            told = str(error)
        else:
            assert cases.case(point) == expected
            continue
        with pytest.raises(BosettError, match=f"^{re.escape(told)}$"):
            cases.case(point)


OWN = """\
base = "ostfold-2016"
panel = { folder = "figures" }
"""


def test_a_scenario_with_figures_of_its_own_is_swept_on_them(tmp_path: Path) -> None:
    shutil.copytree(PANEL.folder, tmp_path / "figures")
    for figures in (tmp_path / "figures" / "population").glob("*.csv"):
        text = figures.read_text(encoding="utf-8")
        figures.write_text(re.sub(r"\b(0101,)", r"\g<1>9", text), encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(OWN, encoding="utf-8")
    plan = plan_of(str(mine), ["need.total=700,800"])
    rows = Solver(plan).chunk(0, 2).rows.decode().splitlines()
    for point, total in enumerate(("700", "800")):
        for panel, same in ((None, True), (PANEL, False)):
            told = propose(str(mine), [f"need.total={total}"], panel=panel).municipalities
            asked = [f"{point},{total},{row.code},{row.total}" for row in told]
            mine_ = [",".join(row.split(",")[:4]) for row in rows if row.startswith(f"{point},")]
            assert (asked == mine_) is same
    with pytest.raises(UsageError, match="a sweep is of one panel"):
        plan_of(str(mine), ["panel.folder=a,b"])


def test_a_plan_of_several_years_has_a_row_for_each_municipality_and_year(tmp_path: Path) -> None:
    plan = plan_of("sor-trondelag-2015-2016", ["need.total=640:670:30"])
    rows = rows_of(sweep(plan, tmp_path / "s"), "result.csv")
    expected = propose("sor-trondelag-2015-2016", ["need.total=640"]).municipalities
    found = [(r["code"], r["year"], r["total"]) for r in rows if r["run"] == 0]
    assert found == [(row.code, row.year, row.total) for row in expected]


# -- whoever solves --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("sweep") / "s"
    sweep(plan_of("ostfold-2016", OSTFOLD), folder)
    return result_of(folder)


class Backwards(Executor):
    """Solves what it was given last first, and only when somebody asks."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **more: Any) -> Any:
        from concurrent.futures import Future

        mine = self

        class Late(Future):  # type: ignore[type-arg]
            def result(self, timeout: float | None = None) -> Any:
                while mine.waiting:
                    future, work = mine.waiting.pop()
                    future.set_result(work())
                return super().result(timeout)

        future = Late()
        self.waiting.append((future, lambda: fn(*args, **more)))
        return future


@pytest.mark.parametrize("kind", ["threads", "backwards", "two processes", "three processes"])
def test_the_bytes_are_the_same_whoever_solves_and_in_whatever_order(
    kind: str, expected: dict[str, str], tmp_path: Path
) -> None:
    plan = plan_of("ostfold-2016", OSTFOLD)
    if kind == "threads":
        with ThreadPoolExecutor(1) as executor:
            sweep(plan, tmp_path / "s", make=given(executor))
    elif kind == "backwards":
        sweep(plan, tmp_path / "s", make=given(Backwards()))
    else:
        sweep(plan, tmp_path / "s", make=workers("", 2 if kind == "two processes" else 3))
    assert result_of(tmp_path / "s") == expected


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_bytes_are_the_same_however_many_points_go_out_at_a_time(size: int) -> None:
    plan = plan_of("ostfold-2016", OSTFOLD)
    found = list(chunks(plan, 0, given(None), size=size))
    whole = Solver(plan).chunk(0, len(plan))
    assert b"".join(chunk.rows for chunk in found) == whole.rows
    assert b"".join(chunk.totals for chunk in found) == whole.totals


def test_a_defect_in_what_is_worked_out_together_costs_time_and_no_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_of("ostfold-2016", OSTFOLD)
    expected = Solver(plan).chunk(0, len(plan))

    def broken(_: object) -> list[None]:
        raise ValueError("a defect")

    monkeypatch.setattr("allocator.study.points.solve_together", broken)
    assert Solver(plan).chunk(0, len(plan)) == expected


def test_a_worker_that_is_killed_loses_nothing(expected: dict[str, str], tmp_path: Path) -> None:
    pools: list[ProcessPoolExecutor] = []
    kill = iter([True])

    @contextmanager
    def make() -> Iterator[Executor]:
        with workers("", 2)() as executor:
            assert isinstance(executor, ProcessPoolExecutor)
            pools.append(executor)
            yield executor

    def progress(_: int, __: int) -> None:
        if next(kill, False):
            os.kill(next(iter(pools[-1]._processes)), signal.SIGKILL)

    plan = plan_of("ostfold-2016", OSTFOLD)
    sweep(plan, tmp_path / "s", make=make, progress=progress)
    assert result_of(tmp_path / "s") == expected


def _take_the_lock_along() -> None:
    """Die, later, as a process does that is killed while it hands over a result."""
    frame: Any = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    lock = frame.f_locals["result_queue"]._wlock

    def later() -> None:
        time.sleep(0.5)
        lock.acquire()
        time.sleep(1)
        os._exit(9)

    threading.Thread(target=later, daemon=True).start()


def test_a_worker_that_is_killed_with_its_last_result_does_not_hold_up_the_end() -> None:
    begun = time.monotonic()
    with processes(2) as executor:
        assert executor is not None
        first, second = executor.submit(_take_the_lock_along), executor.submit(abs, 1)
        assert (first.result(), second.result()) == (None, 1)
        time.sleep(0.9)
    assert time.monotonic() - begun < 30


def test_workers_that_die_again_and_again_end_the_sweep_in_words(tmp_path: Path) -> None:
    from concurrent.futures.process import BrokenProcessPool

    class Dying(Executor):
        def submit(self, *_: Any, **__: Any) -> Any:
            raise BrokenProcessPool("killed")

    plan = plan_of("ostfold-2016", OSTFOLD)
    with pytest.raises(StoppedError, match="workers died 3 times over points 0 to"):
        sweep(plan, tmp_path / "s", make=given(Dying()))


def test_a_dask_cluster_of_two_workers_gives_the_same_bytes_though_one_is_killed(
    expected: dict[str, str], tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        address = cluster.scheduler_address.removeprefix("tcp://")
        assert address.startswith("127.0.0.1:")
        kill = iter([True])

        def progress(_: int, __: int) -> None:
            if next(kill, False):
                pids = sorted(client.run(os.getpid).values())
                assert len(pids) == 2
                os.kill(pids[0], signal.SIGKILL)

        plan = plan_of("ostfold-2016", OSTFOLD)
        make = workers(f"dask://{address}")
        sweep(plan, tmp_path / "s", make=make, progress=progress)
    assert result_of(tmp_path / "s") == expected


# -- stopped and taken up again --------------------------------------------------------------------


def stop_after(chunks_done: int) -> Callable[[int, int], None]:
    left = iter(range(chunks_done))

    def progress(_: int, __: int) -> None:
        next(left, None)
        if next(left, None) is None:
            raise KeyboardInterrupt

    return progress


def test_a_sweep_that_is_stopped_keeps_what_is_done_and_goes_on(
    expected: dict[str, str], tmp_path: Path
) -> None:
    plan, folder = plan_of("ostfold-2016", OSTFOLD), tmp_path / "s"
    with pytest.raises(StoppedError, match=r"stopped after 32 of 93 points.*--resume goes on"):
        sweep(plan, folder, progress=stop_after(1))
    assert len((folder / "runs.csv.part").read_text(encoding="utf-8").splitlines()) == 33
    assert not (folder / "result.csv").exists()
    with pytest.raises(UsageError, match="holds this sweep, begun – add --resume"):
        sweep(plan, folder)
    with pytest.raises(StoppedError, match="stopped after 64 of 93"):
        sweep(plan, folder, resume=True, progress=stop_after(1))
    found = sweep(plan, folder, resume=True, make=workers("", 2))
    assert result_of(folder) == expected
    again = sweep(plan, folder)
    assert (again.summary, again.flips, again.failed) == (found.summary, found.flips, found.failed)
    assert result_of(folder) == expected
    assert sorted(path.name for path in folder.iterdir()) == [
        "flips.csv",
        "manifest.json",
        "result.csv",
        "runs.csv",
        "summary.csv",
    ]


def test_what_was_half_written_when_the_power_went_is_written_anew(
    expected: dict[str, str], tmp_path: Path
) -> None:
    plan, folder = plan_of("ostfold-2016", OSTFOLD), tmp_path / "s"
    with pytest.raises(StoppedError):
        sweep(plan, folder, progress=stop_after(1))
    for name in ("result.csv.part", "totals.part"):
        with (folder / name).open("ab") as file:
            file.write(b"16,600,0.1,01")
    sweep(plan, folder, resume=True)
    assert result_of(folder) == expected


def test_what_is_lost_from_a_sweep_that_was_stopped_is_told(tmp_path: Path) -> None:
    plan, folder = plan_of("ostfold-2016", OSTFOLD), tmp_path / "s"
    with pytest.raises(StoppedError):
        sweep(plan, folder, progress=stop_after(1))
    (folder / "result.csv.part").write_bytes(b"run\n")
    with pytest.raises(BadDataError, match="holds less than the"):
        sweep(plan, folder, resume=True)


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear", encoding="utf-8")
    plan = plan_of("ostfold-2016", ["need.total=700,800"])
    with pytest.raises(UsageError, match="is no sweep's folder"):
        sweep(plan, mine)
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]
    sweep(plan, tmp_path / "s")
    before = result_of(tmp_path / "s")
    other = plan_of("ostfold-2016", ["need.total=700,801"])
    with pytest.raises(UsageError, match=r"holds another sweep \(another vary\)"):
        sweep(other, tmp_path / "s", resume=True)
    assert result_of(tmp_path / "s") == before


def test_a_worker_with_other_figures_refuses_to_solve(tmp_path: Path) -> None:
    import dataclasses

    plan = dataclasses.replace(plan_of("ostfold-2016", ["need.total=700"]), figures="other")
    with pytest.raises(BadDataError, match="are not those the sweep was planned on"):
        sweep(plan, tmp_path / "s")


# -- what is wrong with a point, or with a plan ----------------------------------------------------


def test_a_point_that_cannot_be_done_is_a_row_with_its_reason(tmp_path: Path) -> None:
    plan = plan_of("ostfold-2016", ["need.total=780,150,99999999", "band.up=0.1,2"])
    found = sweep(plan, tmp_path / "s")
    runs = rows_of(found, "runs.csv")
    assert [run["status"] for run in runs] == [
        "infeasible",
        "optimal",
        *["refused"] * 4,
    ]
    assert runs[0]["reason"].startswith("Østfold can take 474 of 780")
    assert "minors are more than the total" in runs[2]["reason"]
    assert "at most 1 000 000" in runs[4]["reason"]
    assert found.failed == {"infeasible": 1, "refused": 4}
    assert {row["points"] for row in found.summary} == {1}


@pytest.mark.parametrize(
    ("vary", "draw", "told"),
    [
        ([], [], "nothing is varied"),
        (["need.total"], [], "--vary need.total; expected KEY=VALUES"),
        (["need.totl=1"], [], "need.totl: there is no such key – did you mean 'total'"),
        (["need.total=9:1"], [], "ends before it begins"),
        (["need.total=1:9:0"], [], "a step that is not above 0"),
        (["need.total=1,,2"], [], "a value is empty"),
        (["year=2020:2026"], [], "a sweep is of one year"),
        (["need.total=1", "need.total=2"], [], "the key is there twice"),
        (["need.total=1"], ["need.total=poisson(3)"], "the key is there twice"),
        ([], ["need.total=poison(3)"], "did you mean 'poisson'"),
        ([], ["need.total=poisson(3,4)"], r"expected poisson\(mean\)"),
        ([], ["need.total=normal(3,-4)"], "sd ≥ 0 does not hold"),
        ([], ["need.total=dirichlet(3)"], "weights of a key are drawn together"),
        ([], ["need.total=3"], "is no draw"),
        (["model=populaton"], [], "did you mean 'population'"),
        (["override=x"], [], "has no override"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_in_words(
    vary: list[str], draw: list[str], told: str
) -> None:
    with pytest.raises(BosettError, match=told):
        plan_of("norway-2027", vary, draw)


# -- draws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mean", "variance"),
    [
        ("normal(13000,1500)", 13000, 1500**2),
        ("uniform(10000,16000)", 13000, 6000**2 / 12),
        ("triangular(9000,13000,19000)", 41000 / 3, 4222222),
        ("poisson(13000)", 13000, 13000),
        ("negative-binomial(13000,30)", 13000, 13000 + 13000**2 / 30),
    ],
)
def test_draws_have_the_mean_and_the_variance_that_are_promised(
    text: str, mean: float, variance: float
) -> None:
    plan = plan_of("norway-2027", draw=[f"need.total={text}"], draws=20_000, seed=3)
    found = np.array([int(plan.values_of(point)[0]) for point in range(len(plan))])
    assert found.mean() == pytest.approx(mean, rel=0.01)
    assert found.var() == pytest.approx(variance, rel=0.05)


def test_weights_that_are_drawn_sum_to_one_and_centre_on_the_models_own() -> None:
    plan = plan_of("norway-2027", draw=["key=dirichlet(40)"], draws=5000, seed=3)
    assert plan.columns == ("key.population", "key.requested")
    found = np.array([[float(v) for v in plan.values_of(point)] for point in range(len(plan))])
    assert np.allclose(found.sum(axis=1), 1, atol=1e-9)
    assert found.mean(axis=0) == pytest.approx([0.5, 0.5], abs=0.01)


def test_draws_are_the_same_for_a_seed_whatever_else_is_varied() -> None:
    one = plan_of("norway-2027", draw=["need.total=poisson(13000)"], draws=5, seed=7)
    vary, draw = ["capacity.factor=1,2"], ["need.em=poisson(600)", "need.total=poisson(13000)"]
    other = plan_of("norway-2027", vary, draw, draws=5, seed=7)
    drawn = [one.values_of(point)[0] for point in range(5)]
    at = other.columns.index("need.total")
    assert [other.values_of(point)[at] for point in range(10)] == drawn * 2
    seeded = plan_of("norway-2027", draw=["need.total=poisson(13000)"], draws=5, seed=8)
    assert [seeded.values_of(point)[0] for point in range(5)] != drawn


# -- in short --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Any:
    plan = plan_of("ostfold-2016", OSTFOLD)
    return sweep(plan, tmp_path_factory.mktemp("short") / "s")


def test_the_summary_is_what_pandas_makes_of_the_rows(swept: Any) -> None:
    rows = pd.DataFrame(rows_of(swept, "result.csv")).query("status == 'optimal'")
    for short in swept.summary:
        mine = rows[rows.code == short["code"]]
        assert short["points"] == len(mine)
        assert short["mean"] == pytest.approx(mine.total.mean(), abs=1e-4)
        assert (short["min"], short["max"]) == (mine.total.min(), mine.total.max())
        for q in (5, 25, 50, 75, 95):
            low = np.quantile(mine.total.astype(int), q / 100, method="inverted_cdf")
            assert short[f"p{q:02d}"] == low
        assert short["asked"] == pytest.approx((mine.total > 0).mean(), abs=1e-6)
        for name in BINDING:
            part = mine.binding.map(lambda text, name=name: name in text.split()).mean()
            assert short.get(f"held_{name}", 0) == pytest.approx(part, abs=1e-6)


def test_flips_are_where_neighbours_along_a_key_differ(swept: Any) -> None:
    rows = pd.DataFrame(rows_of(swept, "result.csv")).query("status == 'optimal'")
    needs = sorted(rows["need.total"].unique(), key=float)
    for code in ("0104", "0119", "0106"):
        mine = rows[rows.code == code]
        events = []
        for factor in mine["band.up"].unique():
            line = mine[mine["band.up"] == factor].set_index("need.total").binding
            for before, after in pairwise(needs):
                both = before in line.index and after in line.index
                if both and "band" not in line[before].split() and "band" in line[after].split():
                    events.append((after, factor))
        found = [
            row
            for row in swept.flips
            if (row["key"], row["code"], row["what"]) == ("need.total", code, "held_by_band")
        ]
        if not events:
            assert found == []
            continue
        (row,) = found
        values = sorted((value for value, _ in events), key=float)
        assert (row["first"], row["last"]) == (values[0], values[-1])
        assert row["lines"] == len({factor for _, factor in events})


def test_parquet_holds_what_the_csv_holds(swept: Any) -> None:
    pytest.importorskip("pyarrow")
    path = write_parquet(swept)
    found = pd.read_parquet(path)
    rows = pd.DataFrame(rows_of(swept, "result.csv"))
    assert found["code"].tolist() == rows["code"].tolist()
    assert found["total"].dropna().tolist() == rows["total"].dropna().tolist()
    assert found["need.total"].tolist() == rows["need.total"].astype(float).tolist()
    path.unlink()


def test_the_manifest_says_what_was_swept_and_nothing_of_the_machine(swept: Any) -> None:
    manifest = json.loads((swept.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] is True
    assert manifest["vary"]["band.up"] == ["0.1", "0.5", "2"]
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((swept.folder / name).read_bytes()).hexdigest() == digest
    assert str(swept.folder) not in json.dumps(manifest)


def test_the_years_of_a_stage_are_looked_for_only_as_far_as_anybody_asks() -> None:
    looked = []

    class Years(View):
        def stage_years(self, stage: str, group: str = "total") -> Iterator[int]:
            for year in super().stage_years(stage, group):
                looked.append(year)
                yield year

    view = Years(PANEL, 2027, date(2026, 10, 31))
    known = Remembered(view)
    assert next(known.stage_years("requested")) == 2026
    assert looked == [2026]
    every = list(known.stage_years("requested"))
    assert list(known.stage_years("requested")) == every == looked
    assert every == list(View(PANEL, 2027, date(2026, 10, 31)).stage_years("requested"))
