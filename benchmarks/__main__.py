"""``python -m benchmarks``: run cases × phases and print ratios."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.alone import alone
from benchmarks.cases import ANY, Case, cases
from benchmarks.measure import Sample, Summary, compile_package, interleaved, summary
from benchmarks.phases import PHASES
from benchmarks.registry import Contender, Phase, Work
from benchmarks.report import Row, as_json, as_table, heading, machine
from benchmarks.targets import Verdict, judge

__all__ = ["main", "run"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, print. Progress goes to stderr."""
    options = _parser().parse_args(arguments)
    known = cases(smoke=options.smoke)
    if options.list:
        print(_listing(known, smoke=options.smoke))
        return 0
    rounds = 1 if options.smoke else options.rounds
    chosen = [known[name] for name in options.case] if options.case else list(known.values())
    phases = [PHASES[name] for name in options.phase] if options.phase else list(PHASES.values())
    if options.phase and ANY not in chosen and any(phase.once for phase in phases):
        chosen.append(ANY)
    compile_package()
    rows = []
    for case in chosen:
        for phase in phases:
            if case.takes(phase.name, once=phase.once):
                print(f"{case.name} · {phase.name}", file=sys.stderr, flush=True)
                rows += run(
                    phase,
                    case,
                    rounds=rounds,
                    budget=options.budget,
                    seed=options.seed,
                    smoke=options.smoke,
                )
    about = machine()
    print(heading(about) + (" · smoke run: the numbers mean nothing" if options.smoke else ""))
    print(f"\n{as_table(rows)}\n* what the ratios × are to; a ratio of 2 is twice as long")
    if options.json:
        told = {"rounds": rounds, "seed": options.seed, "smoke": options.smoke}
        options.json.write_text(as_json(rows, about, told), encoding="utf-8")
    return 1 if any(row.missing.startswith("failed") for row in rows) else 0


def run(
    phase: Phase, case: Case, *, rounds: int, budget: float, seed: int, smoke: bool = False
) -> list[Row]:
    """All contenders of a phase on a case, in turn; those that do not run, or fail, say why."""
    missing = {c.name: phase.missing(c, case, smoke=smoke) for c in phase.contenders}
    works: dict[str, Work] = {}
    for contender in phase.contenders:
        if missing[contender.name] is None:
            try:
                works[contender.name] = (
                    contender.prepare(case)
                    if phase.alone is None or smoke
                    else alone(phase, contender, case)
                )
            except Exception as error:
                missing[contender.name] = f"failed: {type(error).__name__}: {error}"
    failed: dict[str, str] = {}
    samples = interleaved(
        works, rounds=rounds, budget=budget, seed=seed, quick=smoke, failed=failed
    )
    missing.update(failed)
    reference = samples.get(phase.reference)
    found = {name: summary(mine, reference, agree=phase.agree) for name, mine in samples.items()}
    return [
        Row(
            case.name,
            phase.name,
            contender.name,
            contender.name == phase.reference,
            found.get(contender.name),
            missing[contender.name] or "",
            () if smoke else _verdicts(phase, contender, case, found, samples),
        )
        for contender in phase.contenders
    ]


def _verdicts(
    phase: Phase,
    contender: Contender,
    case: Case,
    found: dict[str, Summary],
    samples: dict[str, list[Sample]],
) -> tuple[Verdict, ...]:
    """What became of a contender's targets on a case."""
    if contender.name not in found:
        return ()
    mine, its = found[contender.name], samples[contender.name]
    judged = (
        judge(target, case.name, mine, its, samples, phase.reference)
        for target in contender.targets
    )
    return tuple(verdict for verdict in judged if verdict is not None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Named cases × phases, contenders in turn within one run; prints ratios.",
    )
    add = parser.add_argument
    add("--case", action="append", choices=list(cases()), help="only this case; can be repeated")
    add("--phase", action="append", choices=list(PHASES), help="only this phase; can be repeated")
    add("--rounds", type=int, default=9, help="rounds of each phase on each case (default: 9)")
    add(
        "--budget",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="begin no further round of a phase on a case after this long (default: 60)",
    )
    add("--seed", type=int, default=1, help="of the order within each round (default: 1)")
    add(
        "--smoke",
        action="store_true",
        help="one quick round of everything, small synthetic cases: does it still run?",
    )
    add("--json", type=Path, metavar="FILE", help="also write everything to this file")
    add("--list", action="store_true", help="the cases, the phases, and what does not run where")
    return parser


def _listing(known: dict[str, Case], *, smoke: bool) -> str:
    lines = ["cases"]
    lines += [f"  {case.name:20} {case.about}" for case in known.values()]
    for phase in PHASES.values():
        lines += ["", f"{phase.name}: {phase.about}"]
        for contender in phase.contenders:
            mark = " *" if contender.name == phase.reference else ""
            lines.append(f"  {contender.name + mark:22} {contender.about}")
            lines += [
                f"  {'':22} target{' on ' * bool(target.on)}{', '.join(target.on)}: {target}"
                for target in contender.targets
            ]
            for reason, names in _reasons(phase, contender, known, smoke=smoke).items():
                lines.append(f"  {'':22} not {', '.join(names)}: {reason}")
    return "\n".join(lines)


def _reasons(
    phase: Phase, contender: Contender, known: dict[str, Case], *, smoke: bool
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case in known.values():
        reason = phase.missing(contender, case, smoke=smoke)
        if reason and case.takes(phase.name, once=phase.once):
            found.setdefault(reason, []).append(case.name)
    return found


if __name__ == "__main__":
    sys.exit(main())
