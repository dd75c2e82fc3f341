"""``python -m tests.fuzz``: each reader for so many seconds of processor time.

With ``--engine atheris``, where it is installed, mutations are guided by what they reach; it does
not return, so each reader then has a process of its own.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
import traceback

from tests.fuzz.mutate import mutated


def main() -> int:
    """Fuzz, and say how many bytes each reader has seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each reader")
    parser.add_argument("--target", action="append", help="only this one; can be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=["own", "atheris"], default="own")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine == "atheris" and options.here:
        guided(options.target[0], options.seconds, options.seed)
        return 0
    from tests.fuzz.targets import TARGETS

    names = options.target or list(TARGETS)
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        parser.error(f"no target {unknown[0]}; there are {', '.join(TARGETS)}")
    if options.engine == "atheris":
        command = [sys.executable, "-m", "tests.fuzz", "--engine", "atheris", "--here"]
        command += ["--seconds", str(options.seconds), "--seed", str(options.seed), "--target"]
        return max(subprocess.run([*command, name], check=False).returncode for name in names)
    return max(own(name, options.seconds, options.seed) for name in names)


def own(name: str, seconds: float, seed: int) -> int:
    """Mutate true samples until the time is used up; 1 when a reader fell."""
    from tests.fuzz.targets import TARGETS

    target, rng, times = TARGETS[name], random.Random(seed), 0
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        raw = mutated(rng.choice(target.seeds), rng)
        times += 1
        try:
            target.run(raw)
        except Exception:
            print(f"{name}: fell after {times} on {raw[:2000]!r}")
            traceback.print_exc()
            return 1
    print(f"{name}: {times} inputs in {time.process_time() - begun:.0f} s", flush=True)
    return 0


def guided(name: str, seconds: float, seed: int) -> None:
    """The same by coverage; does not return."""
    import atheris

    with atheris.instrument_imports(include=["allocator.panel", "allocator.run_folders"]):
        from tests.fuzz.targets import TARGETS

    target = TARGETS[name]

    def mutate(raw: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        made = mutated(rng.choice(target.seeds) if rng.random() < 0.5 else raw, rng)
        return bytes(atheris.Mutate(made, most)) if rng.random() < 0.3 else made[:most]

    print(f"{name}: atheris for {seconds:g} s", flush=True)
    arguments = [sys.argv[0], f"-max_total_time={seconds:g}", f"-seed={seed}", "-max_len=100000"]
    atheris.Setup(arguments, target.run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
