"""Nothing but the fetching: the floor's requests sent again by bare httpx, and the answers thrown away.

What remains of it is the server, the loopback and httpx: the share of every contestant's time that nobody can save.
"""

import httpx

from benchmarks.contestants.floor import Vendors, tables
from benchmarks.contestants.given import Stopwatch, given


def main() -> None:
    asked = given()
    seen: list[httpx.Request] = []
    with Vendors(asked, seen.append) as vendors:
        for _ in tables(vendors, asked.days, asked):
            pass
    watch, received = Stopwatch(), 0
    with httpx.Client(timeout=600, trust_env=False) as client:
        for request in seen:
            received += len(client.send(request).content)
    watch.done(fetched_bytes=received, fetched=len(seen))


if __name__ == "__main__":
    main()
