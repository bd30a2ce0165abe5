"""Whole messages, for `pytest.raises(match=...)`: a fragment leaves the rest of a sentence, and what to do, unread."""

import re
from pathlib import Path

UNUSED = "none of it was used; try again, and if it happens again, the API has changed"


def exactly(message: str) -> str:
    """The pattern of this message alone."""
    return rf"^{re.escape(message)}\Z"


def unusable(vendor: str, path: str, what: str, hint: str = UNUSED) -> str:
    """The pattern of an `InvalidAnswerError`: what is wrong with an answer that could be decoded."""
    return exactly(f"{vendor} {what} ({path}): {hint}.")


def undecodable(vendor: str, path: str, why: str) -> str:
    """The pattern of an `InvalidAnswerError`: the place in the answer, and what is wrong there."""
    return unusable(vendor, f"{path}, HTTP 200", f"sent an answer that cannot be decoded: {why}")


def refused_cell(path: Path, where: str, why: str) -> str:
    """The pattern of an `IdentityFileError`.

    Args:
        path: the file.
        where: `line 2, column email`.
        why: what is wrong there.
    """
    return exactly(f"{path}, {where}: {why}. None of its rows was written. Fix the file.")
