"""What the command says of a month without a loaded day."""

from datetime import date
from pathlib import Path

import pytest

from ai_usage_assets.cli.deployment import NothingLoadedError
from ai_usage_assets.cli.spend_rows import loaded_days
from ai_usage_assets.days import Days
from ai_usage_tests.support.small_warehouse import SmallWarehouse

AUGUST = Days(date(2026, 8, 1), date(2026, 8, 31))


def test_the_loaded_days_are_named_if_there_are_some(tmp_path: Path) -> None:
    small = SmallWarehouse(tmp_path, ["load_log"], [])
    small.given("load_log", [{"table_name": "fct_usage_daily", "day": AUGUST.first, "state": "rows"}])
    with small.engine.session() as session, pytest.raises(NothingLoadedError) as refused:
        loaded_days(session, AUGUST)
    assert refused.value.message == "No cost of 2026-08 is loaded."
    later = [date(2026, 9, 30), date(2026, 10, 2)]
    small.given("load_log", [{"table_name": "fct_cost_daily", "day": day, "state": "rows"} for day in later])
    with small.engine.session() as session:
        with pytest.raises(NothingLoadedError) as refused:
            loaded_days(session, AUGUST)
        assert loaded_days(session, Days(date(2026, 10, 1), date(2026, 10, 31))) == 1
    days = "2026-09-30...2026-10-02"
    assert refused.value.message == f"No cost of 2026-08 is loaded. The loaded days are {days}."
    small.engine.close()
