"""A key goes to the vendor's own host and to nobody else, and what listens here listens to this machine alone."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_usage_assets.defs.raw_anthropic import AnthropicResource
from ai_usage_assets.defs.raw_cursor import CursorResource
from ai_usage_assets.demo import __main__ as demo
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.sources.anthropic.client import AnthropicAdmin
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_assets.sources.http.errors import InvalidAnswerError
from ai_usage_tests.support.scripted_server import Answer, ScriptedServer
from ai_usage_tests.support.scripted_server import server as stranger
from ai_usage_tests.support.scripted_server import server as vendor
from ai_usage_tests.unit.sources.conftest import ANTHROPIC_KEY, CURSOR_KEY, QUICK

__all__ = ["stranger", "vendor"]


def ask_anthropic(url: str) -> None:
    with AnthropicAdmin(ANTHROPIC_KEY, url, retry=QUICK) as client:
        client.users()


def ask_cursor(url: str) -> None:
    with CursorAdmin(CURSOR_KEY, url, retry=QUICK) as client:
        client.spend()


ASK = [ask_anthropic, ask_cursor]


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    vendor: ScriptedServer, stranger: ScriptedServer, ask: Callable[[str], None], status: int
) -> None:
    elsewhere = stranger.url.replace("127.0.0.1", "localhost") + "/v1/organizations/users"
    vendor.respond_with(Answer(status=status, headers={"location": elsewhere}))
    stranger.respond_with({"data": [], "has_more": False})
    with pytest.raises(InvalidAnswerError, match="redirects are never followed"):
        ask(vendor.url)
    assert (len(vendor.requests), len(stranger.requests)) == (1, 0)


@pytest.mark.parametrize("ask", ASK)
def test_a_key_is_in_one_header_and_nowhere_else_in_the_request(
    vendor: ScriptedServer, ask: Callable[[str], None]
) -> None:
    vendor.respond_with({})
    with pytest.raises(InvalidAnswerError):
        ask(vendor.url)
    (requested,) = vendor.requests
    assert not any(
        key in f"{requested.path}{requested.query}{requested.body}" for key in (ANTHROPIC_KEY, CURSOR_KEY)
    )
    assert len({"x-api-key", "authorization"} & requested.headers.keys()) == 1


@pytest.mark.parametrize("variable", ["ANTHROPIC_ADMIN_BASE_URL", "CURSOR_ADMIN_BASE_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "http://127.0.0.1.example.com",
        "http://user:hunter2@localhost",
        "https://user:hunter2@api.example.com",
        "https://api.example.com@evil.example",
        "http://[::ffff:8.8.8.8]",
        "http://[2001:db8::1]",
        "http://0.0.0.0",
        "https://api.example.com/?key=hunter2",
        "https://api.example.com#hunter2",
        "file:///etc/passwd",
        "//api.example.com",
        "https://",
        "http://localhost\\@evil.example",
        "http://local\thost",
        "http://127.0.0.1%2eevil.example",
        "http://localhost:99999",
        " http://[::1",
    ],
)
def test_a_base_url_that_would_expose_a_key_is_refused_as_soon_as_it_is_read(variable: str, url: str) -> None:
    with pytest.raises(
        SettingError, match=f"{variable} .*over https only, or over http to loopback"
    ) as refused:
        Settings.from_env({variable: url})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["https://proxy.example.com/anthropic", "http://localhost:8000", "http://127.0.0.2:1", "http://[::1]:80"],
)
def test_https_and_loopback_are_accepted(url: str) -> None:
    assert Settings.from_env({"CURSOR_ADMIN_BASE_URL": url}).sources["cursor"].base_url == url


def heard(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("resource", [AnthropicResource, CursorResource])
def test_a_resource_that_is_printed_keeps_its_key(
    resource: type[AnthropicResource | CursorResource],
) -> None:
    made = resource(api_key=ANTHROPIC_KEY, base_url="https://vendor.example")
    assert ANTHROPIC_KEY not in f"{made} {made!r}"


def test_the_sandbox_listens_to_loopback_alone() -> None:
    with running() as sandbox:
        port = int(sandbox.url.rsplit(":", 1)[1])
        # all of 127/8 is this machine, so whoever listens to every address is heard here too
        assert (heard("127.0.0.1", port), heard("127.0.0.2", port)) == (True, False)


def test_the_demos_ui_listens_to_loopback_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: called.append(command))
    demo.serve()
    (command,) = called
    assert command[command.index("--host") + 1] == "127.0.0.1"
