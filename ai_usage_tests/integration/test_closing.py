"""Closing months on a real warehouse: what is refused, what is frozen, and how later changes are booked."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.curated.tables_page import example_queries
from ai_usage_assets.days import Days
from ai_usage_assets.defs.closing import asset
from ai_usage_assets.defs.closing.asset import REOPEN
from ai_usage_assets.defs.partitions import InvalidDaysError
from ai_usage_assets.defs.report import read
from ai_usage_assets.digest.figures import Invoices
from ai_usage_assets.digest.read import close_figures
from ai_usage_assets.report.figures import CAUSES, figures
from ai_usage_assets.report.text import percent, usd
from ai_usage_assets.warehouse.engine import WriteContext
from ai_usage_tests.support.digests import UI, Digests
from ai_usage_tests.support.harness import NOW, Harness, small_company, step_errors
from ai_usage_tests.support.webhook import Webhook

SEPTEMBER, OCTOBER = Days(date(2026, 9, 1), date(2026, 9, 30)), Days(date(2026, 10, 1), date(2026, 10, 31))
BOTH = Days(SEPTEMBER.first, OCTOBER.last)
SHEET = "select sum(cost_usd) as usd, sum(tokens) as tokens from closed_months where is_current and month = date '{}'"


def close(
    harness: Harness, month: str, now: datetime | None = None, *, reopen: bool = False
) -> dg.ExecuteInProcessResult:
    """Materialize the month's partition, as Dagster's UI does."""
    with harness.monthly(now) as defs:
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=harness.instance,
            asset_selection=[dg.AssetKey("closed_months")],
            tags={PARTITION_NAME_TAG: month, **({REOPEN: "true"} if reopen else {})},
            raise_on_error=False,
        )


def proposal(harness: Harness, name: str, now: datetime | None = None) -> dg.AssetCheckEvaluation:
    """The result of one of the proposal's checks."""
    with harness.monthly(now) as defs:
        result = defs.resolve_job_def("propose_month_close").execute_in_process(instance=harness.instance)
    [found] = [e for e in result.get_asset_check_evaluations() if e.check_name == name]
    return found


def refusal(harness: Harness, month: str, now: datetime | None = None) -> str:
    return step_errors(close(harness, month, now))["closed_months"].partition(": ")[2].strip()


def cost_of(harness: Harness, days: Days) -> Decimal:
    [row] = harness.fetch(
        f"select sum(cost_usd) as usd from fct_cost_daily where cost_date between '{days.first}' and '{days.last}'"
    )
    usd: Decimal = row["usd"]
    return usd


def sheet(harness: Harness, month: date) -> Mapping[str, Decimal]:
    [row] = harness.fetch(SHEET.format(month))
    return row


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """Two months of a small company."""
    env = {"AI_USAGE_START_DATE": str(SEPTEMBER.first)}
    with small_company(tmp_path_factory.mktemp("closing"), env) as harness:
        assert harness.materialize("*", BOTH).success
        yield harness


def cost_of_cursor(harness: Harness, month: Days) -> Decimal:
    [row] = harness.fetch(
        f"select sum(cost_usd) as usd from v_cost where platform = 'cursor' and cost_type = 'overage' and month = '{month.first}'"
    )
    usd: Decimal = row["usd"]
    return usd


def digest_of(harness: Harness, month: Days, week: date, headline: str, since: str, **lines: str) -> str:
    """The digest of a close, with the figures of the tables and views; `lines` are those that differ."""
    sums = "sum(cost_usd) as usd, sum(if(user_email = 'unattributed', cost_usd, 0)) as open_usd"
    platforms = harness.fetch(
        f"select platform, {sums} from closed_months where is_current and month = '{month.first}' and cost_month = month "
        "group by 1 having sum(cost_usd) != 0 order by 2 desc"
    )
    own, open_usd = (sum((row[name] for row in platforms), Decimal()) for name in ("usd", "open_usd"))
    titles = {"anthropic": "Anthropic API", "cursor": "Cursor"}
    by_platform = ", ".join(f"{titles[row['platform']]} {usd(row['usd'])}" for row in platforms)
    [seats] = harness.fetch(
        "select sum(seats) as seats, sum(idle_seats) as idle, sum(idle_seats_usd) as usd from agg_adoption "
        f"where week = '{week}'"
    )
    [keys] = harness.fetch(
        "select count(distinct api_key_id) as unowned from v_cost "
        f"where unattributed_reason is not null and month = '{month.first}'"
    )
    said = {
        "total": f"{usd(sheet(harness, month.first)['usd'])} ({by_platform}){since}.",
        "in_currency": "",
        "change": "Change: the month before is not loaded.",
        "invoices": "none is in invoices.csv.",
        "adjustments": "none",
        **lines,
    }
    return f"""*Claude and Cursor: {headline}*
Total: {said["total"]}{said["in_currency"]}
{said["change"]}
Invoices of the month: {said["invoices"]}
Adjustments of earlier months in the total: {said["adjustments"]}.
Unattributed: {usd(open_usd)} ({percent(open_usd, own)}).
Idle seats: {seats["idle"]} of {seats["seats"]} seats without use in 30 days; they cost {usd(seats["usd"])} in the week of \
{week} (an exposure, not a saving).
Needs a person: {keys["unowned"]} keys without an owner have cost; failing checks: newest_closed_day_is_loaded (7 tables).
{UI}/assets/usage_report"""


def set_rate(harness: Harness, rate: str) -> None:
    """Load fx.csv with this rate of October, in euros for a dollar."""
    (harness.folder / "identity" / "fx.csv").write_text(f"month,currency,rate\n2026-10,EUR,{rate}\n")
    assert harness.errors("identity_fx", OCTOBER) == {}


def change_of(harness: Harness, month: Days) -> str:
    """The lines of the change, from agg_cost_change over all months."""
    sums = ", ".join(f"sum({name}) as {name}" for name in ("change_usd", "earlier_cost_usd", *CAUSES))
    [row] = harness.fetch(f"select {sums} from agg_cost_change where month = '{month.first}'")
    parts = sorted(
        ((row[column], name.lower()) for column, name in CAUSES.items()), key=lambda part: -abs(part[0])
    )
    shown = ", ".join(f"{name} {usd(part, is_signed=True)}" for part, name in parts if round(part, 2))
    return (
        f"Change: {usd(row['change_usd'], is_signed=True)} "
        f"({percent(row['change_usd'], row['earlier_cost_usd'], is_signed=True)}) from the month before, without adjustments.\n"
        f"Why: {shown}."
    )


@pytest.fixture(scope="module")
def started_at() -> datetime:
    """When the digests were switched on: before the first close."""
    return datetime.now(UTC)


@pytest.fixture
def digests(loaded: Harness, webhook: Webhook, started_at: datetime) -> Digests:
    return Digests(loaded, webhook, loaded.instance, started_at)


@pytest.mark.xdist_group("closing")
@pytest.mark.random_order(disabled=True)
class TestMonths:
    """The life of two months, from refused closes to one that is reopened. Each test goes on from the one before."""

    def test_what_is_not_over_or_not_final_is_refused(self, loaded: Harness, started_at: datetime) -> None:
        assert "not over" in refusal(loaded, "2026-10", datetime(2026, 10, 31, 12, tzinfo=UTC))
        early = refusal(loaded, "2026-10", datetime(2026, 11, 1, 5, tzinfo=UTC))
        assert "2026-10 cannot be closed, and nothing was written" in early
        assert "its last day is not final before 2026-11-01 12:00 UTC" in early
        assert loaded.rows("closed_months") == []

    def test_a_missing_day_is_refused_by_table_and_day(self, loaded: Harness) -> None:
        loaded.execute("delete from load_log where table_name = 'raw_cursor_events' and day = '2026-09-07'")
        said = refusal(loaded, "2026-09")
        assert "raw_cursor_events is not loaded for 2026-09-07. Materialize these days." in said
        assert loaded.rows("closed_months") == []
        assert loaded.materialize("raw_cursor_events", Days.one(date(2026, 9, 7))).success

    def test_a_fact_that_is_older_than_its_raw_day_is_refused(self, loaded: Harness) -> None:
        said = refusal(loaded, "2026-09")
        assert "fct_cost_daily is older than its raw tables on 2026-09-07" in said
        assert "fct_usage_daily is older than its raw tables on 2026-09-07" in said
        assert loaded.materialize("fct_cost_daily,fct_usage_daily", Days.one(date(2026, 9, 7))).success

    def test_a_fact_that_differs_from_its_source_is_refused(self, loaded: Harness) -> None:
        lost = "cost_date = '2026-09-08' and platform = 'anthropic'"
        loaded.execute(f"update fct_cost_daily set cost_usd = cost_usd + 1 where {lost}")
        said = refusal(loaded, "2026-09")
        assert (
            "the check sums_equal_source of fct_cost_daily fails (1 sums): 2026-09-08 anthropic cost_usd"
            in said
        )
        assert loaded.materialize("fct_cost_daily", Days.one(date(2026, 9, 8))).success
        assert loaded.rows("closed_months") == []

    def test_a_month_is_frozen_with_all_of_its_figures(self, loaded: Harness) -> None:
        assert close(loaded, "2026-09").success
        frozen = sheet(loaded, SEPTEMBER.first)
        assert frozen["usd"] == cost_of(loaded, SEPTEMBER)
        [tokens] = loaded.fetch(
            "select sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as tokens from fct_usage_daily "
            "where usage_date < '2026-10-01'"
        )
        assert frozen["tokens"] == tokens["tokens"]
        assert loaded.instance.get_materialized_partitions(dg.AssetKey("closed_months")) == {"2026-09"}
        assert loaded.fetch("select * from agg_adjustments") == []

    def test_a_closed_month_is_not_closed_again(self, loaded: Harness) -> None:
        before = loaded.fetch(
            "select * from closed_months order by cost_type, user_email, platform, department"
        )
        said = refusal(loaded, "2026-09")
        assert said == (
            "2026-09 is closed already (revision 1). Nothing was written. What changed since is in agg_adjustments, and "
            "the next month that is closed books it. To replace the published figures instead, run `ai-usage close 2026-09 "
            "--reopen`, or give the run the tag ai_usage/reopen = true: that adds revision 2."
        )
        assert (
            loaded.fetch("select * from closed_months order by cost_type, user_email, platform, department")
            == before
        )

    def test_a_later_change_is_an_adjustment_that_the_next_month_books_once(self, loaded: Harness) -> None:
        published = sheet(loaded, SEPTEMBER.first)["usd"]
        loaded.execute(
            "update fct_cost_daily set cost_usd = cost_usd + 2.5 where cost_date = '2026-09-08' and platform = 'anthropic' "
            "and user_email = (select min(user_email) from fct_cost_daily where cost_date = '2026-09-08' and platform = "
            "'anthropic')"
        )
        changed = cost_of(loaded, SEPTEMBER) - published
        assert changed >= Decimal("2.5")
        opened = loaded.fetch(
            "select closed_month, is_booked, sum(cost_usd) as usd from agg_adjustments group by all"
        )
        assert opened == [{"closed_month": SEPTEMBER.first, "is_booked": False, "usd": changed}]
        found = proposal(loaded, "closed_months_are_unchanged")
        assert not found.passed
        assert found.description == f"changed since the close: 2026-09 by {changed:.2f} USD"

        assert close(loaded, "2026-10").success
        assert sheet(loaded, SEPTEMBER.first)["usd"] == published
        assert sheet(loaded, OCTOBER.first)["usd"] == cost_of(loaded, OCTOBER) + changed
        booked = loaded.fetch(
            "select closed_month, booking_month, is_booked, sum(cost_usd) as usd from agg_adjustments group by all"
        )
        assert booked == [
            {
                "closed_month": SEPTEMBER.first,
                "booking_month": OCTOBER.first,
                "is_booked": True,
                "usd": changed,
            }
        ]
        assert proposal(loaded, "closed_months_are_unchanged").passed

    def test_each_close_is_announced_with_its_figures_and_invoices(
        self, loaded: Harness, digests: Digests
    ) -> None:
        (loaded.folder / "identity").mkdir(exist_ok=True)
        (loaded.folder / "identity" / "invoices.csv").write_text(
            "platform,invoice_id,issued_on,period_start,period_end,kind,amount_usd,note\n"
            "cursor,C-9,2026-10-02,2026-09-01,2026-09-30,usage,640.00,\n"
            "cursor,C-9,2026-10-02,2026-09-01,2026-09-30,tax,12.00,\n"
        )
        assert loaded.errors("identity_invoices", OCTOBER) == {}
        [invoice] = loaded.fetch(
            "select sum(if(source = 'cost', amount_usd, 0)) as metered, sum(if(component = 'unexplained', amount_usd, 0)) as "
            "unexplained from fct_invoice_reconciliation"
        )
        sent = [digests.tick(), digests.tick(), digests.tick()]
        assert [str(each)[:25] for each in sent] == [
            "Sent: close of 2026-09 by",
            "Sent: close of 2026-10 by",
            "No digest is due.",
        ]
        other = 652 - invoice["metered"] - invoice["unexplained"]
        assert abs(invoice["unexplained"]) > 3
        assert digests.webhook.received == [
            digest_of(
                loaded,
                SEPTEMBER,
                date(2026, 9, 28),
                "2026-09 is closed",
                "",
                invoices=(
                    f"invoiced $652.00, metered {usd(invoice['metered'])}, tax, credits and later changes {usd(other)}, "
                    f"unexplained {usd(invoice['unexplained'])}; 1 of 1 invoice not explained "
                    f"({usd(abs(invoice['unexplained']))})."
                ),
            ),
            digest_of(
                loaded,
                OCTOBER,
                date(2026, 10, 26),
                "2026-10 is closed",
                "",
                change=change_of(loaded, OCTOBER),
                adjustments=f"{usd(cost_of(loaded, SEPTEMBER) - sheet(loaded, SEPTEMBER.first)['usd'], is_signed=True)} of 2026-09",
            ),
        ]

    def test_reopening_adds_a_revision_and_keeps_the_former_one(self, loaded: Harness) -> None:
        former = sheet(loaded, OCTOBER.first)["usd"]
        loaded.execute("update fct_cost_daily set user_email = 'unattributed' where cost_date = '2026-10-08'")
        set_rate(loaded, "0.92")
        assert close(loaded, "2026-10", reopen=True).success
        set_rate(loaded, "0.95")
        assert loaded.fetch(
            "select month, currency, fx_rate, is_frozen, file_rate from agg_monthly_rates"
        ) == [
            {
                "month": OCTOBER.first,
                "currency": "EUR",
                "fx_rate": Decimal("0.92"),
                "is_frozen": True,
                "file_rate": Decimal("0.95"),
            }
        ]
        assert sheet(loaded, OCTOBER.first)["usd"] == former
        revisions = loaded.fetch(
            "select revision, is_current, sum(cost_usd) as usd from closed_months where month = '2026-10-01' group by all "
            "order by 1"
        )
        assert [(row["revision"], row["is_current"]) for row in revisions] == [(1, False), (2, True)]
        assert [row["usd"] for row in revisions] == [former, former]
        people = "select sum(cost_usd) as usd from closed_months where month = '2026-10-01' and revision = {} and user_email = 'unattributed'"
        [before], [after] = loaded.fetch(people.format(1)), loaded.fetch(people.format(2))
        assert after["usd"] > before["usd"]
        assert loaded.fetch("select * from agg_adjustments where not is_booked") == []

    def test_a_month_that_is_closed_again_is_announced_as_such(
        self, loaded: Harness, digests: Digests
    ) -> None:
        assert [str(digests.tick())[:25], digests.tick()] == [
            "Sent: close of 2026-10 by",
            "No digest is due.",
        ]
        adjusted = cost_of(loaded, SEPTEMBER) - sheet(loaded, SEPTEMBER.first)["usd"]
        assert digests.webhook.received == [
            digest_of(
                loaded,
                OCTOBER,
                date(2026, 10, 26),
                "2026-10 is closed again (revision 2)",
                ", $0.00 from the revision before",
                in_currency=(
                    f" EUR {sheet(loaded, OCTOBER.first)['usd'] * Decimal('0.92'):,.2f}: at 0.92 EUR for 1 USD, as the month "
                    "was closed. fx.csv has 0.95 EUR now, which changes nothing of a closed month."
                ),
                change=change_of(loaded, OCTOBER),
                adjustments=f"{usd(adjusted, is_signed=True)} of 2026-09",
            )
        ]

    @pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER], ids=["September", "October"])
    def test_the_digest_has_the_figures_of_the_page(self, loaded: Harness, month: Days) -> None:
        digest = close_figures(loaded.engine, WriteContext("run", "digest"), month)
        page = figures(read(loaded.engine, month), month, NOW.date())
        assert page.closed
        assert digest.total_usd == page.total_usd
        assert digest.own_usd == page.own_usd - page.closed.changed_usd
        assert sum(digest.adjustments.values()) == page.adjustments_usd
        assert digest.revision == page.closed.revision
        assert digest.change == page.change
        assert digest.idle_seats == page.idle_seats
        assert digest.rate == page.rate
        invoices = page.tie_out.over
        assert digest.invoices == Invoices(
            len(invoices),
            sum(not each.is_explained for each in invoices),
            page.tie_out.invoiced_usd,
            cost_of_cursor(loaded, month) if invoices else Decimal(),
            sum((each.unexplained_usd for each in invoices), Decimal()),
            sum((abs(each.unexplained_usd) for each in invoices if not each.is_explained), Decimal()),
        )
        if not page.closed.changed_usd:
            assert digest.by_platform == page.by_platform
            assert digest.unattributed_usd == page.unattributed_usd

    def test_the_example_queries_show_the_sheets_and_what_changed(self, loaded: Harness) -> None:
        queries = example_queries(
            (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
        )
        today = f"date '{NOW:%Y-%m-%d}'"
        sheets, changes = (
            loaded.fetch(queries[heading].replace("current_date('UTC')", today))
            for heading in (
                "What is the sheet of a closed month?",
                "What changed after a month was closed?",
            )
        )
        for month in (SEPTEMBER.first, OCTOBER.first):
            of_month = [row["cost_usd"] for row in sheets if row["month"] == month]
            assert sum(of_month) == sheet(loaded, month)["usd"]
        assert {row["closed_month"] for row in changes} == {SEPTEMBER.first}
        [booked] = {row["is_booked"] for row in changes}
        assert booked

    def test_the_proposal_names_the_month_that_is_over(self, loaded: Harness) -> None:
        def said(now: datetime) -> tuple[bool, str | None]:
            evaluation = proposal(loaded, "last_month_is_closed", now)
            return evaluation.passed, evaluation.description

        assert said(datetime(2026, 11, 20, tzinfo=UTC)) == (True, "2026-10 is closed")
        assert said(datetime(2026, 12, 4, tzinfo=UTC)) == (True, "2026-11 is due on the 5th")
        passed, description = said(datetime(2026, 12, 5, tzinfo=UTC))
        assert not passed
        assert "2026-11 is over and cannot be closed yet" in str(description)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2026-13", "'2026-13' is not a month like 2026-10."),
        ("2026-10-01", "'2026-10-01' is not a month like 2026-10."),
        (
            "2026-11",
            "2026-11 is not over: it ends on 2026-11-30 (UTC), and the newest month that is over is 2026-10.",
        ),
        ("2024-12", "2024-12 begins before the first whole month there is, 2025-01."),
    ],
)
def test_a_key_that_is_no_closed_month_is_refused(harness: Harness, key: str, said: str) -> None:
    with harness.monthly() as defs:
        asset = defs.resolve_assets_def("closed_months")
        assert asset.partitions_def is not None
        with partition_loading_context() as context, pytest.raises(InvalidDaysError) as refused:
            asset.partitions_def.validate_partition_key(key, context=context)
    assert said in str(refused.value)


def test_a_month_without_any_figure_is_refused(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    # every day of such a month is loaded
    monkeypatch.setattr(asset.MonthClose, "obstacles", lambda *_: [])
    assert refusal(harness, "2026-09") == (
        "2026-09 has no cost, no tokens and no changes of earlier months. Nothing was written. Such a month needs no close."
    )
    assert harness.fetch("select * from closed_months") == []


def test_the_schedule_runs_the_proposal_and_closes_nothing(harness: Harness) -> None:
    with harness.monthly() as defs:
        schedule = defs.resolve_schedule_def("propose_month_close_monthly")
        assert schedule.cron_schedule == "0 6 5 * *"
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        result = defs.resolve_job_def("propose_month_close").execute_in_process(instance=harness.instance)
    assert {e.check_name for e in result.get_asset_check_evaluations()} == {
        "last_month_is_closed",
        "closed_months_are_unchanged",
    }
    assert result.get_asset_materialization_events() == []
    assert harness.rows("closed_months") == []
