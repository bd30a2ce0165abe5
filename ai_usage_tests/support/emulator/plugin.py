"""The `emulator` fixture. Without an emulator, its tests are skipped with a clear message; in CI they fail."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.emulator import environment
from ai_usage_tests.support.emulator.python313 import INSTALL_HINT, PythonNotFoundError
from ai_usage_tests.support.emulator.server import running

MISSING = pytest.StashKey[str]()
CLIENTS: list[bigquery.Client] = []
"""The client of the emulator, while it runs."""


@pytest.fixture(scope="session")
def emulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a BigQuery emulator that is started once per test run. Every test creates its own dataset in it."""
    try:
        python = environment.ready(lambda text: _say(request.config, text))
    except (PythonNotFoundError, environment.NotInstalledError) as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"BIGQUERY EMULATOR MISSING: {missing}", pytrace=False)
        request.config.stash[MISSING] = str(missing)
        pytest.skip(f"BIGQUERY EMULATOR MISSING: {missing}")
    with running(python, tmp_path_factory.mktemp("emulator")) as url:
        CLIENTS.append(
            bigquery.Client("local", credentials=AnonymousCredentials(), client_options={"api_endpoint": url})
        )
        yield url
        CLIENTS.pop().close()


@pytest.fixture(autouse=True)
def deleted_datasets() -> Iterator[None]:
    """Delete the datasets of a test after it: the emulator becomes slower with each table."""
    before = _datasets()
    yield
    for dataset in _datasets() - before:
        CLIENTS[0].delete_dataset(dataset, delete_contents=True, not_found_ok=True)


def _datasets() -> set[str]:
    return {found.dataset_id for client in CLIENTS for found in client.list_datasets()}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process reports its missing emulator to the main process."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["missing"] = session.config.stash.get(MISSING, None)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if missing := getattr(node, "workeroutput", {}).get("missing"):
        node.config.stash[MISSING] = missing


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if missing := config.stash.get(MISSING, None):
        terminalreporter.section("BIGQUERY EMULATOR MISSING", red=True, bold=True)
        terminalreporter.line(
            "BIGQUERY EMULATOR MISSING: the BigQuery half of the contract suite was skipped:", red=True
        )
        terminalreporter.line(f"{missing}.", red=True)
        if INSTALL_HINT not in missing:
            terminalreporter.line(f"To run it, {INSTALL_HINT}.", red=True)


def _say(config: pytest.Config, text: str) -> None:
    """Print past pytest's capture: the first installation takes a minute, and without output it would look like a hang."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        # a worker process has no other output
        print(f"\n{text}", file=sys.stderr, flush=True)
