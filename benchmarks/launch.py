"""Runs one command and writes down what it took; a process of its own, and a small one.

A child's peak memory begins with that of the process that forked it, so the one that forks imports next to nothing.
"""

import json
import os
import sys
import time


def main() -> None:
    kept, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    # of the child and of the children that it waited for
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    taken = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(kept, "w", encoding="utf-8") as out:  # noqa: PTH123 - pathlib would be a third of its memory
        json.dump(taken, out)


if __name__ == "__main__":
    main()
