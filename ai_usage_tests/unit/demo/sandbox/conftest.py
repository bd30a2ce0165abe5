"""A running sandbox with its clock stopped, and one who asks it over real HTTP as a plain client would."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import Sandbox, running

NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
MONTH = Days(date(2026, 10, 23), date(2026, 11, 21))
FIVE = ("api_key_id", "workspace_id", "model", "service_tier", "context_window")
Record = dict[str, Any]


class Asker:
    """Asks both vendors; what it is answered keeps money as decimals."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.anthropic = httpx.Client(
            base_url=f"{sandbox.url}/v1/organizations",
            headers={"x-api-key": sandbox.anthropic_key, "anthropic-version": "2023-06-01"},
        )
        self.cursor = httpx.Client(base_url=f"{sandbox.url}/teams", auth=(sandbox.cursor_key, ""))

    def get(self, path: str, **params: Any) -> httpx.Response:
        """A parameter `group_by` is sent as the vendor wants lists: `group_by[]`, repeated."""
        named = {f"{name}[]" if isinstance(value, tuple) else name: value for name, value in params.items()}
        return self.anthropic.get(path, params=named)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.cursor.post(path, json=body)

    def buckets(self, path: str, days: Days, **params: Any) -> list[Record]:
        window = {"starting_at": f"{days.first}T00:00:00Z", "ending_at": f"{days.end}T00:00:00Z"}
        return self.data(path, **window, **({"limit": 31} | params))

    def data(self, path: str, **params: Any) -> list[Record]:
        """Everything, from page token to page token."""
        said = read(self.get(path, **params))
        found: list[Record] = said["data"]
        while said["has_more"]:
            said = read(self.get(path, **params, page=said["next_page"]))
            found += said["data"]
        return found

    def listed(self, path: str, **params: Any) -> list[Record]:
        """Everything, from id to id."""
        said = read(self.get(path, **params))
        found: list[Record] = said["data"]
        while said["has_more"]:
            said = read(self.get(path, **params, after_id=said["last_id"]))
            found += said["data"]
        return found

    def numbered(self, path: str, what: str, days: Days, size: int = 1000, **body: Any) -> list[Record]:
        """Everything, from page number to page number."""
        found: list[Record] = []
        more, page = True, 0
        while more:
            page += 1
            said = read(self.post(path, **window(days), page=page, pageSize=size, **body))
            found += said[what]
            more = said["pagination"]["hasNextPage"]
        return found

    def events(self, days: Days, **body: Any) -> list[Record]:
        return self.numbered("/filtered-usage-events", "usageEvents", days, **body)

    def daily(self, days: Days, size: int = 1000) -> list[Record]:
        return self.numbered("/daily-usage-data", "data", days, size)

    def close(self) -> None:
        self.anthropic.close()
        self.cursor.close()


def read(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return json.loads(response.text, parse_float=Decimal)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def window(days: Days) -> Record:
    return {"startDate": ms(days.starting_at), "endDate": ms(days.ending_at) - 1}


@pytest.fixture(scope="session")
def company() -> Company:
    return Company()


@pytest.fixture(scope="session")
def still(company: Company) -> Iterator[Asker]:
    """A sandbox that no test meddles with."""
    with running(company, now=NOW) as sandbox:
        asker = Asker(sandbox)
        yield asker
        asker.close()


@pytest.fixture
def own() -> Iterator[Asker]:
    """A sandbox of the test's own, to be meddled with."""
    with running(now=NOW) as sandbox:
        asker = Asker(sandbox)
        yield asker
        asker.close()


@pytest.fixture(scope="session")
def month(request: pytest.FixtureRequest) -> Days:
    """The last thirty closed days, or those a module wants instead."""
    wanted: Days = getattr(request, "param", MONTH)
    return wanted


@pytest.fixture(scope="session")
def events(still: Asker, month: Days) -> list[Record]:
    return still.events(month)


@pytest.fixture(scope="session")
def daily(still: Asker, month: Days) -> list[Record]:
    return still.daily(month)


@pytest.fixture(scope="session")
def usage(still: Asker, month: Days) -> list[Record]:
    """The month's usage rows as the warehouse asks for them, each with its day."""
    return with_day(still.buckets("/usage_report/messages", month, group_by=FIVE))


@pytest.fixture(scope="session")
def cost(still: Asker, month: Days) -> list[Record]:
    return with_day(still.buckets("/cost_report", month, group_by=("workspace_id", "description")))


@pytest.fixture(scope="session")
def claude_code(still: Asker, month: Days) -> list[Record]:
    return [
        record
        for day in month
        for record in still.data("/usage_report/claude_code", starting_at=str(day), limit=1000)
    ]


def with_day(buckets: list[Record]) -> list[Record]:
    return [{**row, "day": bucket["starting_at"][:10]} for bucket in buckets for row in bucket["results"]]
