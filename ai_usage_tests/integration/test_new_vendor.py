"""Adding a vendor touches its own files and `sources/source.py`, as CONTRIBUTING says: tried with a vendor of one table."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ai_usage_assets
from ai_usage_tests.support.hang import MAX_SECONDS

PACKAGE = Path(ai_usage_assets.__file__).parent
SOURCE = """
TOY = Source(
    name="toy",
    title="Toy",
    base_url="https://api.toy.example.com",
    max_days=7,
    poll_interval=timedelta(hours=1),
    finalization_lag=timedelta(hours=1),
    empty_is_final_after=timedelta(hours=6),
    freshness_lag=timedelta(hours=12),
    refresh_cron="0 6 * * 0",
    retention_days=30,
)
SOURCES = (ANTHROPIC, CURSOR, TOY)
"""
FILES = {
    "sources/toy/__init__.py": "",
    "sources/toy/records.py": """
import msgspec

class Usage(msgspec.Struct):
    user: str
    tokens: int
""",
    "sources/toy/client.py": """
from datetime import date

from ai_usage_assets.sources.http.client import Vendor, VendorClient, VendorHttp, checked_key
from ai_usage_assets.sources.source import TOY
from ai_usage_assets.sources.toy.records import Usage

class ToyAdmin(VendorClient):
    def __init__(self, api_key, base_url=TOY.base_url, retry=None):
        vendor = Vendor(TOY, forbidden_hint="the key needs the right to read usage")
        super().__init__(VendorHttp(vendor, base_url, headers={"x-api-key": checked_key(vendor, api_key)}, retry=retry))

    def usage(self, day: date) -> list[Usage]:
        return self._http.endpoint("/usage").get(list[Usage], {"day": str(day)})
""",
    "schema/tables/toy.py": """
from ai_usage_assets.schema.columns import FETCHED_AT, INGEST_DATE, count, required, text
from ai_usage_assets.schema.model import Layer, Table

RAW_TOY_USAGE = Table(
    name="raw_toy_usage",
    layer=Layer.RAW,
    vendor="toy",
    grain="person and UTC day",
    description="Tokens per person.",
    columns=(
        INGEST_DATE,
        FETCHED_AT,
        required(text("email", "The e-mail of the person.", is_personal=True)),
        count("tokens", "Tokens."),
    ),
    key=("ingest_date", "email"),
    partition="ingest_date",
    total_columns=("tokens",),
)
""",
    "sources/toy/endpoints.py": """
from ai_usage_assets.schema.tables.toy import RAW_TOY_USAGE
from ai_usage_assets.sources.columnar import build
from ai_usage_assets.sources.endpoint import Endpoint
from ai_usage_assets.sources.source import TOY

def usage_rows(client, days, fetched_at):
    rows = [(day, usage) for day in days for usage in client.usage(day)]
    return [
        build(
            RAW_TOY_USAGE,
            {
                "ingest_date": [day for day, _ in rows],
                "fetched_at": [fetched_at] * len(rows),
                "email": [usage.user for _, usage in rows],
                "tokens": [usage.tokens for _, usage in rows],
            },
        )
    ]

USAGE = Endpoint("raw_toy_usage", (RAW_TOY_USAGE,), "/usage", TOY.max_days, usage_rows)
ENDPOINTS = (USAGE,)
""",
    "defs/raw_toy.py": '''
import dagster as dg

from ai_usage_assets.defs.asset_functions import Context, asset_of
from ai_usage_assets.defs.prefetch import Prefetch
from ai_usage_assets.defs.resources import VendorResource
from ai_usage_assets.schema.tables.toy import RAW_TOY_USAGE
from ai_usage_assets.sources.source import TOY
from ai_usage_assets.sources.toy import endpoints
from ai_usage_assets.warehouse.chunks import Chunks

ENDPOINTS = endpoints.ENDPOINTS

class ToyResource(VendorResource):
    """Toy's Admin API."""

    source = TOY

    def open_client(self, retry=None):
        from ai_usage_assets.sources.toy.client import ToyAdmin

        return ToyAdmin(self.api_key, base_url=self.base_url, retry=retry)

def resource(settings):
    return ToyResource(api_key=dg.EnvVar(TOY.key_variable), base_url=settings.sources[TOY.name].base_url)

@asset_of(RAW_TOY_USAGE)
def raw_toy_usage(context: Context, toy: ToyResource, prefetcher: Prefetch) -> Chunks:
    """Tokens per person."""
    return prefetcher.chunks(context, toy.client, endpoints.USAGE)
''',
    "defs/sensors/availability/poll_toy.py": """
from ai_usage_assets.defs.sensors.availability.polls import FETCHED_AT, PollResult, days_with_data, restated, sums
from ai_usage_assets.schema.tables.toy import RAW_TOY_USAGE
from ai_usage_assets.sources.toy.endpoints import usage_rows

LEADING = RAW_TOY_USAGE.name

def poll(client, days, recorded, turn):
    (rows,) = usage_rows(client, days, FETCHED_AT)
    reported = sums(RAW_TOY_USAGE, rows)
    return PollResult(days_with_data(reported), {LEADING: restated(RAW_TOY_USAGE, reported, recorded(LEADING))})
""",
}
SCRIPT = """
import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
import os, sys, tempfile
from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEYS = set()

class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        KEYS.add(self.headers["x-api-key"])
        body = json.dumps([{"user": "ann@example.com", "tokens": int(self.path[-2:])}]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(
    TOY_ADMIN_API_KEY="toy-key",
    TOY_ADMIN_BASE_URL=f"http://127.0.0.1:{server.server_port}",
    AI_USAGE_DUCKDB_PATH=str(Path(sys.argv[1]) / "toy.duckdb"),
    AI_USAGE_START_DATE="2026-11-01",
)
import dagster as dg
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.days import Days
from ai_usage_assets.defs.resources import warehouse
from ai_usage_assets.settings import Settings
from datetime import date

settings = Settings.from_env()
defs = build_defs(settings, lambda: NOW)
repository = defs.get_repository_def()
instance = dg.DagsterInstance.ephemeral()
context = dg.build_sensor_context(instance=instance, definitions=defs, resources={"toy": defs.resources["toy"]})
sensor = repository.get_sensor_def("toy_availability")
with context:
    first = sensor.evaluate_tick(context)
job = defs.resolve_implicit_global_asset_job_def()
key = dg.AssetKey("raw_toy_usage")
done = job.execute_in_process(
    instance=instance,
    asset_selection=[key],
    tags=range_tags(Days(date(2026, 11, 1), date(2026, 11, 10))),
)
with warehouse(settings).engine.session() as session:
    (rows,) = session.fetch("select count(*) as days, sum(tokens) as tokens from raw_toy_usage").to_pylist()
print(json.dumps({
    "success": done.success,
    "rows": {name: int(value) for name, value in rows.items()},
    "keys": sorted(KEYS),
    "requested": [request.tags["dagster/asset_partition_range_start"] for request in first.run_requests],
    "schedules": sorted(schedule.name for schedule in repository.schedule_defs),
    "checks": sorted(check.name for check in repository.asset_graph.asset_check_keys if check.asset_key == key),
    "resources": sorted(defs.resources),
}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the package with the vendor's own files, and its declaration in `sources/source.py`."""
    package = tmp_path / "project" / "ai_usage_assets"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    declared = package / "sources" / "source.py"
    text = declared.read_text(encoding="utf-8")
    assert "SOURCES = (ANTHROPIC, CURSOR)\n" in text
    declared.write_text(text.replace("SOURCES = (ANTHROPIC, CURSOR)\n", SOURCE), encoding="utf-8")
    for name, content in FILES.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), name
        path.write_text(content, encoding="utf-8")
    return package.parent


def test_a_vendor_is_its_own_files_and_its_declaration(project: Path, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(project), "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["success"]
    assert found["rows"] == {"days": 10, "tokens": 55}
    assert found["keys"] == ["toy-key"]
    assert found["requested"] == ["2026-11-01"]
    assert found["schedules"] == ["refresh_toy_weekly"]
    assert {"newest_closed_day_is_loaded", "no_unexpectedly_empty_day", "key_unique"} <= set(found["checks"])
    assert {"toy", "prefetcher"} <= set(found["resources"])
