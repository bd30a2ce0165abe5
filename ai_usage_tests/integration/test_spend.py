"""`ai-usage spend` over the month of the sample company: every dimension adds up to fct_cost_daily."""

import csv
import json
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from ai_usage_assets.cli.spend import DIMENSIONS
from ai_usage_assets.cli.spend_rows import GROUPS
from ai_usage_assets.report.folding import MIN_GROUP
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.month_run import MonthRun


def spend(month_run: MonthRun, line: str, **env: str) -> Done:
    month_run.engine.close()
    return ai_usage(f"spend {line}", month_run.folder, {**month_run.env, **env})


@pytest.fixture
def month_run(month_run_on_duckdb: MonthRun) -> MonthRun:
    return month_run_on_duckdb


@pytest.mark.parametrize("by", DIMENSIONS)
def test_every_dimension_adds_up_to_the_facts(month_run: MonthRun, by: str) -> None:
    [fact] = month_run.fetch(
        "select sum(cost_usd) as usd from fct_cost_daily where cost_date >= '2026-11-01'"
    )
    as_csv = spend(month_run, f"--by {by} --month 2026-11 --csv --names")
    rows = list(csv.DictReader(StringIO(as_csv.out)))
    assert sum(Decimal(row["cost_usd"]) for row in rows) == fact["usd"]
    as_json = json.loads(spend(month_run, f"--by {by} --month 2026-11 --json").out, parse_float=Decimal)
    assert as_json["total_usd"] == fact["usd"] == sum(row["cost_usd"] for row in as_json["rows"])
    table = spend(month_run, f"--by {by} --month 2026-11").out.splitlines()
    amounts = [Decimal(line.split()[-2].replace(",", "")) for line in table[3:]]
    assert amounts[-1] == sum(amounts[:-1]) == round(fact["usd"], 2)
    assert table[2].split()[-2:] == ["cost_usd", "share"]
    assert table[-1].split() == ["total", f"{amounts[-1]:,}", "100.0%"]


def test_names_are_off_unless_they_are_asked_for(month_run: MonthRun) -> None:
    for form in ("", "--csv", "--json"):
        for by in ("person", "key"):
            line = f"--by {by} --month 2026-11 {form}"
            assert "@" not in spend(month_run, line).text
            assert "priya.raman@tidewater.example" in spend(month_run, f"{line} --names").out
            assert "@" in spend(month_run, line, AI_USAGE_REPORT_NAMES="true").out


def test_a_key_is_its_id_alone_unless_names_are_asked_for(month_run: MonthRun) -> None:
    for names, columns in (("", ()), ("--names", ("name", "owner"))):
        done = spend(month_run, f"--by key --month 2026-11 --csv {names}")
        assert done.out.splitlines()[0].split(",") == ["api_key_id", *columns, "cost_usd"]


def test_people_have_the_labels_of_the_page(month_run: MonthRun, tmp_path: Path) -> None:
    env = {"AI_USAGE_REPORT_DIR": str(tmp_path)}
    done = spend(month_run, "--by person --month 2026-11 --csv", **env)
    labels = {row["person"] for row in csv.DictReader(StringIO(done.out))}
    assert {"machines", "unattributed"} < labels
    assert len(labels) > 8
    month_run.engine.close()
    ai_usage("report --month 2026-11", tmp_path, {**month_run.env, **env})
    page = (tmp_path / "2026-11.html").read_text(encoding="utf-8")
    assert [label for label in labels if label not in page.lower() and label not in page] == []
    assert labels == {
        row["person"]
        for row in csv.DictReader(StringIO(spend(month_run, "--by person --month 2026-11 --csv", **env).out))
    }


@pytest.mark.parametrize("by", GROUPS)
def test_no_group_of_few_people_is_shown_unless_names_are_asked_for(month_run: MonthRun, by: str) -> None:
    column, line = GROUPS[by], f"--by {by} --month 2026-11"
    people = month_run.fetch(
        f"select user_email, max_by({column}, cost_date) as name from v_cost where cost_date >= '2026-11-01' "
        "and user_email != 'unattributed' and coalesce(actor_type, 'person') != 'service' group by 1"
    )
    sizes = Counter(row["name"] or f"no {column.replace('_', ' ')}" for row in people)
    assert min(sizes.values()) < MIN_GROUP < max(sizes.values())
    shown = {
        row[column]
        for row in csv.DictReader(StringIO(spend(month_run, f"{line} --csv").out))
        if row["who"] == "people"
    }
    assert "other" in shown
    assert {sizes[name] for name in shown - {"other"}} and min(
        sizes[name] for name in shown - {"other"}
    ) >= MIN_GROUP
    assert sum(sizes.values()) - sum(sizes[name] for name in shown) >= MIN_GROUP
    rows = json.loads(spend(month_run, f"{line} --json").out)["rows"]
    assert {row[column] for row in rows if row["who"] == "people"} == shown
    # machines of a person's own group, too
    assert {row[column] for row in rows} - shown <= {"unattributed"}
    table = spend(month_run, line)
    assert not [name for name in sizes.keys() - shown if name in table.out]
    assert '"other"; --names shows them.' in table.text
    named = spend(month_run, f"{line} --csv --names")
    assert {row[column] for row in csv.DictReader(StringIO(named.out))} >= sizes.keys()
    assert "other" not in named.text


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("--by team --month 2026-7", 2, "'2026-7' is not a month like 2026-10."),
        ("--by team --month 2026-08", 1, "No cost of 2026-08 is loaded. The loaded days are 2026-10-21...2026-11-19."),
        ("--by team --month 2026-11", 0, "2026-11 is not over: it has 19 of 30 days."),
        ("--by team", 0, "warning: 20 of 31 days of 2026-10 are not loaded"),
        ("--by team --csv --json", 2, "Use --csv or --json, not both."),
    ],
)  # fmt: skip
def test_a_month_that_is_wrong_empty_or_incomplete_is_named(
    month_run: MonthRun, line: str, code: int, said: str
) -> None:
    done = spend(month_run, line)
    assert done.code == code
    assert said in done.text
    assert "Traceback" not in done.text


def test_without_a_warehouse_nothing_is_created(tmp_path: Path) -> None:
    done = ai_usage("spend --by team", tmp_path)
    assert done.code == 1
    assert done.text == (
        "error: There is no warehouse yet: the DuckDB file .local/ai_usage.duckdb does not exist. Load days with `ai-usage fetch`, or "
        "let `ai-usage up` load them.\n"
    )
    assert list(tmp_path.iterdir()) == []
