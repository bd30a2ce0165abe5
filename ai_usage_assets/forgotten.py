"""forgotten.csv: who was forgotten, as salted digests of addresses, so that they are recognized and not known.

`ai-usage forget` writes the file. A row of a vendor with such an address lands under `forgotten-<person>` in its place, or
`forgotten-<person>-<number>` for the person's other addresses, so that rows of two addresses keep different keys. Each is
an alias of `unattributed`. A file that names such a person is refused.
"""

import csv
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.whitespace import comparable

FILE = "forgotten.csv"
COLUMNS = ("person", "salt", "digest", "forgotten_on")
PREFIX = "forgotten-"
REPLACEMENT = "forgotten"
"""What stands in place of an address inside a longer text."""


class ForgottenFileError(AiUsageError):
    """The file of forgotten people cannot be read or written."""


@dataclass(frozen=True)
class Digest:
    """One address of a forgotten person."""

    person: int
    number: int
    """Which of the person's addresses, from 1."""
    salt: str
    digest: str
    forgotten_on: str

    @property
    def token(self) -> str:
        """What stands in place of the address in the raw tables."""
        return f"{PREFIX}{self.person}" + (f"-{self.number}" if self.number > 1 else "")

    def is_of(self, email: str) -> bool:
        return hmac.compare_digest(_digest(self.salt, email), self.digest)


@dataclass(frozen=True)
class Forgotten:
    """The people of the file."""

    digests: tuple[Digest, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "Forgotten":
        """The people of the folder's file; nobody if there is no file.

        Raises:
            ForgottenFileError: the file is not what the command wrote.
        """
        try:
            found = (folder / FILE).stat()
        except OSError:
            return cls()
        return _read(folder / FILE, found.st_mtime_ns, found.st_size)

    def find(self, email: str) -> Digest | None:
        """The person's entry; None if the person was not forgotten."""
        written = comparable(email)
        return next((each for each in self.digests if each.is_of(written)), None)

    def people(self, emails: Collection[str]) -> set[int]:
        """The numbers of the forgotten people who have one of the addresses."""
        return {found.person for each in emails if (found := self.find(each))}

    def token(self, email: str) -> str | None:
        """What lands in place of the address; None if the person was not forgotten."""
        found = self.find(email)
        return found.token if found else None

    def tokens(self) -> list[str]:
        """What stands for the forgotten people in the raw tables."""
        return [each.token for each in self.digests]


def add(folder: Path, emails: Collection[str], today: date) -> dict[str, str]:
    """Write a person's addresses into the file as salted digests; what lands in place of each from now on.

    Raises:
        ForgottenFileError: the file cannot be read or written. Nothing was changed.
    """
    known = Forgotten.read(folder)
    person = next((found.person for each in emails if (found := known.find(each))), None)
    if person is None:
        person = max((each.person for each in known.digests), default=0) + 1
    new = [each for each in emails if not known.find(each)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_new = not (folder / FILE).exists()
        with (folder / FILE).open("a", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            if is_new:
                lines.writerow(COLUMNS)
            for email in new:
                salt = secrets.token_hex(16)
                lines.writerow((person, salt, _digest(salt, comparable(email)), today.isoformat()))
    except OSError as error:
        raise ForgottenFileError(
            f"{folder / FILE} cannot be written ({error.strerror or error}). Nobody was forgotten.",
            "Give the folder of AI_USAGE_IDENTITY_DIR to the user of this process.",
        ) from None
    written = Forgotten.read(folder)
    return {email: token for email in emails if (token := written.token(email))}


def _digest(salt: str, email: str) -> str:
    return hmac.new(salt.encode(), email.encode("utf-8"), "sha256").hexdigest()


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _bytes: int) -> Forgotten:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        digests: list[Digest] = []
        for row in rows:
            person = int(row["person"])
            number = 1 + sum(each.person == person for each in digests)
            digests.append(Digest(person, number, *(row[name] for name in COLUMNS[1:])))
        return Forgotten(tuple(digests))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ForgottenFileError(
            f"{path} cannot be read ({type(error).__name__}), so a forgotten person would not be recognized. Nothing was "
            "written.",
            "Restore the file as `ai-usage forget` wrote it.",
        ) from None
