"""Our sharing out against the vendor's own split: what is compared, what is not, and when it warns."""

from datetime import date
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.curated.select import with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import vendor_split
from ai_usage_assets.defs.checks.vendor_split import Difference
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import for_window
from ai_usage_tests.support.engines import without_emulator
from ai_usage_tests.support.every_table import Land, Rows

DAYS = Days(date(2026, 10, 1), date(2026, 10, 2))
FIRST, SECOND = DAYS


class Split:
    """The tables of one test, and the check over them."""

    def __init__(self, engine: Engine, land: Land) -> None:
        self.engine = engine
        self.land = land

    def fetch(self, sql: str) -> Rows:
        with self.engine.session() as session:
            found: Rows = session.fetch(sql).to_pylist()
            return found

    @property
    def differences(self) -> list[Difference]:
        found = [Difference(**row) for row in self.fetch(vendor_split.statement(DAYS))]
        return sorted(found, key=lambda each: (each.scope, each.subject))

    @property
    def result(self) -> dg.AssetCheckResult:
        return vendor_split.result(self.differences, DAYS)


@pytest.fixture
def split(every_table: Engine, land: Land) -> Split:
    return Split(every_table, land)


def ours(*shares: tuple[str | None, int], day: date = FIRST, workspace: str = "default") -> dict[str, Rows]:
    """What is shared out as these dollars by key: a model of its own for each, so that its whole line is the key's."""
    cell = {"ingest_date": day, "workspace_id": workspace}
    return {
        "raw_anthropic_cost": [
            cell
            | {"cost_type": "tokens", "token_type": "output_tokens", "model": f"of-{key}", "amount_usd": usd}
            for key, usd in shares
        ],
        "raw_anthropic_usage": [
            cell | {"api_key_id": key, "model": f"of-{key}", "output_tokens": 1}
            for key in dict.fromkeys(key or "no_api_key" for key, _ in shares)
        ]
        + [
            cell | {"api_key_id": "no_api_key", "model": "of-None", "output_tokens": 1}
            for key, _ in shares
            if key is None
        ],
    }


def theirs(key: str | None, usd: object, **more: Any) -> dict[str, Any]:
    told = {
        "ingest_date": FIRST,
        "workspace_id": "wrkspc_real",
        "cost_type": "tokens",
        "token_type": "output_tokens",
    }
    return {**told, "api_key_id": key, "amount_usd": usd, **more}


DEFAULT = {"workspace_id": "wrkspc_real", "name": "Default", "is_default": True}


def test_a_dollar_that_stands_at_another_key_is_a_share_of_the_vendors_dollars(split: Split) -> None:
    split.land(
        **ours(("k1", 5), ("k2", 3), (None, 1)),
        raw_anthropic_analytics_cost=[
            *(theirs("k1", 6), theirs("k2", 2), theirs(None, 1)),
            theirs("k1", 1, workspace_id="second"),
        ],
        raw_anthropic_workspaces=[DEFAULT],
    )
    split.land(**ours(("k1", 1), workspace="second"))

    assert [
        (each.scope, each.subject, each.days, int(each.theirs), int(each.difference))
        for each in split.differences
    ] == [
        ("API key", "k1", 1, 7, 1),
        ("API key", "k2", 1, 2, 1),
        ("API key", "no_api_key", 1, 1, 0),
        ("workspace", "default", 1, 9, 0),
        ("workspace", "second", 1, 1, 0),
    ]
    result = split.result
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.WARN
    assert result.metadata["api_key_share"].value == 0.1
    assert result.metadata["workspace_share"].value == 0
    assert str(result.metadata["api_key_differences"].value).startswith(
        "- k1: 1.0000 of 7.0000 USD on 1 days\n- k2: 1."
    )


@without_emulator("every_table")
def test_days_are_compared_one_by_one_and_only_those_that_the_vendor_tells(split: Split) -> None:
    split.land(**ours(("k1", 4), day=SECOND))
    split.land(**ours(("k2", 5), day=date(2026, 9, 30)))
    split.land(
        **ours(("k1", 6)),
        raw_anthropic_analytics_cost=[theirs("k1", 4), theirs("k1", 6, ingest_date=date(2026, 10, 3))],
        raw_anthropic_workspaces=[DEFAULT],
    )
    assert [(int(each.theirs), int(each.difference)) for each in split.differences] == [(4, 2), (4, 2)]

    split.land(raw_anthropic_analytics_cost=[theirs("k1", 6, ingest_date=SECOND)])
    # the sums over both days are equal; the days are not
    assert [(each.days, int(each.theirs), int(each.difference)) for each in split.differences] == [
        (2, 10, 4),
        (2, 10, 4),
    ]


@without_emulator("every_table")
def test_a_share_has_six_decimals(split: Split) -> None:
    split.land(
        **ours(("k1", 2)),
        raw_anthropic_analytics_cost=[theirs("k1", 3)],
        raw_anthropic_workspaces=[DEFAULT],
    )

    shares = [split.result.metadata[f"{scope}_share"].value for scope in ("api_key", "workspace")]
    assert shares == [0.166667, 0.166667]


@without_emulator("every_table")
def test_what_one_side_alone_has_on_a_day_is_a_difference_of_the_whole_amount(split: Split) -> None:
    split.land(
        **ours(("k1", 6)),
        raw_anthropic_analytics_cost=[theirs("k2", 4, workspace_id="w1")],
        raw_anthropic_workspaces=[DEFAULT, {"workspace_id": "w1", "is_default": False}],
    )

    assert [
        (each.scope, each.subject, int(each.theirs), int(each.difference)) for each in split.differences
    ] == [
        *(("API key", "k1", 0, 6), ("API key", "k2", 4, 4)),
        *(("workspace", "default", 0, 6), ("workspace", "w1", 4, 4)),
    ]


@without_emulator("every_table")
def test_credits_and_seats_are_not_compared(split: Split) -> None:
    split.land(
        **ours(("k1", 6), ("k1", -2)),
        fct_cost_daily=[{"cost_date": FIRST, "platform": "cursor", "cost_usd": 20, "allocation": "seat"}],
        raw_anthropic_analytics_cost=[theirs("k1", 2), theirs("k1", 4, token_type="uncached_input_tokens")],
        raw_anthropic_workspaces=[DEFAULT],
    )

    assert [each.difference for each in split.differences] == [0, 0]
    assert split.result.passed
    assert "hint" not in split.result.metadata


@without_emulator("every_table")
def test_a_workspaces_dollars_at_another_workspace_warn_as_well(split: Split) -> None:
    split.land(
        **ours(("k1", 10)),
        raw_anthropic_analytics_cost=[theirs("k1", 10, workspace_id="w1")],
        raw_anthropic_workspaces=[DEFAULT, {"workspace_id": "w1", "is_default": False}],
    )

    assert not split.result.passed
    assert (split.result.metadata["api_key_share"].value, split.result.metadata["workspace_share"].value) == (
        0,
        1,
    )


@without_emulator("every_table")
def test_without_a_row_of_the_vendors_there_is_nothing_to_compare(split: Split) -> None:
    split.land(**ours(("k1", 10)))

    assert split.differences == []
    assert split.result.passed
    assert "nothing to compare" in (split.result.description or "")


@pytest.mark.parametrize(
    ("listed", "reads"),
    [
        (
            [DEFAULT, {"workspace_id": "w1", "is_default": False}],
            {"wrkspc_real": "default", "w1": "w1", "w2": "w2"},
        ),
        # the vendor listed no default workspace: what is not in its list is it
        (
            [{"workspace_id": "w1", "is_default": False}, {"workspace_id": "w2", "is_default": False}],
            {"wrkspc_real": "default", "w1": "w1", "w2": "w2"},
        ),
        # which one it is stays unknown
        (
            [{"workspace_id": "wrkspc_real"}, {"workspace_id": "w1"}, {"workspace_id": "w2"}],
            {"wrkspc_real": "wrkspc_real", "w1": "w1", "w2": "w2"},
        ),
    ],
)
def test_the_default_workspaces_real_id_is_read_as_default(
    split: Split, listed: Rows, reads: dict[str, str]
) -> None:
    spaces = ("wrkspc_real", "w1", "w2", "default")
    split.land(
        raw_anthropic_analytics_cost=[theirs("k", 1, workspace_id=space) for space in spaces],
        raw_anthropic_workspaces=listed,
    )

    sql = "select workspace_id, report_workspace_id from int_analytics_workspaces"
    found = split.fetch(for_window(with_intermediates(sql), DAYS))
    assert {row["workspace_id"]: row["report_workspace_id"] for row in found} == reads | {
        "default": "default"
    }


def test_a_user_is_known_by_the_alias_the_address_or_the_list(split: Split) -> None:
    user = {"actor_type": "user_actor", "model": "m"}
    split.land(
        raw_anthropic_analytics_cost=[
            theirs("k1", 1, **user, actor_id="user_1", actor_email=" Ana@Example.com "),
            theirs("k2", 2, **user, actor_id="user_2", actor_email="b.old@example.com"),
            theirs("k3", 3, **user, actor_id="user_3", actor_is_deleted=True),
            theirs("k4", 4, **user, actor_id="user_4", actor_is_deleted=True),
            theirs("k5", 5, actor_type="api_actor", actor_id="k5", cost_type="web_search", token_type=None),
        ],
        raw_anthropic_users=[{"user_id": "user_3", "email": "Cleo@Example.com"}],
        identity_aliases=[{"alias": "b.old@example.com", "email": "bo@example.com"}],
        raw_anthropic_workspaces=[DEFAULT],
    )

    sql = "select api_key_id, workspace_id, user_email, cost_type, amount_usd from int_analytics_cost"
    found = split.fetch(for_window(with_intermediates(sql), DAYS))
    assert sorted(tuple(row.values()) for row in found) == [
        ("k1", "default", "ana@example.com", "usage", 1),
        ("k2", "default", "bo@example.com", "usage", 2),
        ("k3", "default", "cleo@example.com", "usage", 3),
        ("k4", "default", None, "usage", 4),
        ("k5", "default", None, "web_search", 5),
    ]
