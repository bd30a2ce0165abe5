"""Responses and files with an error in them. The random choices are seeded, so that every finding can be repeated."""

import json
from random import Random
from typing import Any

NUMBERS = (
    b"0 -0 -1 0.0 1.5 1e3 -0.000000001 1e400 1e28 1e-400 1e999999 -1e999999 1e-999999 0e999999 1e99999999999999999999 NaN "
    b"Infinity -Infinity 2147483648 9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 "
    b"18446744073709551616 253402300799999 253402300800000 -62135596800000 0x10 1_000 01 .5 5."
).split()
TEXTS = (
    "", " ", "NaN", "-Infinity", "sNaN", "1e999999", "1_0", "-5", "0.1", "٣", "null", "true", "USD", "EUR", "\x00", "\x1b[31m",
    "\u202e", "😀", "ﬁ", "e\u0301", "'; DROP TABLE dim_users; --", "`x`", "\\", '"', "\n", "=1+1", "@", "a@b", "A" * 10_000,
    "0000-00-00", "0001-01-01", "2026-02-30", "9999-12-31", "10000-01-01", "-0001-01-01", "20261118", "2026-W47-3",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T00:00:00Z", "2026-11-18T00:00:00",
    "2026-11-17T22:00:00-02:00", "2026-11-18T00:00:60Z", "2026-11-18T24:00:00Z", "2026-11-18t00:00:00z",
    "253402300799999", "253402300800000", "-1", "99999999999999999999",
)  # fmt: skip
RAW = (
    *NUMBERS,
    b"9" * 5000,
    b"0." + b"3" * 5000,
    *(json.dumps(text).encode() for text in TEXTS),
    *(
        b"null",
        b"true",
        b"false",
        b"[]",
        b"{}",
        b"[null]",
        b"[[]]",
        b'{"":null}',
        b"",
        b",",
        b"}",
        b"\xff",
        b'"\xff"',
    ),
    *(rb'"\ud800"', rb'"\udc00\ud800"', rb'"\u0000"', rb'"\x"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\x01"'),
    b"[" * 500 + b"]" * 500,
    b"[" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
)


def response(random: Random, body: bytes) -> bytes:
    """A JSON response with one to three changes to its tree, or to its bytes."""
    tree, raw = json.loads(body), list[bytes]()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        _change(random, tree, raw)
    changed = json.dumps(tree).encode()
    for number, text in enumerate(raw):
        changed = changed.replace(b'"@@%d@@"' % number, text)
    return _bytes(random, changed) if random.random() < 0.1 else changed


def _places(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        inside = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        found += [(node, key) for key, _ in inside]
        waiting += [value for _, value in inside if isinstance(value, dict | list)]
    return found


def _change(random: Random, tree: Any, raw: list[bytes]) -> None:
    places = _places(tree)
    if not places:
        return
    node, key = random.choice(places)
    match random.randrange(9):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[random.choice((f"{key}s", str(key).upper(), "", "\u0000", "__proto__"))] = node.pop(key)
        case 2 if isinstance(node, dict):
            # the same key twice, with two values
            raw.append(json.dumps(node[key]).encode() + b',"%s":%s' % (str(key).encode(), random.choice(RAW)))
            node[key] = f"@@{len(raw) - 1}@@"
        case 3 if isinstance(node, list):
            node += [node[key]] * random.choice((1, 1, 1, 2, 50))
        case 4:
            other, place = random.choice(places)
            if place in other if isinstance(other, dict) else place < len(other):
                node[key] = json.loads(json.dumps(other[place]))
        case 5:
            node[key] = [node[key]] if random.random() < 0.5 else {"value": node[key]}
        case _:
            raw.append(random.choice(RAW))
            node[key] = f"@@{len(raw) - 1}@@"


def _bytes(random: Random, body: bytes) -> bytes:
    """The body cut, changed, extended, or in another encoding."""
    place = random.randrange(max(1, len(body)))
    match random.randrange(6):
        case 0:
            return body[:place]
        case 1:
            return body[:place] + bytes([random.randrange(256)]) + body[place + 1 :]
        case 2:
            return b"\xef\xbb\xbf" + body
        case 3:
            return body + body[place:]
        case 4:
            return body.decode("utf-8", "replace").encode(
                random.choice(("utf-16", "utf-32", "cp500")), "replace"
            )
        case _:
            return body[:place] + random.choice(RAW) + body[place:]


def csv(random: Random, file: bytes) -> bytes:
    """A CSV file with one to three changes to its cells, lines or bytes."""
    for _ in range(random.choice((1, 1, 2, 3))):
        lines = file.split(b"\n")
        line = random.randrange(len(lines))
        cells = lines[line].split(b",")
        cell = random.randrange(len(cells))
        match random.randrange(8):
            case 0:
                cells[cell] = random.choice(TEXTS).encode()
            case 1:
                cells[cell] = (
                    b'"' + random.choice((b"", b'""', b"\n", b",", b"\x00", b"x" * 200_000)) + cells[cell]
                )
            case 2:
                del cells[cell]
            case 3:
                cells.insert(cell, cells[cell])
            case 4:
                lines.insert(random.randrange(len(lines)), lines[line])
            case 5:
                lines = [b"\r\n".join(lines)] if random.random() < 0.5 else lines[1:] or [b""]
                line, cells = 0, [lines[0]]
            case _:
                cells[cell] = random.choice(RAW)
        lines[line] = b",".join(cells)
        file = b"\n".join(lines)
    return _bytes(random, file) if random.random() < 0.1 else file
