"""Runs one command in a process of its own, and writes its wall time, CPU time and peak memory to a file.

A child's peak memory starts at that of the process that forked it. This process imports little, to keep it small.
"""

import json
import os
import sys
import time


def main() -> None:
    path, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    # the usage of the child, and of the children that the child waited for
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    measured = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(path, "w", encoding="utf-8") as out:  # noqa: PTH123 - pathlib would be a third of its memory
        json.dump(measured, out)


if __name__ == "__main__":
    main()
