"""The copy of the last commit that is broken. The working tree is never changed."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".local" / "mutants"
CHECKOUT = HOME / "checkout"


def git(*arguments: str, folder: Path = ROOT) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def prepared() -> str:
    """Make the copy, or bring it to the last commit, without what an interrupted session left in it. Gives the commit."""
    commit = git("rev-parse", "HEAD")
    if not (CHECKOUT / ".git").exists():
        CHECKOUT.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "-q", "--no-checkout", str(ROOT), str(CHECKOUT))
    git("fetch", "-q", "origin", commit, folder=CHECKOUT)
    git("checkout", "-q", "--force", "--detach", commit, folder=CHECKOUT)
    # each run of tests reads the modules compiled here, and compiles the changed one alone
    compiled = [sys.executable, "-m", "compileall", "-q", "ai_usage_assets", "ai_usage_tests"]
    subprocess.run(compiled, cwd=CHECKOUT, check=True)
    return commit


def environment() -> dict[str, str]:
    """The variables of the processes that run tests: they import the copy, and keep nothing in the user's folders."""
    kept = {
        "PYTHONPATH": str(CHECKOUT),
        "XDG_CACHE_HOME": str(HOME / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**os.environ, **kept}
