"""How long a read of a connection may wait, on a clock of the test's own."""

from types import SimpleNamespace

import pytest

from ai_usage_assets.sources.http import deadline


def test_a_read_waits_until_the_deadline_at_most_and_none_begins_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, waits = SimpleNamespace(now=100.0), list[tuple[int, float]]()
    monkeypatch.setattr(deadline, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def read(max_bytes: int, timeout: float) -> bytes:
        waits.append((max_bytes, timeout))
        return b"read"

    stream = SimpleNamespace(read=read)
    deadline.bound_reads("connection.connect_tcp.complete", {"return_value": stream})

    with deadline.deadline(8.0):
        for clock.now in (100.0, 106.0, 107.9999):
            assert stream.read(64, 5.0) == b"read"
        clock.now = 108.0
        with pytest.raises(TimeoutError):
            stream.read(64, 5.0)

    # the last one is what a socket takes at least
    assert waits == [(64, 5.0), (64, 2.0), (64, 0.001)]
