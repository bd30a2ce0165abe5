"""Finds a person's texts inside longer ones: whole ones alone, because `anna@example.com` is not in `hanna@example.com`.

A text is found in upper case, in either normal form of Unicode, and with the escapes of JSON or a URL.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from unicodedata import normalize
from urllib.parse import quote

# a combining mark belongs to the letter before it, and is no letter for `re`
LETTER = r"\w\u0300-\u036f"
# an escaped character of JSON or of a URL ends with a letter or digit that is no part of what comes after it
BEFORE = (
    rf"(?:(?<![{LETTER}.+%-])(?<![{LETTER}]')|(?<=\\[bfnrt])|(?<=\\u(?:00a0|20[0-9a-f][0-9a-f]|feff))"
    # the escapes of ASCII but those of letters, digits and % ' + - . _, which an address goes on with
    r"|(?<=%[01][0-9A-Fa-f])|(?<=%2[0-4689ACFacf])|(?<=%3[A-Fa-f])|(?<=%[46]0)|(?<=%5[B-Eb-e])|(?<=%7[B-Fb-f]))"
)
AFTER = r"(?![^\W_]|[\w-]*\.[^\W_])"
CHARACTERS = re.compile("i\u0307|.", re.DOTALL)
"""`str.lower` makes two characters of one capital letter alone: the dotted one."""


def whole(texts: Collection[str]) -> re.Pattern[str]:
    """Matches each of the texts where it is no part of a longer address or name, in upper or lower case."""
    return re.compile(f"{BEFORE}(?:{_any(texts)}){AFTER}")


def anywhere(texts: Collection[str]) -> re.Pattern[bytes]:
    """Matches each of the texts in the bytes of a file; the longest first. A database writes values without a gap."""
    return re.compile(_any(texts).encode("utf-8", "surrogateescape"))


def longer(value: str, texts: Collection[str]) -> Iterator[str]:
    """The other addresses in a value that one of the texts is a part of."""
    around = re.compile(rf"[{LETTER}.+%'-]*(?:{_any(texts)})[\w.-]*")
    is_whole = whole(texts)
    for found in around.finditer(value):
        # what is before the address is looked at too
        if not is_whole.search(value, *found.span()):
            yield found.group()


def _any(texts: Collection[str]) -> str:
    return "|".join(map(_spelled, sorted(texts, key=lambda text: (-len(text), text))))


def _spelled(text: str) -> str:
    return "".join(map(_character, CHARACTERS.findall(normalize("NFC", text.lower()))))


@cache
def _character(lower: str) -> str:
    forms = {lower, *_capitals().get(lower, ())}
    forms |= {normalize("NFD", form) for form in forms}
    forms |= {json.dumps(form)[1:-1] for form in forms} | {
        quote(form, safe="", errors="ignore") for form in forms
    }
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms) if form)})"


@cache
def _capitals() -> dict[str, list[str]]:
    """The characters that `str.lower` changes, by what it makes of them."""
    found = defaultdict(list)
    for char in map(chr, range(sys.maxunicode + 1)):
        if (lower := char.lower()) != char:
            found[lower].append(char)
    return found
