"""What the verbs that read print about a small company: every line, with names and without.

`small_company.txt` has the commands and their outputs. `AI_USAGE_WRITE_DOCUMENTS=1` writes the outputs anew. Read the
difference before you keep it.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.report.files import NUMBERS_FILE
from ai_usage_tests.support.rule_cases import Row
from ai_usage_tests.support.small_warehouse import SmallWarehouse

TABLES = (
    *("fct_cost_daily", "load_log", "dim_users", "dim_user_history", "dim_workspaces", "dim_api_keys"),
    *("closed_months", "fct_anthropic_tokens_daily", "fct_cursor_requests_daily", "fct_seats_daily"),
    "identity_invoices",
)
VIEWS = ("v_cost", "agg_report_people", "focus_cost_and_usage")
OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
DATA = [f"{name}@x.example" for name in ("ann", "ben", "cem", "dan", "eva", "fay")]
OPS = [f"{name}@x.example" for name in ("gil", "hal", "ida", "jo", "kim")]
LAW = "law@x.example"
KEYS = {
    "apikey_1": ("nightly", LAW, "person"),
    "apikey_2": ("=cron", "unattributed", "service"),
    "apikey_3": (None, "unattributed", "unknown"),
}


def cost(day: int, usd: str, email: str, cost_type: str = "overage", **more: object) -> Row:
    row = {"cost_date": date(2026, 10, day), "cost_usd": Decimal(usd), "user_email": email}
    return {"platform": "cursor", "actor_type": "person", **row, "cost_type": cost_type, **more}


def of_key(day: int, usd: str, key: str, cost_type: str = "usage", **more: object) -> Row:
    _, email, actor = KEYS[key]
    row = cost(day, usd, email, cost_type, platform="anthropic", api_key_id=key, actor_type=actor)
    return {**row, "workspace_id": "wrk_1", **more}


def build(folder: Path) -> SmallWarehouse:
    warehouse = SmallWarehouse(folder, TABLES, VIEWS)
    groups = {
        **{email: ("Data", "Lake" if email < "d" else "Sea", "CC 1") for email in DATA},
        **dict.fromkeys(OPS, ("Ops", "Night", None)),
        LAW: ("Law", None, None),
    }
    warehouse.given(
        "dim_users",
        [{"user_id": e, "email": e, "kind": "person", "is_active": e != DATA[4]} for e in groups],
    )
    warehouse.given(
        "dim_user_history",
        [
            {"email": email, "department": department, "team": team, "cost_center": center,
             "valid_from": date.min, "valid_to": date.max}
            for email, (department, team, center) in groups.items()
        ],
    )  # fmt: skip
    warehouse.given(
        "dim_workspaces", [{"workspace_id": "wrk_1", "name": "Research", "platform": "anthropic"}]
    )
    warehouse.given(
        "dim_api_keys",
        [
            {"api_key_id": key, "name": name, "user_email": email, "actor_type": actor, "platform": "anthropic",
             "workspace_id": "wrk_1", "owner_source": "none", "is_active": key != "apikey_3",
             "no_owner_reason": "no_creator" if email == "unattributed" else None}
            for key, (name, email, actor) in KEYS.items()
        ],
    )  # fmt: skip
    warehouse.given(
        "load_log",
        [
            {"table_name": "fct_cost_daily", "day": day, "state": "rows"}
            for day in Days(date(2026, 9, 30), date(2026, 11, 3))
            if day != date(2026, 10, 20)
        ],
    )
    warehouse.given(
        "fct_cost_daily",
        [
            *(cost(5, f"{n + 1}.{n + 1}005", email, model_family="gpt") for n, email in enumerate(DATA)),
            *(cost(30, f"0.{n + 1}", email, model_family="gpt") for n, email in enumerate(OPS)),
            cost(30, "0.03", OPS[0], actor_type="service", model_family="gpt"),
            cost(6, "40", LAW, "subscription"),
            cost(7, "0.5", LAW, actor_type="service", model_family="gpt"),
            cost(9, "2.25", "unattributed", model_family="gpt"),
            of_key(8, "7.125", "apikey_1", model_family="opus", model="opus-5"),
            of_key(8, "1.0625", "apikey_2", model_family="opus", model="opus-5"),
            of_key(31, "-0.25", "apikey_3", "credit"),
            # of other months
            {**cost(1, "1000", LAW), "cost_date": date(2026, 9, 30)},
            {**of_key(1, "2000", "apikey_3"), "cost_date": date(2026, 8, 1), "user_email": DATA[1]},
            {**cost(1, "3", DATA[0]), "cost_date": date(2026, 11, 2)},
        ],
    )
    (folder / "reports").mkdir()
    (folder / "reports" / NUMBERS_FILE).write_bytes(b"s" * 32)
    return warehouse


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallWarehouse]:
    made = build(tmp_path_factory.mktemp("company"))
    yield made
    made.engine.close()


FILE = Path(__file__).with_name("small_company.txt")
COMMAND = re.compile(r"^\$ ai-usage (.+)\n", re.MULTILINE)


def test_every_line_is_as_expected(company: SmallWarehouse) -> None:
    expected = FILE.read_text(encoding="utf-8")
    folder = str(company.folder)
    found = ""
    for line in COMMAND.findall(expected):
        done = company.run(line)
        code = f"exit code {done.code}\n" if done.code else ""
        found += f"$ ai-usage {line}\n{done.text.replace(folder, 'FOLDER')}{code}"
    if os.environ.get("AI_USAGE_WRITE_DOCUMENTS"):
        FILE.write_text(found, encoding="utf-8")
        pytest.skip("the outputs were written")
    assert found.splitlines() == expected.splitlines()
