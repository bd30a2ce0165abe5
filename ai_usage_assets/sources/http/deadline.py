"""A deadline for a whole call. The HTTP library has only timeouts for each read.

A server that sends one byte now and then never exceeds the timeout of one read, whether it sends the headers or the
body that way. So every read of a connection first looks at the deadline of the call that reads.

Two steps are not reads, and may make a call longer: the resolution of a name, which has the timeouts of the resolver,
and connecting, which has a timeout for each address of the name.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

SHORTEST_SECONDS = 0.001
"""A socket takes a timeout of 0 as "do not wait at all", and refuses a negative one."""

_ends_at: ContextVar[float] = ContextVar("ends_at")
"""On the monotonic clock. A call reads its connection in the thread that makes the call."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound all reads of the block together, on connections that `bound_reads` has seen being opened.

    Raises:
        TimeoutError: a read would begin after the deadline.
    """
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def bound_reads(event: str, info: Mapping[str, Any]) -> None:
    """Make a new connection look at the deadline before each read; a `trace` hook of httpcore."""
    if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
        stream = info["return_value"]
        stream.read = partial(_read, stream.read)


def _read(read: Callable[[int, float], bytes], max_bytes: int, timeout: float) -> bytes:
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return read(max_bytes, max(SHORTEST_SECONDS, min(timeout, left)))
