"""The forecast of fct_budget_daily: by hand, against the same rules in Python, and without a look at later days."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from math import ceil
from pathlib import Path
from random import Random
from statistics import median

import pytest

from ai_usage_assets.curated import budgets
from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Days, month_of, with_months_before
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.budgets import FCT_BUDGET_DAILY
from ai_usage_assets.sources.identity.budgets import COLUMNS
from ai_usage_assets.sources.identity.budgets import budgets as read
from ai_usage_assets.sources.identity.cells import IdentityFileError
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_tests.support.rule_cases import Row, insert

DAY = timedelta(days=1)
VIEW = select(FCT_BUDGET_DAILY)
NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> DuckDBEngine:
    engine = DuckDBEngine(tmp_path_factory.mktemp("budgets") / "budgets.duckdb")
    with engine.session() as session:
        ensure_tables(engine, session, VIEW.inputs)
    return engine


@pytest.fixture
def session(shared: DuckDBEngine) -> Iterator[Session]:
    with shared.session() as opened:
        for table in VIEW.inputs:
            opened.execute(f"delete from `{table.name}` where true")
        yield opened


def spend(session: Session, costs: dict[date, Decimal], **more: object) -> None:
    given = {"platform": "anthropic", "user_email": "ann@example.com", "cost_type": "usage", **more}
    rows = [{**given, "cost_date": day, "cost_usd": usd} for day, usd in costs.items()]
    session.execute(insert(BY_NAME["fct_cost_daily"], rows))


def load(session: Session, days: list[date], *tables: str) -> None:
    rows = [
        {"table_name": table, "day": day, "state": "rows"}
        for day in days
        for table in tables or ("fct_cost_daily",)
    ]
    session.execute(insert(BY_NAME["load_log"], rows))


def company(session: Session, sql: str = VIEW.sql) -> dict[date, Row]:
    rows = session.fetch(f"select * from ({sql}) as answer where scope = 'company'").to_pylist()
    return {row["day"]: row for row in rows}


def test_the_largest_budget_of_a_file_is_compared(session: Session, tmp_path: Path) -> None:
    def largest(digits: int) -> list[Row]:
        line = f"company,,{'9' * digits}.999999999,,\n"
        (tmp_path / "budgets.csv").write_text(f"{','.join(COLUMNS)}\n{line}", encoding="utf-8")
        return read(tmp_path)

    session.execute(insert(BY_NAME["identity_budgets"], largest(15)))
    spend(session, {NOVEMBER.first: Decimal(10)})
    load(session, [NOVEMBER.first])
    [row] = company(session).values()
    assert (row["state"], row["remaining_usd"]) == (
        "under_75_percent",
        Decimal("999999999999989.999999999"),
    )
    with pytest.raises(IdentityFileError, match=r"line 2, column usd_per_month: .* at most 15 digits before"):
        largest(16)


def test_a_forecast_is_weekday_medians_at_the_recent_level_and_the_seats_of_the_last_loaded_day(
    session: Session,
) -> None:
    # 28 days to Friday 2026-11-20: Mondays cost 8, 8, 10, 12, other weekdays 10, weekends nothing
    days = list(Days(date(2026, 10, 24), date(2026, 11, 20)))
    mondays = dict(zip([day for day in days if day.weekday() == 0], ("8", "8", "10", "12"), strict=True))
    spend(session, {day: Decimal(mondays.get(day, "10")) for day in days if day.weekday() < 5})
    for usd, part in (("1", days[:20]), ("2", days[20:])):
        spend(session, dict.fromkeys(part, Decimal(usd)), cost_type="subscription", model="seat")
    load(session, days)
    session.execute(
        insert(BY_NAME["identity_budgets"], [{"scope": "company", "name": "company", "usd_per_month": 261}])
    )

    row = company(session)[date(2026, 11, 20)]

    # November so far: 15 weekdays, whose Mondays cost 8, 10, 12, and 12 days of one seat and 8 of two
    assert (row["spent_usd"], row["days_left"]) == (150 + 12 + 16, 10)
    # the median Monday is 9; in the last 21 days the weekdays cost 150, and their medians are 147
    # left are two Mondays, and four other weekdays: 58 x 150 / 147
    assert (row["expected_usd"], row["expected_seats_usd"]) == (Decimal("59.18"), 20)
    assert row["forecast_usd"] == Decimal("257.18")
    assert (row["state"], row["low_usd"], row["high_usd"]) == ("under_75_percent", None, None)


def test_days_that_one_platform_lacks_are_still_to_come_and_a_platform_that_was_left_is_not_waited_for(
    session: Session,
) -> None:
    october, both = Days(date(2026, 8, 1), date(2026, 10, 31)), ("fct_cost_daily", "raw_anthropic_cost")
    for platform in ("anthropic", "cursor"):
        spend(session, dict.fromkeys(october, Decimal(10)), platform=platform)
    load(session, list(october), *both, "raw_cursor_events")
    # in November, Cursor's days are not loaded any more
    spend(session, dict.fromkeys(NOVEMBER, Decimal(10)))
    spend(session, {date(2026, 11, 9): Decimal(900)}, model="dear")
    load(session, list(NOVEMBER), *both)
    december = list(Days(date(2026, 12, 1), date(2026, 12, 20)))
    spend(session, dict.fromkeys(december, Decimal(10)))
    load(session, december, *both)

    found = company(session)

    figures = ("spent_usd", "days_left", "forecast_usd", "low_usd", "high_usd")
    assert [found[date(2026, 11, 8)][name] for name in figures] == [80, 30, 600, 600, 600]
    # what is spent is in the forecast, also of days that are still to come
    assert [found[date(2026, 11, 10)][name] for name in figures] == [1000, 30, 1000, 1000, 1000]
    # from 31 days after Cursor's last cost on, days without it are loaded; two weeks later they are enough
    assert [found[date(2026, 11, 30)][name] for name in ("days_left", "forecast_usd")] == [30, None]
    assert [found[date(2026, 12, 13)][name] for name in ("days_left", "forecast_usd")] == [18, None]
    assert [found[date(2026, 12, 14)][name] for name in ("days_left", "forecast_usd")] == [17, 310]


def test_a_scope_without_cost_before_is_not_known_before_its_first_cost(session: Session) -> None:
    loaded = list(Days(date(2026, 10, 1), date(2026, 11, 19)))
    spend(session, dict.fromkeys(loaded, Decimal(1)), user_email="unattributed")
    spend(session, dict.fromkeys(loaded[-14:], Decimal(5)))
    load(session, loaded)
    budget = {"scope": "person", "name": "ann@example.com", "usd_per_month": 100}
    session.execute(insert(BY_NAME["identity_budgets"], [budget]))

    rows = session.fetch(f"select * from ({VIEW.sql}) as answer where scope = 'person'").to_pylist()

    found = {row["day"]: row["forecast_usd"] for row in rows}
    assert (found[date(2026, 11, 18)], found[date(2026, 11, 19)]) == (None, 14 * 5 + 11 * 5)


def in_python(costs: dict[date, Decimal], loaded: set[date], today: date) -> tuple[Decimal, float] | None:
    """The cost of the loaded days of the month, and the expected cost of the others; None if too few days are known."""
    days = [day for day in Days(today - 30 * DAY, today) if day in loaded]
    known = [day for day in days if day > today - 28 * DAY and day >= min(costs)]
    recent = [day for day in known if day > today - 21 * DAY]
    so_far = sum((costs.get(day, Decimal(0)) for day in days if day >= today.replace(day=1)), Decimal(0))
    left = [day for day in month_of(today) if day > today or day not in loaded]
    by_weekday = {
        weekday: median(float(costs.get(day, 0)) for day in group)
        for weekday, group in groupby(sorted(known, key=date.weekday), key=date.weekday)
    }
    if not left:
        return so_far, 0.0
    if len(known) < 14 or len(by_weekday) < 7:
        return None
    total = sum(float(costs.get(day, 0)) for day in recent)
    usual = sum(by_weekday[day.weekday()] for day in recent)
    if usual > 0:
        return so_far, sum(by_weekday[day.weekday()] for day in left) * total / usual
    return so_far, len(left) * total / len(recent)


def with_error(
    forecasts: dict[date, tuple[Decimal, float] | None], days_left: dict[date, int], today: date
) -> float | None:
    """The share that four of five forecasts of the six months before were not further off by."""
    found: list[tuple[date, float]] = []
    for month in range(1, 7):
        first = with_months_before(Days.one(today.replace(day=1)), month).first
        end = month_of(first).last
        ended = forecasts.get(end)
        if ended is None or days_left[end]:
            continue
        for day in month_of(first):
            made = forecasts.get(day)
            if made and made[1] and abs(days_left[day] - days_left[today]) <= 3 and days_left[day]:
                found.append((first, abs(float(ended[0] - made[0]) - round(made[1], 2)) / round(made[1], 2)))
    if len({first for first, _ in found}) < 2:
        return None
    return sorted(error for _, error in found)[ceil(4 * len(found) / 5) - 1]


@pytest.fixture(scope="module")
def year(shared: DuckDBEngine) -> tuple[dict[date, Decimal], list[date]]:
    """A year of cost with quiet weekends, a day in fifty that is not loaded, and a price that doubles."""
    random = Random(7)
    days = list(Days(date(2025, 10, 20), date(2026, 11, 18)))
    loaded = [day for day in days if day < date(2026, 4, 1) or random.random() > 0.02]
    costs = {
        day: round(Decimal(random.lognormvariate(4, 0.5) * (1 + (day > date(2026, 6, 9)))), 4)
        for day in loaded
        if day.weekday() < 5 or random.random() < 0.3
    }
    return costs, loaded


def test_a_years_forecasts_and_intervals_are_those_of_the_same_rules_in_python(
    session: Session, year: tuple[dict[date, Decimal], list[date]]
) -> None:
    costs, loaded = year
    spend(session, costs)
    load(session, loaded)

    found = company(session)

    assert list(found) and set(found) == set(loaded)
    made = {day: in_python(costs, set(loaded), day) for day in loaded}
    left = {day: sum(each > day or each not in loaded for each in month_of(day)) for day in loaded}
    intervals = 0
    for day, row in found.items():
        assert row["days_left"] == left[day]
        known = made[day]
        if known is None:
            assert row["forecast_usd"] is None, day
            continue
        so_far, expected = known
        assert row["forecast_usd"] == pytest.approx(so_far + Decimal(expected), abs=Decimal("0.006"))
        # a month that is loaded to its end is certain
        error = with_error(made, left, day) if left[day] else 0
        if error is None:
            assert row["low_usd"] is None
            continue
        intervals += 1
        margin = Decimal(error * float(row["expected_usd"]))
        low = row["forecast_usd"] - min(margin, row["expected_usd"])
        assert row["low_usd"] == pytest.approx(low, abs=Decimal("0.01"))
        assert row["high_usd"] == pytest.approx(row["forecast_usd"] + margin, abs=Decimal("0.01"))
    assert intervals > 250


def test_scopes_of_one_name_and_names_of_one_scope_have_their_own_forecasts_and_intervals(
    session: Session, year: tuple[dict[date, Decimal], list[date]]
) -> None:
    costs, _ = year
    loaded = list(Days(date(2025, 12, 1), date(2026, 3, 31)))
    shares = {"ann@example.com": (1, 0), "bob@example.com": (0, 3), "cyd@example.com": (2, 5)}
    for email, (weekday, weekend) in shares.items():
        more = {
            day: usd * (weekend if day.weekday() > 4 else weekday)
            for day, usd in costs.items()
            if day in loaded
        }
        spend(session, {day: usd for day, usd in more.items() if usd}, user_email=email)
    groups = [{"team": "Law"}, {"department": "Law"}, {"department": "Data"}]
    people = [
        {"email": email, **group, "valid_from": date.min, "valid_to": date.max}
        for email, group in zip(shares, groups, strict=True)
    ]
    session.execute(insert(BY_NAME["dim_user_history"], people))
    load(session, loaded)
    budgets = [
        {"scope": scope, "name": name, "usd_per_month": usd}
        for group, usd in zip(groups, (3000, 2000, 9000), strict=True)
        for scope, name in group.items()
    ]

    def found(*rows: Row) -> list[Row]:
        session.execute("delete from identity_budgets where true")
        session.execute(insert(BY_NAME["identity_budgets"], list(rows)))
        answer = f"select * from ({VIEW.sql}) as answer where scope != 'company' order by scope, name, day"
        answers: list[Row] = session.fetch(answer).to_pylist()
        return answers

    together = found(*budgets)

    assert {row["high_usd"] is None for row in together} == {True, False}
    assert together == [row for budget in (budgets[2], budgets[1], budgets[0]) for row in found(budget)]


def test_a_forecast_depends_on_no_later_day_and_on_few_earlier_months(
    session: Session, year: tuple[dict[date, Decimal], list[date]]
) -> None:
    costs, loaded = year
    spend(session, costs)
    load(session, loaded)
    whole = company(session)
    newest = budgets.newest(Days(NOVEMBER.first, loaded[-1]))
    [row] = session.fetch(newest).to_pylist()
    assert row == {**whole[loaded[-1]], "name": "company"}
    for day in (date(2026, 10, 10), date(2026, 8, 3)):
        session.execute(f"delete from fct_cost_daily where cost_date > date '{day}'")
        session.execute(f"delete from load_log where day > date '{day}'")
        assert company(session)[day] == whole[day]
