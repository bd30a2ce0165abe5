"""Numbered pages of a list that changes while it is read: if a record appears twice, the list is read again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_tests.support.messages import unusable
from ai_usage_tests.support.scripted_server import ScriptedServer
from ai_usage_tests.unit.sources.test_cursor import EVENT, ONE, ROW, SPEND, START, calls, daily, spend

A, B, C, D, E = (EVENT | {"timestamp": str(START + n), "model": name} for n, name in enumerate("abcde"))

STILL_CHANGING = unusable(
    "Cursor",
    "/teams/filtered-usage-events",
    "changed its list during each of 3 readings: records of page 1 were also on the next page",
    "none of it was used; run the same days again when the vendor has stopped changing them",
)


def first(*events: Any, total: int) -> Any:
    return calls(*events, page=1, pages=2, total=total)


def second(*events: Any, total: int) -> Any:
    return calls(*events, page=2, pages=2, total=total)


def models(cursor: CursorAdmin) -> list[str | None]:
    return [event.model for page in cursor.usage_events(ONE) for event in page]


def test_a_list_with_equal_records_on_neighboring_pages_is_read_again(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    """The list is a, b, c. It shifts by one, so the second page begins with b, and c is never sent; the totals agree."""
    server.respond_with(first(A, B, total=3), second(B, total=3), first(A, B, total=3), second(C, total=3))

    assert models(cursor) == ["a", "b", "c"]
    assert [request.body["page"] for request in server.requests] == [1, 2, 1, 2]


def test_a_list_that_changed_by_more_than_one_record_is_read_again(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        first(A, B, C, total=5), second(B, C, total=5), first(A, B, C, total=5), second(D, E, total=5)
    )

    assert models(cursor) == ["a", "b", "c", "d", "e"]


def test_two_equal_calls_on_neighboring_pages_are_accepted_if_the_list_is_unchanged(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        first(A, B, total=4), second(B, C, total=4), first(A, B, total=4), second(B, C, total=4)
    )

    assert models(cursor) == ["a", "b", "b", "c"]
    assert len(server.requests) == 4


def test_a_list_that_changes_in_every_reading_is_refused_with_a_hint(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(
        *(first(A, B, total=3), second(B, total=3)),
        *(first(D, A, total=3), second(A, total=3)),
        *(first(E, D, total=3), second(D, total=3)),
        first(E, D, total=3),
    )

    with pytest.raises(InvalidAnswerError, match=STILL_CHANGING):
        models(cursor)
    assert len(server.requests) == 6


def test_two_readings_that_differ_elsewhere_are_not_accepted(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    """b is on both pages in each reading. The result is the one that two readings in a row agree on."""
    server.respond_with(
        *(first(A, B, total=3), second(B, total=3)),
        *(first(D, B, total=3), second(B, total=3)),
        *(first(D, B, total=3), second(B, total=3)),
    )

    assert models(cursor) == ["d", "b", "b"]


def test_the_order_of_records_on_a_page_may_differ_between_two_readings(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(first(A, B, total=3), second(B, total=3), first(B, A, total=3), second(B, total=3))

    assert models(cursor) == ["b", "a", "b"]
    assert len(server.requests) == 4


def test_equal_records_of_one_page_are_accepted_in_one_reading(
    server: ScriptedServer, cursor: CursorAdmin
) -> None:
    server.respond_with(first(A, A, total=3), second(B, total=3))

    assert models(cursor) == ["a", "a", "b"]
    assert len(server.requests) == 2


def test_a_dropped_reading_leaves_no_rows(server: ScriptedServer, cursor: CursorAdmin) -> None:
    server.respond_with(first(A, B, total=3), second(B, total=3), first(A, B, total=3), second(C, total=3))

    built = cursor.usage_events(ONE).read(lambda pages: [event.model for page in pages for event in page])
    assert built == ["a", "b", "c"]


def test_activity_and_spend_are_read_again_as_well(server: ScriptedServer, cursor: CursorAdmin) -> None:
    people = [ROW | {"userId": name, "email": f"{name}@example.com"} for name in "abc"]
    a, b, c = people
    server.respond_with(
        *(daily(a, b, pages=2, users=3), daily(b, page=2, pages=2, users=3)),
        *(daily(a, b, pages=2, users=3), daily(c, page=2, pages=2, users=3)),
    )
    assert [row.user_id for page in cursor.daily_usage(ONE) for row in page] == ["a", "b", "c"]

    server.script.clear()
    x, y, z = (SPEND | {"userId": name} for name in "xyz")
    server.respond_with(
        *(spend(x, y, pages=2, total=3), spend(y, pages=2, total=3)),
        *(spend(x, y, pages=2, total=3), spend(z, pages=2, total=3)),
    )
    assert [member.user_id for member in cursor.spend().members] == ["x", "y", "z"]


class Feed(ThreadingHTTPServer):
    """Events, newest first, two on each page. Between two requests one event may be added and one removed."""

    daemon_threads = True

    def __init__(self, moves: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = [EVENT | {"timestamp": str(START + n)} for n in range(5, 0, -1)]
        self.moves = moves

    def page(self, number: int) -> Any:
        pages = -(-len(self.events) // 2)
        events = self.events[2 * number - 2 : 2 * number]
        answer = calls(*events, page=number, pages=pages, total=len(self.events))
        if self.moves:
            self.moves -= 1
            newest = int(self.events[0]["timestamp"]) + 1
            self.events = [EVENT | {"timestamp": str(newest)}, *self.events[:-1]]
        return answer


class _Handler(BaseHTTPRequestHandler):
    server: Feed

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        content = json.dumps(self.server.page(asked["page"])).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Iterator[Feed]:
    made = Feed(request.param)
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize("feed", [0, 1, 2, 3], indirect=True)
def test_a_live_feed_is_accepted_as_it_is_when_it_stops_changing(feed: Feed) -> None:
    with CursorAdmin("crsr_x", f"http://127.0.0.1:{feed.server_port}") as client:
        read = [event.timestamp for page in client.usage_events(ONE) for event in page]

    assert [f"{moment.timestamp() * 1000:.0f}" for moment in read] == [e["timestamp"] for e in feed.events]


@pytest.mark.parametrize("feed", [9], indirect=True)
def test_a_live_feed_that_never_stops_changing_is_refused(feed: Feed) -> None:
    with (
        CursorAdmin("crsr_x", f"http://127.0.0.1:{feed.server_port}") as client,
        pytest.raises(InvalidAnswerError, match=STILL_CHANGING),
    ):
        list(client.usage_events(ONE))
