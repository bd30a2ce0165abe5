"""Reproducible random numbers: each stream depends on the seed and its purpose, never on earlier draws."""

from hashlib import sha256
from random import Random

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def random_stream(*of: object) -> Random:
    """A random number generator of its own for each combination of arguments."""
    return Random(":".join(map(str, of)))


def vendor_id(prefix: str, *of: object, length: int = 22) -> str:
    """An id in the style of the vendors, always the same for the same arguments."""
    number = int.from_bytes(sha256(":".join(map(str, of)).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return prefix + "".join(letters)
