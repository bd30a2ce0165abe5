"""`ai-usage export focus` over the month of the sample company: sums, rules of the specification, privacy, and files."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from stat import S_IMODE
from unittest.mock import patch

import pyarrow as pa
import pytest
from pyarrow import parquet

from ai_usage_assets.cli import focus_files
from ai_usage_assets.schema.tables.focus import FOCUS_COST_AND_USAGE, NEW_IN_1_3
from ai_usage_tests.support.command import Done, ai_usage
from ai_usage_tests.support.month_run import MonthRun

MONTH = "2026-11"
OF_MONTH = "cost_date >= date '2026-11-01' and cost_date < date '2026-12-01'"
Row = dict[str, str]
MANDATORY_1_2 = {
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd"),
    *("ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost"),
    *("PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName"),
}
NOT_NULL = MANDATORY_1_2 - {
    *("BillingAccountName", "ChargeClass", "PricingQuantity", "PricingUnit"),
} | {"ChargeFrequency", "HostProviderName", "ServiceProviderName", "ServiceSubcategory"}
DECIMALS = {
    *("BilledCost", "ConsumedQuantity", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "ListCost"),
    *("ListUnitPrice", "PricingQuantity"),
}
DATES = {"BillingPeriodEnd", "BillingPeriodStart", "ChargePeriodEnd", "ChargePeriodStart"}


def export(month_run: MonthRun, line: str, folder: Path, **env: str) -> Done:
    month_run.engine.close()
    env = {**month_run.env, "AI_USAGE_REPORT_DIR": str(folder), **env}
    return ai_usage(f"export focus --month {MONTH} {line}", month_run.folder, env)


def rows_of(done: Done) -> list[Row]:
    """The rows of all parts."""
    assert done.code == 0, done.text
    paths = [Path(line) for line in done.out.splitlines()[1:]]
    rows: list[Row] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


@pytest.fixture(scope="module")
def month_run(month_run_on_duckdb: MonthRun) -> MonthRun:
    return month_run_on_duckdb


@pytest.fixture(scope="module")
def rows(month_run: MonthRun, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return rows_of(export(month_run, "--names", tmp_path_factory.mktemp("focus")))


def usd(rows: list[Row], column: str = "BilledCost") -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def of(rows: list[Row], **values: str) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def test_billed_cost_is_that_of_the_facts_by_day_platform_person_and_key(
    month_run: MonthRun, rows: list[Row]
) -> None:
    facts = month_run.fetch(
        f"select cost_date, platform, user_email, api_key_id, sum(cost_usd) as usd from fct_cost_daily where {OF_MONTH} "
        "group by 1, 2, 3, 4"
    )
    expected = {
        (
            str(fact["cost_date"]),
            fact["platform"],
            "" if fact["user_email"] == "unattributed" else fact["user_email"],
            fact["api_key_id"] or "",
        ): fact["usd"]
        for fact in facts
    }
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["x_CostType"] != "included":
            key = ("x_ChargeDate", "x_Platform", "x_PrincipalId", "x_CredentialId")
            found[tuple(row[name] for name in key)] += Decimal(row["BilledCost"])
    assert len(expected) > 100
    assert dict(found) == expected
    assert usd(rows) == sum(expected.values())


def test_tokens_and_calls_are_those_of_the_facts(month_run: MonthRun, rows: list[Row]) -> None:
    [tokens] = month_run.fetch(
        "select sum(uncached_input_tokens) as input, sum(cache_read_tokens) as reads, sum(output_tokens) as output "
        "from fct_anthropic_tokens_daily where usage_date >= date '2026-11-01' and usage_date < date '2026-12-01' "
        "and token_cost_usd is not null"
    )
    meters = {"input": "Input Tokens", "reads": "Cache Read Input Tokens", "output": "Output Tokens"}
    for name, meter in meters.items():
        assert usd(of(rows, SkuMeter=meter), "ConsumedQuantity") == tokens[name] > 0
    [calls] = month_run.fetch(
        "select sum(if(is_charged, requests, 0)) as charged, sum(included_value_usd) as usd from "
        "fct_cursor_requests_daily where usage_date >= date '2026-11-01' and usage_date < date '2026-12-01' and "
        "(included_value_usd is not null or cost_usd is not null)"
    )
    assert usd(of(rows, x_CostType="overage"), "ConsumedQuantity") == calls["charged"] > 0
    assert usd(of(rows, x_CostType="included"), "ListCost") == calls["usd"] > 0


def test_a_price_is_the_vendors_where_a_cell_has_one_price(rows: list[Row]) -> None:
    """The sample company's Opus 5.5 costs 20 USD a million tokens of output, and half of it in a batch."""
    prices = [
        Decimal(row["ContractedUnitPrice"])
        for row in of(rows, SkuMeter="Output Tokens")
        if row["x_ModelId"].startswith("claude-opus-5-5") and Decimal(row["ConsumedQuantity"]) > 20_000
    ]
    assert prices
    assert all(Decimal("9.9") < price < Decimal("22.1") for price in prices)
    assert Counter(round(price) for price in prices).most_common(1)[0][0] == 20


def test_rows_are_in_the_order_of_their_keys(rows: list[Row]) -> None:
    names = ["x_ChargeDate", "x_Platform", "SubAccountId", "x_CredentialId", "x_PrincipalId", "x_CostType"]
    names += ["x_ModelId", "AllocatedMethodId", "SkuMeter", "BillingPeriodStart", "ChargeClass"]
    keys = [tuple(row[name] for name in names) for row in rows]
    assert keys == sorted(set(keys))


# --- the rules of the specification, by column; FOCUS 1.2 and 1.3, specification/columns


def test_mandatory_columns_are_present_and_custom_ones_come_last(rows: list[Row]) -> None:
    """`... MUST be present in a FOCUS dataset`; ColumnHandling: `Custom columns SHOULD be listed after all FOCUS columns`."""
    columns = list(rows[0])
    assert {*MANDATORY_1_2, "ServiceProviderName", "HostProviderName"} <= set(columns)
    is_custom = [name.startswith("x_") for name in columns]
    assert is_custom == sorted(is_custom)
    assert all(re.fullmatch(r"(x_)?([A-Z][a-z]+)+", name) and len(name) <= 50 for name in columns)


def test_columns_that_may_not_be_null_are_never_empty(rows: list[Row]) -> None:
    """`... MUST NOT be null`; NullHandling: `Columns MUST NOT use empty strings or placeholder values`."""
    assert {name for row in rows for name in NOT_NULL if not row[name]} == set()
    assert not {
        value
        for row in rows
        for value in row.values()
        if value.lower() in {"null", "none", "n/a", "unattributed"}
    }


def test_numbers_and_instants_have_the_format_of_the_specification(rows: list[Row]) -> None:
    """NumericFormat: no sign of a positive value, no comma, no unit. DateTimeFormat: `YYYY-MM-DDTHH:mm:ssZ`."""
    for row in rows:
        assert all(re.fullmatch(r"(-?\d+\.\d+)?", row[name]) for name in DECIMALS), row
        assert all(re.fullmatch(r"2026-\d\d-\d\dT00:00:00Z", row[name]) for name in DATES), row


def test_periods_are_half_open_and_the_charge_lies_in_its_month(rows: list[Row]) -> None:
    """ChargePeriodStart, BillingPeriodStart: inclusive start bound; ...End: exclusive end bound."""
    for row in rows:
        start, end = (datetime.fromisoformat(row[name]) for name in ("ChargePeriodStart", "ChargePeriodEnd"))
        assert (end - start).days == 1
        assert row["x_ChargeDate"] == f"{start:%Y-%m-%d}"
        assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == (
            "2026-11-01T00:00:00Z",
            "2026-12-01T00:00:00Z",
        )


def test_values_of_closed_lists_are_the_allowed_ones(rows: list[Row]) -> None:
    """`... MUST be one of the allowed values`; ServiceSubcategory has `AI and Machine Learning` as its one parent."""
    found = {
        name: {row[name] for row in rows}
        for name in ("ChargeCategory", "ChargeClass", "ChargeFrequency", "PricingCategory", "BillingCurrency")
    }
    assert found == {
        "ChargeCategory": {"Usage", "Purchase", "Credit"},
        "ChargeClass": {""},
        "ChargeFrequency": {"Usage-Based", "Recurring", "One-Time"},
        "PricingCategory": {"Standard", "Other", ""},
        "BillingCurrency": {"USD"},
    }
    assert {(row["ServiceCategory"], row["ServiceSubcategory"]) for row in rows} == {
        ("AI and Machine Learning", "Generative AI")
    }


def test_a_purchase_is_not_usage_based_and_has_no_consumption(rows: list[Row]) -> None:
    """ChargeFrequency `MUST NOT be "Usage-Based" when ChargeCategory is "Purchase"`; ConsumedQuantity `MUST be null when
    ChargeCategory is not "Usage"`.
    """
    seats = of(rows, ChargeCategory="Purchase")
    assert seats
    assert {(row["ChargeFrequency"], row["ConsumedQuantity"], row["ConsumedUnit"]) for row in seats} == {
        ("Recurring", "", "")
    }


def test_units_and_skus_are_there_with_their_quantities(rows: list[Row]) -> None:
    """PricingUnit, ConsumedUnit: null exactly if the quantity is. SkuMeter, SkuPriceId, SkuPriceDetails: null without SkuId.

    UnitFormat: `<plural-units>`, `<quantity> <plural-units>` or `<singular-unit>-<plural-time-units>`.
    """
    for row in rows:
        for quantity, unit in (("PricingQuantity", "PricingUnit"), ("ConsumedQuantity", "ConsumedUnit")):
            assert bool(row[quantity]) == bool(row[unit])
        assert (
            bool(row["SkuId"])
            == bool(row["SkuMeter"])
            == bool(row["SkuPriceId"])
            == bool(row["PricingQuantity"])
        )
        assert row["SkuId"] or not row["SkuPriceDetails"]
    assert {row["PricingUnit"] for row in rows} == {
        *("", "1000000 Tokens", "1000 Requests", "Requests", "Seat-Days"),
    }
    parents = defaultdict(set)
    for row in rows:
        parents[row["SkuPriceId"]].add((row["SkuId"], row["SkuMeter"], row["SkuPriceDetails"]))
    assert {price: len(found) for price, found in parents.items()} == dict.fromkeys(parents, 1)


def test_prices_times_quantities_are_the_costs(rows: list[Row]) -> None:
    """`The product of ContractedUnitPrice and PricingQuantity MUST match the ContractedCost`; ListUnitPrice and ListCost too.

    Without a unit price, both costs `MUST match the BilledCost`; a unit price `MUST be a non-negative decimal value`.
    """
    for row in rows:
        for price, cost in (("ContractedUnitPrice", "ContractedCost"), ("ListUnitPrice", "ListCost")):
            if row[price]:
                assert Decimal(row[price]) >= 0
                product = Decimal(row[price]) * Decimal(row["PricingQuantity"])
                assert abs(product - Decimal(row[cost])) < Decimal("0.000001")
            else:
                assert row[cost] == row["BilledCost"]
        assert row["EffectiveCost"] == row["BilledCost"]


def test_key_values_are_flat_json_objects_with_custom_keys(rows: list[Row]) -> None:
    """KeyValueFormat: an object of numbers, strings, booleans or null. Keys of our own `MUST begin with the string "x_"`."""
    found = [json.loads(row["SkuPriceDetails"]) for row in rows if row["SkuPriceDetails"]]
    assert found
    assert all(
        isinstance(value, str) and key.startswith("x_") for each in found for key, value in each.items()
    )


def test_a_sub_account_has_a_name_and_an_allocated_part_its_resource(rows: list[Row]) -> None:
    """SubAccountName: null exactly if SubAccountId is. AllocatedResourceId: null for what is not allocated, and never for an
    allocated portion.
    """
    for row in rows:
        assert bool(row["SubAccountId"]) == bool(row["SubAccountName"]) == (row["x_Platform"] == "anthropic")
        assert bool(row["AllocatedResourceId"]) == (row["AllocatedMethodId"] in {"key", "account"})
    assert {row["AllocatedMethodId"] for row in rows} >= {"key", "account", ""}


# --- names, versions and files


def test_names_are_off_unless_they_are_asked_for(
    month_run: MonthRun, rows: list[Row], tmp_path: Path
) -> None:
    done = export(month_run, "", tmp_path)
    plain = rows_of(done)
    assert "@" not in "".join(value for row in plain for value in row.values())
    assert (usd(plain), len(plain)) == (usd(rows), len(rows))
    # a label beside a key would tell everybody who knows the key's owner whose label it is
    assert {row["x_PrincipalId"] for row in plain if row["x_CredentialId"]} == {""}
    labels = {row["x_PrincipalId"] for row in plain}
    assert len(labels) > 8
    month_run.engine.close()
    spend = ai_usage(
        f"spend --by person --month {MONTH} --csv",
        month_run.folder,
        {**month_run.env, "AI_USAGE_REPORT_DIR": str(tmp_path)},
    )
    assert labels - {""} <= {row["person"] for row in csv.DictReader(spend.out.splitlines())}
    named, usual = tmp_path / f"focus-{MONTH}-1.3-csv-names", tmp_path / "usual"
    assert not named.exists()
    export(month_run, "", tmp_path, AI_USAGE_REPORT_NAMES="true")
    usual.mkdir()
    # a folder without names has the rights of one that the user makes
    assert [S_IMODE(each.stat().st_mode) for each in (named, *tmp_path.glob("*-csv"))] == [
        0o700,
        S_IMODE(usual.stat().st_mode),
    ]


def test_version_1_2_has_no_column_of_1_3(month_run: MonthRun, rows: list[Row], tmp_path: Path) -> None:
    older = rows_of(export(month_run, "--names --focus-version 1.2", tmp_path))
    assert list(older[0]) == [name for name in rows[0] if name not in NEW_IN_1_3]
    assert (usd(older), len(older)) == (usd(rows), len(rows))


def test_parquet_has_the_rows_of_the_csv_with_types(
    month_run: MonthRun, rows: list[Row], tmp_path: Path
) -> None:
    done = export(month_run, "--names --format parquet", tmp_path)
    tables = [parquet.read_table(line) for line in done.out.splitlines()[1:]]
    found = pa.concat_tables(tables)
    assert found.num_rows == len(rows)
    assert pa.types.is_decimal(found.schema.field("BilledCost").type)
    assert sum(found["BilledCost"].to_pylist()) == usd(rows)
    assert [focus_files.cell(value) or "" for value in found["PricingQuantity"].to_pylist()] == [
        row["PricingQuantity"] for row in rows
    ]
    assert found.column_names == list(FOCUS_COST_AND_USAGE.column_names)


def test_a_month_that_cannot_be_exported_is_a_sentence(month_run: MonthRun, tmp_path: Path) -> None:
    month_run.engine.close()
    env = {**month_run.env, "AI_USAGE_REPORT_DIR": str(tmp_path / "reports")}
    done = ai_usage("export focus --month 2025-03", month_run.folder, env)
    assert (done.code, done.out) == (1, "")
    assert done.text.startswith(
        "error: No cost of 2025-03 is loaded. The loaded days are 2026-10-21...2026-11-19."
    )
    file = tmp_path / "file"
    file.write_text("")
    done = ai_usage(f"export focus --month {MONTH} --names --to {file}", month_run.folder, env)
    assert (done.code, done.out) == (1, "")
    assert done.text == (
        "2026-11 is not over: it has 19 of 30 days.\n"
        f"error: The export {file}/focus-{MONTH}-1.3-csv-names cannot be written (File exists). Nothing was written. Give its "
        "folder to the user of this process, or name another one with --to.\n"
    )


# --- the files by themselves


def table(count: int, text: str = "x") -> pa.Table:
    return pa.table(
        {
            "BilledCost": pa.array([Decimal(n) for n in range(count)], pa.decimal128(38, 9)),
            "SkuId": [text] * count,
        }
    )


@pytest.mark.parametrize(
    ("count", "width", "expected"),
    [
        (0, 1, 1),
        (1, 1, 1),
        (10_000, 1, 1),
        (10_001, 1, 2),
        (25_000, 1, 3),
        (1_000, 3_000, 2),
        (30, 100_000, 2),
    ],
)
def test_parts_are_within_both_limits_and_lose_no_row(
    tmp_path: Path, count: int, width: int, expected: int
) -> None:
    paths = focus_files.write(table(count, "x" * width), "csv", tmp_path / "out", is_personal=False)
    assert len(paths) == expected
    assert sorted(tmp_path.glob("out/*")) == paths
    found = list(lines(paths))
    assert [Decimal(row["BilledCost"]) for row in found] == list(range(count))
    for path in paths:
        assert path.stat().st_size <= 2_000_000
        assert len(path.read_text().splitlines()) <= 10_001


def test_two_rows_that_are_too_large_together_are_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(focus_files, "MAX_BYTES", 10)
    for count in (1, 2, 3):
        assert len(list(focus_files.parts(table(count), "csv"))) == count
    size = len(focus_files.as_csv(table(2)))
    for most, count in ((size, 1), (size - 1, 2)):
        monkeypatch.setattr(focus_files, "MAX_BYTES", most)
        assert len(list(focus_files.parts(table(2), "csv"))) == count


def lines(paths: list[Path]) -> Iterator[Row]:
    for path in paths:
        with path.open(newline="") as file:
            yield from csv.DictReader(file)


def test_a_smaller_export_leaves_no_part_of_the_former_one(tmp_path: Path) -> None:
    focus_files.write(table(25_000), "csv", tmp_path / "out", is_personal=False)
    [path] = focus_files.write(table(5), "csv", tmp_path / "out", is_personal=False)
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]
    assert list((tmp_path / "out").iterdir()) == [path]


@pytest.mark.parametrize("failing", [1, 2, "rename"])
def test_an_export_that_fails_leaves_the_former_one(tmp_path: Path, failing: int | str) -> None:
    [former] = focus_files.write(table(3), "csv", tmp_path / "out", is_personal=False)
    before = former.read_bytes()
    written: list[Path] = []
    write_part, rename = focus_files._write_part, Path.rename

    def full(path: Path, content: bytes) -> Path:
        written.append(path)
        if len(written) == failing:
            path.write_bytes(content[:10])
            raise OSError(28, "No space left on device")
        return write_part(path, content)

    def refused(path: Path, target: Path) -> Path:
        if failing == "rename" and target == tmp_path / "out" and path.suffix != ".former":
            raise OSError(13, "Permission denied")
        return rename(path, target)

    with (
        patch.object(focus_files, "_write_part", full),
        patch.object(Path, "rename", refused),
        pytest.raises(focus_files.ExportError, match="Nothing was written"),
    ):
        focus_files.write(table(15_000), "csv", tmp_path / "out", is_personal=False)
    assert former.read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("-12.500000000"), "-12.5"),
        (Decimal("0E-9"), "0.0"),
        (Decimal("-0E-9"), "0.0"),
        (Decimal("4000000.000000000"), "4000000.0"),
        (Decimal("1E+3"), "1000.0"),
        (Decimal("0.000000001"), "0.000000001"),
        ("=1+1", "'=1+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("+x", "'+x"),
        ("a\nb", "a b"),
        (True, "true"),
        (None, None),
        (12, 12),
    ],
)
def test_a_cell_is_no_formula_and_a_number_stays_one(value: object, expected: object) -> None:
    assert focus_files.cell(value) == expected
