"""What the verbs that read print about a small company: every line, with names and without.

`small_company.txt` has the commands and their outputs. `AI_USAGE_WRITE_DOCUMENTS=1` writes the outputs anew. Read the
difference before you keep it.
"""

import csv
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
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
            of_key(8, "7.125", "apikey_1", model_family="opus", model="opus-5", allocation="key"),
            of_key(8, "0.01", "apikey_1", api_key_id=None, user_email=DATA[0], allocation="account"),
            of_key(8, "1.0625", "apikey_2", model_family="opus", model="opus-5"),
            of_key(31, "-0.25", "apikey_3", "credit"),
            # of other months
            {**cost(1, "1000", LAW), "cost_date": date(2026, 9, 30)},
            {**of_key(1, "2000", "apikey_3"), "cost_date": date(2026, 8, 1), "user_email": DATA[1]},
            {**cost(1, "3", DATA[0]), "cost_date": date(2026, 11, 2)},
            {**cost(1, "-3", DATA[0], "credit"), "cost_date": date(2026, 11, 2)},
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


ALL_COLUMNS = "api_key_id,email,purpose,valid_from,valid_to,actor_type"
OF_2 = "apikey_2,law@x.example,'=cron,2026-10-11,,service"
OF_3 = "apikey_3,ben@x.example,,,,"


@pytest.mark.parametrize(
    ("content", "out"),
    [
        (None, f"{ALL_COLUMNS}\napikey_2,law@x.example,'=cron,,,service\n{OF_3}\n"),
        ("", f"{ALL_COLUMNS}\napikey_2,law@x.example,'=cron,,,service\n{OF_3}\n"),
        (f"{ALL_COLUMNS}\napikey_2,old@x.example,,,2026-10-10,\n", f"{OF_2}\n{OF_3}\n"),
        # a file that does not end with a line break, and has its columns in another order
        (
            "email,purpose,api_key_id,valid_from,valid_to\nold@x.example,,apikey_2,,2026-10-10",
            "\nlaw@x.example,'=cron,apikey_2,2026-10-11,\nben@x.example,,apikey_3,,\n",
        ),
        (f"{ALL_COLUMNS}\napikey_2,a@x.example,,2026-12-01,,\napikey_3,a@x.example,,2026-12-01,,\n", ""),
    ],
)
def test_proposed_lines_fit_into_the_file(company: SmallWarehouse, content: str | None, out: str) -> None:
    file = company.folder / "identity" / "api_key_owners.csv"
    file.unlink(missing_ok=True)
    if content is not None:
        company.write(file.name)
        file.write_text(content, encoding="utf-8")
    done = company.run("keys --unowned")
    file.unlink(missing_ok=True)
    assert (done.code, done.out) == (0, out)
    assert done.text.count("apikey_2 (=cron, no_creator, 1.06 USD): ") == 1
    assert len(done.text.splitlines()) == len(out.splitlines()) + 2


def test_the_last_use_of_a_key_is_within_ninety_days(company: SmallWarehouse) -> None:
    # the first cost of apikey_3 is of August 1
    for day, usd in ((date(2026, 10, 30), "1,999.75"), (date(2026, 10, 31), "-0.25")):
        now = datetime(day.year, day.month, day.day, tzinfo=UTC)
        assert (
            f"apikey_3 (no name, no_creator, {usd} USD, not active): "
            in company.run("keys --unowned", now).text
        )


def test_people_of_an_export_have_labels_and_rows_of_a_key_have_none(company: SmallWarehouse) -> None:
    columns = ("x_PrincipalId", "x_PrincipalType", "AllocatedResourceId", "x_CredentialId")
    persons = {
        email: f"Data {number}" for email, number in zip(DATA, (981, 295, 393, 970, 961, 611), strict=True)
    }
    persons |= {"": "", LAW: "other"} | dict.fromkeys(OPS, "other")
    found = []
    for option in ("--names", ""):
        path = company.run(f"export focus {option}").out.splitlines()[1]
        with Path(path).open(encoding="utf-8", newline="") as file:
            found.append([tuple(row[name] for name in columns) for row in csv.DictReader(file)])
    named, labelled = found
    assert {row[1:] for row in named if row[0] in {DATA[0], ""} or row[3]} == {
        ("person", "", ""),
        ("person", DATA[0], ""),
        ("person", "apikey_1", "apikey_1"),
        ("service", "", "apikey_2"),
        ("unknown", "", "apikey_3"),
    }
    assert labelled == [
        (
            "" if key else "machines" if actor == "service" else persons[person],
            actor,
            persons[resource] if resource == person else resource,
            key,
        )
        for person, actor, resource, key in named
    ]
