"""Requests alone: the floor's requests, sent again with plain httpx. The responses are discarded.

The result is the time of the server, of loopback and of httpx, which no competitor can avoid.
"""

import httpx

from benchmarks.competitors.floor import Vendors, tables
from benchmarks.competitors.parameters import Stopwatch, read_parameters


def main() -> None:
    parameters = read_parameters()
    requests: list[httpx.Request] = []
    with Vendors(parameters, requests.append) as vendors:
        for _ in tables(vendors, parameters.days, parameters):
            pass
    watch, received = Stopwatch(), 0
    with httpx.Client(timeout=600, trust_env=False) as client:
        for request in requests:
            received += len(client.send(request).content)
    watch.done(fetched_bytes=received, fetched=len(requests))


if __name__ == "__main__":
    main()
