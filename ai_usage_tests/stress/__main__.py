"""`python -m ai_usage_tests.stress`: run the `main` of every module here, one after another, and stop at the first failure."""

import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"ai_usage_tests.stress.{path.stem}")
        if hasattr(module, "main"):
            print(f"\n== {module.__doc__}\n", flush=True)
            sys.argv = [str(path)]
            module.main()


if __name__ == "__main__":
    main()
