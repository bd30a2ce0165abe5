"""A process that opens new homes when others do: it says that it is ready, waits for the word, and opens the next one.

`python -m ai_usage_tests.support.open_records <home> ...`
"""

import os
import sys
from pathlib import Path

from ai_usage_assets.ops.records import open_records


def main() -> None:
    for name in sys.argv[1:]:
        print("ready", flush=True)
        sys.stdin.readline()
        home = Path(name)
        os.environ["DAGSTER_HOME"] = name
        open_records(home)
        # once more, as a later start does
        open_records(home)


if __name__ == "__main__":
    main()
