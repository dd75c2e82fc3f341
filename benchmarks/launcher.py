"""Start one program, wait for it, and print what it took as JSON: a process of its own.

The kernel counts what a process used up to its exec as part of its peak memory, so a program
started from a large process looks large. Started from here it does not: this file is run with
``python -I -S`` and imports next to nothing. Times and memory include the program's own children,
such as the CBC that PuLP starts.
"""

import os
import sys
import time

if __name__ == "__main__":
    program = sys.argv[1:]
    null = os.open(os.devnull, os.O_WRONLY)
    begin = time.perf_counter()
    child = os.posix_spawn(
        program[0], program, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)]
    )
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    unit = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in
    print(
        f'{{"wall": {wall}, "cpu": {used.ru_utime + used.ru_stime}, '
        f'"peak": {used.ru_maxrss * unit}, "code": {os.waitstatus_to_exitcode(status)}}}'
    )
