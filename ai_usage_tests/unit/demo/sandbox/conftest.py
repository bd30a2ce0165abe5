"""A running sandbox with a stopped clock, and a plain HTTP client for both vendors."""

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


class VendorClient:
    """Sends requests to both vendors, and reads money as decimals."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.anthropic = httpx.Client(
            base_url=f"{sandbox.url}/v1/organizations",
            headers={"x-api-key": sandbox.anthropic_key, "anthropic-version": "2023-06-01"},
        )
        self.cursor = httpx.Client(base_url=f"{sandbox.url}/teams", auth=(sandbox.cursor_key, ""))

    def get(self, path: str, **params: Any) -> httpx.Response:
        """A parameter with a tuple is sent as the vendor expects lists: `group_by[]`, repeated."""
        named = {f"{name}[]" if isinstance(value, tuple) else name: value for name, value in params.items()}
        return self.anthropic.get(path, params=named)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.cursor.post(path, json=body)

    def buckets(self, path: str, days: Days, **params: Any) -> list[Record]:
        window = {"starting_at": f"{days.first}T00:00:00Z", "ending_at": f"{days.end}T00:00:00Z"}
        return self.data(path, **window, **({"limit": 31} | params))

    def data(self, path: str, **params: Any) -> list[Record]:
        """The records of all pages, by page token."""
        response = read(self.get(path, **params))
        found: list[Record] = response["data"]
        while response["has_more"]:
            response = read(self.get(path, **params, page=response["next_page"]))
            found += response["data"]
        return found

    def listed(self, path: str, **params: Any) -> list[Record]:
        """The records of all pages, by id."""
        response = read(self.get(path, **params))
        found: list[Record] = response["data"]
        while response["has_more"]:
            response = read(self.get(path, **params, after_id=response["last_id"]))
            found += response["data"]
        return found

    def numbered(self, path: str, what: str, days: Days, size: int = 1000, **body: Any) -> list[Record]:
        """The records of all pages, by page number."""
        found: list[Record] = []
        more, page = True, 0
        while more:
            page += 1
            response = read(self.post(path, **window(days), page=page, pageSize=size, **body))
            found += response[what]
            more = response["pagination"]["hasNextPage"]
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
def shared(company: Company) -> Iterator[VendorClient]:
    """A sandbox that no test changes."""
    with running(company, now=NOW) as sandbox:
        client_of_both = VendorClient(sandbox)
        yield client_of_both
        client_of_both.close()


@pytest.fixture
def private() -> Iterator[VendorClient]:
    """A sandbox for one test, which may change it."""
    with running(now=NOW) as sandbox:
        client_of_both = VendorClient(sandbox)
        yield client_of_both
        client_of_both.close()


@pytest.fixture(scope="session")
def month(request: pytest.FixtureRequest) -> Days:
    """The last thirty closed days, or the days that a module sets."""
    wanted: Days = getattr(request, "param", MONTH)
    return wanted


@pytest.fixture(scope="session")
def events(shared: VendorClient, month: Days) -> list[Record]:
    return shared.events(month)


@pytest.fixture(scope="session")
def daily(shared: VendorClient, month: Days) -> list[Record]:
    return shared.daily(month)


@pytest.fixture(scope="session")
def usage(shared: VendorClient, month: Days) -> list[Record]:
    """The month's usage rows with the grouping of the warehouse, each with its day."""
    return with_day(shared.buckets("/usage_report/messages", month, group_by=FIVE))


@pytest.fixture(scope="session")
def cost(shared: VendorClient, month: Days) -> list[Record]:
    return with_day(shared.buckets("/cost_report", month, group_by=("workspace_id", "description")))


@pytest.fixture(scope="session")
def claude_code(shared: VendorClient, month: Days) -> list[Record]:
    return [
        record
        for day in month
        for record in shared.data("/usage_report/claude_code", starting_at=str(day), limit=1000)
    ]


def with_day(buckets: list[Record]) -> list[Record]:
    return [{**row, "day": bucket["starting_at"][:10]} for bucket in buckets for row in bucket["results"]]
