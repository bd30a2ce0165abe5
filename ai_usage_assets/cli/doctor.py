"""`ai-usage doctor`: whether the keys, the warehouse, the files and the records can be used, a line each."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_usage_assets.cli import deployment, output
from ai_usage_assets.days import Clock, Days

if TYPE_CHECKING:
    from ai_usage_assets.findings import Finding
    from ai_usage_assets.settings import Settings
    from ai_usage_assets.sources.source import Source

HELP = """Look at everything that a load needs, and say what to do about what is missing.

Each line is ok, warn or fail: the settings; each vendor's key, endpoints and newest days; the clock; the warehouse with
its rights, location and tables; the identity files; and Dagster's records. No day is loaded. In BigQuery, a table that
expires is created and dropped, to try the rights. The exit code is 1 if a line is fail.

--shapes requests each endpoint of the vendors once and prints what came: fields, types and the share of nulls, compared with
what this version expects. It shows the values of enumerations (kinds, tiers, cost types) and no other value: no
figure, name, e-mail or id. Send it with an issue if a vendor's answers are refused.

\b
Examples:
  ai-usage doctor
  ai-usage doctor --shapes > shapes.txt
"""


@click.command("doctor", help=HELP, short_help="Check keys, warehouse, files and records.")
@click.option(
    "--shapes", is_flag=True, help="Print the fields and types of the vendors' answers, without values."
)
@click.pass_obj
def command(clock: Clock, *, shapes: bool) -> int:
    if shapes:
        from ai_usage_assets.cli.shapes import show_shapes

        return show_shapes(deployment.settings(clock), clock)
    from ai_usage_assets.findings import State

    is_failed = False
    for finding in findings(clock):
        is_failed |= finding.state is State.FAIL
        output.finding(finding.state.value, finding.subject, finding.text, finding.hint)
    return int(is_failed)


def findings(clock: Clock) -> Iterator["Finding"]:
    """The findings, as they come."""
    from ai_usage_assets.errors import AiUsageError
    from ai_usage_assets.findings import failed, ok
    from ai_usage_assets.ops import records
    from ai_usage_assets.sources.source import SOURCES
    from ai_usage_assets.warehouse import preflight

    try:
        settings = deployment.settings(clock)
        engine = deployment.warehouse(settings)
    except AiUsageError as refused:
        yield failed("settings", refused)
        return
    yield ok("settings", f"They can be used. Days are loaded from {settings.start_date} on.")
    for source in SOURCES:
        if source.name in settings.vendors:
            yield from _vendor(source, settings, clock)
    if not settings.vendors:
        yield failed("keys", deployment.NoKeyError())
    yield from preflight.findings(engine, deployment.place(settings))
    yield from _identity(settings)
    yield from records.findings(Path.cwd())


def _vendor(source: "Source", settings: "Settings", clock: Clock) -> Iterator["Finding"]:
    from ai_usage_assets.cli.vendors import api_of, client_of, newest_days
    from ai_usage_assets.errors import AiUsageError
    from ai_usage_assets.findings import State, failed
    from ai_usage_assets.sources import probe

    days = newest_days(clock(), settings.start_date)
    skipped = () if settings.has_anthropic_analytics else ("analytics/cost", "analytics/usage")
    try:
        with client_of(source, settings) as client:
            found = list(probe.findings(source, api_of(source), client, days, skipped))
            yield from found
            if found[0].state is not State.FAIL:
                yield _newest_day(source, client, days, clock)
    except AiUsageError as refused:
        yield failed(f"{source.title} key", refused)


def _newest_day(source: "Source", client: object, days: Days, clock: Clock) -> "Finding":
    """By the poll of the vendor's sensor."""
    from ai_usage_assets.defs.sensors.availability.sensor import newest_complete_day, poll_module
    from ai_usage_assets.findings import failed, ok, warning
    from ai_usage_assets.sources.http.errors import VendorError

    subject = f"{source.title} days"
    try:
        polled = poll_module(source).poll(client, days, lambda _: {}, 0)
    except VendorError as refused:
        return failed(subject, refused)
    if not polled.days_with_data:
        return warning(
            subject,
            f"{source.title} has no data for {days}.",
            "Check that the key is of the right organization.",
        )
    newest = newest_complete_day(source, days.last, polled, clock())
    return ok(subject, f"{source.title} has data, and the newest day that is complete is {newest}.")


def _identity(settings: "Settings") -> Iterator["Finding"]:
    from ai_usage_assets.errors import AiUsageError
    from ai_usage_assets.findings import failed, ok
    from ai_usage_assets.sources.identity import READERS

    are_read = True
    for read in READERS.values():
        try:
            read(settings.identity_dir)
        except AiUsageError as refused:
            are_read = False
            yield failed("identity files", refused)
    if are_read:
        files = sorted(
            path.name for path in settings.identity_dir.glob("*.csv") if ".example." not in path.name
        )
        listed = ", ".join(files) or "no file, and none is required"
        yield ok("identity files", f"{settings.identity_dir} has {listed}.")
