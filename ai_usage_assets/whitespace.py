"""What does not tell two values apart: characters that show nothing, which copying leaves around them, and spellings."""

from unicodedata import normalize

INVISIBLE = "".join(
    map(
        chr,
        (
            0x00AD,  # soft hyphen
            0x034F,  # combining grapheme joiner
            0x061C,  # Arabic letter mark
            *(0x115F, 0x1160, 0x3164, 0xFFA0),  # Hangul fillers
            *(0x17B4, 0x17B5),  # Khmer inherent vowels
            *range(0x180B, 0x1810),  # Mongolian variation selectors and vowel separator
            *range(0x200B, 0x2010),  # zero-width space, non-joiner, joiner; direction marks
            *range(0x202A, 0x202D),  # direction embeddings; an override changes how the text reads, and stays
            *range(0x2060, 0x2070),  # word joiner, invisible operators, direction isolates
            0x2800,  # blank Braille pattern
            0xFEFF,  # byte order mark
            *range(0xFFF0, 0xFFFC),  # unassigned, and interlinear annotation
        ),
    )
)
"""Characters without a width or a shape that Unicode does not count as white space."""
WHITE_SPACE = "".join(char for char in map(chr, range(0x3001)) if char.isspace())
BLANKS = WHITE_SPACE + INVISIBLE


def trim(text: str) -> str:
    """The text without white space and invisible characters at its ends; those inside it stay."""
    return text.strip(BLANKS)


def hidden(text: str) -> str | None:
    """The first character of a text that cannot be seen, spaces included, as its code point: `U+200B`."""
    for char in text:
        if char in BLANKS or not char.isprintable():
            return f"U+{ord(char):04X}"
    return None


def comparable(address: str) -> str:
    """One text for all spellings of an address: trimmed, in lower case, and in one form of Unicode."""
    return normalize("NFC", trim(address).lower())
