"""Both clients with short waits."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_tests.support.scripted_server import ScriptedServer

ANTHROPIC_KEY = "sk-ant-admin01-not-to-be-seen"
CURSOR_KEY = "crsr_not_to_be_seen"
QUICK = Retry(max_seconds=60.0, first_wait_seconds=0.01, max_wait_seconds=0.02)


@pytest.fixture
def make_anthropic(server: ScriptedServer) -> Iterator[Callable[..., AnthropicAdmin]]:
    made: list[AnthropicAdmin] = []

    def make(key: str = ANTHROPIC_KEY, **options: Any) -> AnthropicAdmin:
        arguments: dict[str, Any] = {"base_url": server.url, "retry": QUICK} | options
        made.append(AnthropicAdmin(key, **arguments))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def anthropic(make_anthropic: Callable[..., AnthropicAdmin]) -> AnthropicAdmin:
    return make_anthropic()


@pytest.fixture
def cursor(server: ScriptedServer) -> Iterator[CursorAdmin]:
    with CursorAdmin(CURSOR_KEY, base_url=server.url, retry=QUICK) as client:
        yield client
