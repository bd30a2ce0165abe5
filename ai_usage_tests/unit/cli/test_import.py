"""Which days of an export are written, by what is stored of them, and what the command says of them."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ai_usage_assets.cli import import_
from ai_usage_assets.cli.cursor_import import COMPARED, Plan, planned
from ai_usage_assets.days import Days
from ai_usage_assets.schema.tables.cursor import DASHBOARD_CSV

DAY = date(2026, 11, 3)
AT = datetime(2026, 11, 3, 9, tzinfo=UTC)


def calls(*rows: dict[str, Any]) -> dict[date, Counter[tuple[Any, ...]]]:
    """The calls of the day, with what they differ in."""
    call = {
        "ingest_date": DAY,
        "event_at": AT,
        "email": "ann@x.example",
        "model": "gpt",
        "source": DASHBOARD_CSV,
    }
    full: list[dict[str, Any]] = [dict.fromkeys(COMPARED) | call | row for row in rows]
    return {DAY: Counter(tuple(row[name] for name in COMPARED) for row in full)}


PAID = {"charged_usd": Decimal("0.25"), "input_tokens": 10}
FREE = {"charged_usd": None, "input_tokens": 10}
BARE: dict[str, Any] = {"charged_usd": None, "input_tokens": None}
OTHER = {**PAID, "email": "ben@x.example"}


@pytest.mark.parametrize(
    ("new", "stored", "is_loaded", "expected"),
    [
        # a day without a call is written once
        ((), (), False, "written"),
        ((), (), True, "unchanged"),
        ((PAID,), (), False, "written"),
        ((PAID,), (), True, "written"),
        ((PAID, PAID), (PAID, PAID), True, "unchanged"),
        # its rows are there, and the entry of load_log is not
        ((PAID,), (PAID,), False, "written"),
        # more calls, or other amounts
        ((PAID, PAID), (PAID,), True, "written"),
        (({**PAID, "charged_usd": Decimal("0.5")},), (PAID,), True, "written"),
        ((PAID,), (FREE,), True, "written"),
        # fewer calls, or other ones
        ((), (PAID,), True, "lacking"),
        ((PAID,), (PAID, PAID), True, "lacking"),
        ((OTHER, OTHER), (PAID,), True, "lacking"),
        (({**PAID, "model": "opus"},), (PAID,), True, "lacking"),
        (({**PAID, "cloud_agent_id": "bc-1"},), (PAID,), True, "lacking"),
        (({**PAID, "event_at": AT.replace(hour=8)},), (PAID,), True, "lacking"),
        # the same calls, with less of them
        ((FREE,), (PAID,), True, "kept"),
        ((BARE,), (FREE,), True, "kept"),
        ((BARE,), (BARE,), True, "unchanged"),
        (({**FREE, "kind": "Included"},), (FREE,), True, "written"),
        # what the API has loaded, whatever the file has
        ((PAID,), ({**PAID, "source": None},), True, "of_api"),
        ((), ({**PAID, "source": None},), True, "of_api"),
        ((PAID,), (PAID, {**OTHER, "source": None}), True, "of_api"),
    ],
)
def test_a_day_is_written_unless_something_would_be_lost(
    new: tuple[dict[str, Any], ...], stored: tuple[dict[str, Any], ...], is_loaded: bool, expected: str
) -> None:
    loaded = [DAY] if is_loaded else [date(2026, 11, 2)]
    found = planned(Days.one(DAY), calls(*new), calls(*stored), loaded)
    assert found == Plan(**{expected: [DAY]})
    replaced = planned(Days.one(DAY), calls(*new), calls(*stored), loaded, replace_with_nothing=True)
    assert replaced == (Plan([DAY]) if expected == "kept" else found)


def test_each_day_of_the_range_has_its_own_place() -> None:
    before, after = date(2026, 11, 2), date(2026, 11, 4)
    found = planned(Days(before, after), calls(PAID), calls(PAID), [DAY, after])
    assert found == Plan(written=[before], unchanged=[DAY, after])


THREE = [date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 5)]
LISTED = "2026-11-02...2026-11-03, 2026-11-05"


def test_what_happens_to_the_days_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    import_._report(Plan(written=THREE), 1)
    import_._report(Plan(unchanged=THREE, of_api=THREE, lacking=THREE, kept=THREE), 1234)
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"raw_cursor_events: 1 call in the file; {LISTED} written.",
        "raw_cursor_events: 1,234 calls in the file; no day written.",
        f"Imported before, and the same: {LISTED}.",
    ]
    lacks = "that an earlier import has; these days stay as they are. Is the file complete, without a filter?"
    has_less = (
        "and an earlier import has some; these days stay as they are. To replace them by what the file has, run the "
        "command with AI_USAGE_REPLACE_WITH_NOTHING=true."
    )
    assert said.err.splitlines() == [
        f"The API has loaded calls of {LISTED}; these days keep them.",
        f"warning: The file lacks calls of {LISTED} {lacks}",
        f"warning: The file has no amounts or no tokens for {LISTED}, {has_less}",
    ]
