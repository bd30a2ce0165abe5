"""Runs inside `.venv-emulator`: local-bigquery's command on loopback, with DuckDB's extensions installed.

It exits when its standard input closes, so that it does not outlive the test run that started it.
"""

import gc
import os
import sys
from threading import Thread

import catalogue  # in the folder of this file
import definitions
from duckdb_extensions import import_extension
from local_bigquery.cli import main


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    # the server would download them at its first request; without `spatial` it starts, and refuses every request
    for name in ("icu", "ducklake", "spatial"):
        import_extension(name)
    if "--help" not in sys.argv:
        Thread(target=end_with_parent, daemon=True).start()
    # DuckDB imports pandas for each parameter of a statement, and to find out that there is none takes long
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    catalogue.use()
    definitions.use()
    # a translation makes many small objects that live as long as it does; to look at them more often took a fifth of its time
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # the default is every interface
    main(["--host", "127.0.0.1", *sys.argv[1:]])
