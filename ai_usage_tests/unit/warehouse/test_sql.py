"""Statements that BigQuery alone is sent, whole."""

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.warehouse.sql import merge
from ai_usage_tests.support.sample_tables import MONDAY, PLAYS, SONGS, TUESDAY

OF_PLAYS = ("day", "song", "listener", "plays", "spent_usd", "rating", "live", "played_at")


def columns(names: tuple[str, ...], of: str = "") -> str:
    return ", ".join(f"{of}`{name}`" for name in names)


def test_old_rows_are_deleted_and_staged_ones_inserted_by_one_statement() -> None:
    inserted = f"when not matched by target then insert ({columns(OF_PLAYS)}) values ({columns(OF_PLAYS, 'staged.')})"
    days = Days(MONDAY, MONDAY + 2 * ONE_DAY)
    of_days = "`day` >= DATE '2026-03-02' and `day` < DATE '2026-03-05'"
    for kept, where in (((), of_days), ((TUESDAY,), f"{of_days} and not `day` in (DATE '2026-03-03')")):
        assert merge(PLAYS, "staged_plays", days, kept).splitlines() == [
            "merge `plays` as target using `staged_plays` as staged on false",
            f"when not matched by source and {where} then delete",
            inserted,
        ]
    assert merge(SONGS, "staged_songs", None).splitlines()[1] == "when not matched by source then delete"
