"""A webhook, a deployment that tells it what fails, and the daemon of a company, of which three days are missing or all are here."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_tests.support.daemon import Daemon, daemon
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.received_alerts import Watched
from ai_usage_tests.support.webhook import Webhook


@pytest.fixture(scope="module")
def company() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def watched(company: Sandbox, webhook: Webhook, tmp_path: Path) -> Iterator[Watched]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Watched(company, webhook, tmp_path, instance)
    company.faults.clear()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Daemon]:
    with daemon(tmp_path, days=3) as fresh:
        yield fresh


@pytest.fixture
def anthropic(fresh: Daemon) -> Daemon:
    return settled(fresh, "anthropic")


@pytest.fixture
def cursor(fresh: Daemon) -> Daemon:
    return settled(fresh, "cursor")


def settled(fresh: Daemon, vendor: str) -> Daemon:
    """Every day of the vendor is here, and it is about to be looked at again."""
    fresh.runs(vendor)
    fresh.until_looked_at(vendor)
    fresh.asked()
    return fresh
