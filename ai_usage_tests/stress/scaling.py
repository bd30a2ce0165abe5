"""Time as a power of size, for responses and for files. An exponent of 1 is linear, 2 is quadratic."""

import json
import math
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from ai_usage_assets.sources import identity
from ai_usage_assets.sources.http.errors import VendorError
from ai_usage_tests.stress.endpoint_responses import in_process_clients, sandbox_responses, with_records

SIZES = (2_000, 8_000, 32_000)
BYTES = (1 << 18, 1 << 20, 1 << 22)
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "digits of a number": lambda n: b'{"id":"o","type":"o","name":%s}' % (b"9" * n),
    "length of a text": lambda n: b'{"id":"o","type":"o","name":"%s"}' % (b"a" * n),
    "escapes of a text": lambda n: b'{"id":"o","type":"o","name":"%s"}' % (rb"\u00e9" * (n // 6)),
    "unknown keys": lambda n: (
        b'{"id":"o","type":"o","name":"o"%s}' % b"".join(b',"k%d":1' % k for k in range(n // 10))
    ),
    "one repeated key": lambda n: b'{"id":"o","type":"o","name":"o"%s}' % (b',"name":"p"' * (n // 11)),
    "depth": lambda n: b'{"id":"o","type":"o","name":"o","x":%s' % (b"[" * n),
}
FILES: dict[str, tuple[str, str, Callable[[int], str]]] = {
    "people": (
        "people.csv",
        "identity_people",
        lambda n: f"p{n}@x.example,,,,a{n}@x.example;b{n}@x.example\n",
    ),
    "owners of many keys": (
        "api_key_owners.csv",
        "identity_api_key_owners",
        lambda n: f"k{n},a@x.example,,,\n",
    ),
    "owners of one key": (
        "api_key_owners.csv",
        "identity_api_key_owners",
        lambda n: f"k,a@x.example,,{_day(n)},{_day(n)}\n",
    ),
}
HEADERS = {
    "people.csv": "email,first_name,last_name,department,aliases\n",
    "api_key_owners.csv": "api_key_id,email,purpose,valid_from,valid_to\n",
}


def _day(n: int) -> str:
    return f"{1000 + n // 336:04}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}"


def exponent(work: Callable[[int], object], sizes: tuple[int, ...]) -> tuple[float, float]:
    """The slope of log time over log size from the smallest to the largest size, and the seconds of the largest."""
    best = [min(_timed(work, size) for _ in range(2)) for size in sizes]
    return math.log(best[-1] / best[0]) / math.log(sizes[-1] / sizes[0]), best[-1]


def _timed(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return max(time.process_time() - started, 1e-5)


def measured() -> dict[str, tuple[float, float]]:
    """Exponent and seconds of each kind of input."""
    found: dict[str, tuple[float, float]] = {}
    responses = sandbox_responses(100)
    with in_process_clients() as clients:
        for endpoint, body in responses.items():
            bodies = {size: with_records(body, size) for size in SIZES}

            def accepted(size: int, endpoint: str = endpoint, bodies: dict[int, bytes] = bodies) -> None:
                clients.rows(endpoint, bodies[size])

            found[f"records of {endpoint}"] = exponent(accepted, SIZES)
        for kind, make in HOSTILE.items():

            def refused(size: int, make: Callable[[int], bytes] = make) -> None:
                try:
                    clients.rows("organization", make(size))
                except VendorError:
                    return

            found[kind] = exponent(refused, BYTES)
    with TemporaryDirectory(prefix="growth_") as name:
        for kind, (file, table, line) in FILES.items():

            def read(
                size: int, file: str = file, table: str = table, line: Callable[[int], str] = line
            ) -> None:
                path = Path(name) / file
                path.write_text(HEADERS[file] + "".join(map(line, range(size))), encoding="utf-8")
                identity.READERS[table](Path(name))

            found[kind] = exponent(read, SIZES)
    return found


def main() -> None:
    found = measured()
    for kind, (power, seconds) in found.items():
        print(f"{kind:<28} size to the power of {power:4.2f}, {seconds:6.2f} s at the largest")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\npeak memory {memory} MiB; sizes {SIZES} records or lines, {BYTES} bytes")
    not_linear = [kind for kind, (power, seconds) in found.items() if power > 1.3 and seconds > 0.5]
    if not_linear:
        raise SystemExit(f"not linear: {json.dumps(not_linear)}")


if __name__ == "__main__":
    main()
