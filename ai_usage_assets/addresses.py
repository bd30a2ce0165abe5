"""Finds a person's texts inside longer ones: whole ones alone, because `anna@example.com` is not in `hanna@example.com`."""

import re
from collections.abc import Collection, Iterator

# an escaped line break of JSON and an escaped character of a URL end with a letter or digit that belongs to them
BEFORE = r"(?:(?<![\w.+%-])(?<!\w')|(?<=\\[bfnrt])|(?<=%[0-9a-f][0-9a-f]))"
AFTER = r"(?![^\W_]|[\w-]*\.[^\W_])"


def whole(texts: Collection[str]) -> re.Pattern[str]:
    """Matches each of the texts where it is no part of a longer address or name, in upper or lower case."""
    return re.compile(_whole(texts), re.IGNORECASE)


def whole_bytes(texts: Collection[str]) -> re.Pattern[bytes]:
    """As `whole`, in the UTF-8 bytes of a text."""
    return re.compile(_whole(texts).encode("utf-8"), re.IGNORECASE)


def anywhere(texts: Collection[str]) -> re.Pattern[bytes]:
    """Matches each of the texts in the bytes of a database, which writes values without a gap; the longest first."""
    found = sorted(texts, key=lambda text: (-len(text), text))
    return re.compile(b"|".join(re.escape(text.encode("utf-8")) for text in found), re.IGNORECASE)


def longer(value: str, texts: Collection[str]) -> Iterator[str]:
    """The other addresses in a value that one of the texts is a part of."""
    around = re.compile(rf"[\w.+%'-]*(?:{_any(texts)})[\w.-]*", re.IGNORECASE)
    is_whole = whole(texts)
    for found in around.finditer(value):
        # what is before the address is looked at too
        if not is_whole.search(value, *found.span()):
            yield found.group()


def _whole(texts: Collection[str]) -> str:
    return f"{BEFORE}(?:{_any(texts)}){AFTER}"


def _any(texts: Collection[str]) -> str:
    return "|".join(map(re.escape, sorted(texts)))
