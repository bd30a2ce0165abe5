"""Settings: each variable is read once, refused with its name, and a secret is never shown."""

import traceback
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST
from ai_usage_assets.schema.tables.anthropic_analytics import RAW_ANTHROPIC_ANALYTICS_COST
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.settings import SECRETS, DemoSettings, SettingError, Settings

SECRET = "s3cr3t"


DEFAULTS = {
    "has_anthropic_analytics": False,
    "cursor_requests_per_minute": None,
    "bigquery_project": None,
    "bigquery_billing_project": None,
    "bigquery_dataset": "ai_usage",
    "bigquery_location": "US",
    "bigquery_emulator_host": None,
    "bigquery_impersonate": None,
    "bigquery_max_bytes_billed": None,
    "duckdb_path": Path(".local/ai_usage.duckdb"),
    "start_date": date(2025, 1, 1),
    "moderate_days": 2,
    "heavy_days": 4,
    "anomaly_floor_usd": 25,
    "has_names_in_reports": False,
    "report_dir": Path(".local/reports"),
    "replace_with_nothing": False,
    "has_pseudonym_key": False,
    "personal_retention_days": None,
    "identity_dir": Path("identity"),
    "has_alert_webhook": False,
    "ui_url": None,
    "code_url": None,
}


def test_without_variables_every_setting_has_its_default() -> None:
    settings = Settings.from_env({})

    assert settings.model_dump() == DEFAULTS
    assert settings.vendors == ()
    assert {name: source.model_dump() for name, source in settings.sources.items()} == {
        "anthropic": {"has_key": False, "base_url": "https://api.anthropic.com", "retention_days": None},
        "cursor": {"has_key": False, "base_url": "https://api.cursor.com", "retention_days": 90},
    }
    assert DemoSettings.read({}).port == 3000


def test_every_variable_is_read_into_its_setting() -> None:
    """Each has a value of its own. The days of a week and of retention, and the length of the key, are at their limits."""
    settings = Settings.from_env(
        {
            "ANTHROPIC_ANALYTICS": "TRUE",
            "ANTHROPIC_ADMIN_BASE_URL": "https://claude.example.com",
            "ANTHROPIC_RETENTION_DAYS": "30",
            "CURSOR_ADMIN_API_KEY": "k",
            "CURSOR_ADMIN_BASE_URL": "https://cursor.example.com",
            "CURSOR_RETENTION_DAYS": "31",
            "CURSOR_REQUESTS_PER_MINUTE": "1",
            "BIGQUERY_PROJECT": "tables",
            "BIGQUERY_BILLING_PROJECT": "pay",
            "BIGQUERY_DATASET": "A_1",
            "BIGQUERY_LOCATION": "EU",
            "BIGQUERY_EMULATOR_HOST": "http://127.0.0.1:9050",
            "BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT": "writer@tables.iam.gserviceaccount.com",
            "BIGQUERY_MAXIMUM_BYTES_BILLED": "2",
            "AI_USAGE_DUCKDB_PATH": "a.duckdb",
            "AI_USAGE_START_DATE": "2026-02-01",
            "AI_USAGE_MODERATE_DAYS": "1",
            "AI_USAGE_HEAVY_DAYS": "7",
            "AI_USAGE_ANOMALY_FLOOR_USD": "3",
            "AI_USAGE_REPORT_NAMES": "True",
            "AI_USAGE_REPORT_DIR": "pages",
            "AI_USAGE_REPLACE_WITH_NOTHING": "true",
            "AI_USAGE_PSEUDONYM_KEY": "k" * 32,
            "AI_USAGE_PERSONAL_RETENTION_DAYS": "62",
            "AI_USAGE_IDENTITY_DIR": "people",
            "AI_USAGE_ALERT_WEBHOOK_URL": "http://127.0.0.1/hook",
            "AI_USAGE_UI_URL": "https://dagster.example.com/",
            "AI_USAGE_CODE_URL": "https://code.example.com",
        }
    )

    assert settings.model_dump() == {
        "has_anthropic_analytics": True,
        "cursor_requests_per_minute": 1,
        "bigquery_project": "tables",
        "bigquery_billing_project": "pay",
        "bigquery_dataset": "A_1",
        "bigquery_location": "EU",
        "bigquery_emulator_host": "http://127.0.0.1:9050",
        "bigquery_impersonate": "writer@tables.iam.gserviceaccount.com",
        "bigquery_max_bytes_billed": 2,
        "duckdb_path": Path("a.duckdb"),
        "start_date": date(2026, 2, 1),
        "moderate_days": 1,
        "heavy_days": 7,
        "anomaly_floor_usd": 3,
        "has_names_in_reports": True,
        "report_dir": Path("pages"),
        "replace_with_nothing": True,
        "has_pseudonym_key": True,
        "personal_retention_days": 62,
        "identity_dir": Path("people"),
        "has_alert_webhook": True,
        "ui_url": "https://dagster.example.com",
        "code_url": "https://code.example.com",
    }
    assert settings.vendors == ("cursor",)
    assert {name: source.model_dump() for name, source in settings.sources.items()} == {
        # Anthropic keeps all its days, whatever is set
        "anthropic": {"has_key": False, "base_url": "https://claude.example.com", "retention_days": None},
        "cursor": {"has_key": True, "base_url": "https://cursor.example.com", "retention_days": 31},
    }


def test_a_blank_variable_is_not_set_and_white_space_is_cut() -> None:
    settings = Settings.from_env(
        {"CURSOR_ADMIN_API_KEY": " \t", "BIGQUERY_LOCATION": " EU\n", "AI_USAGE_START_DATE": ""}
    )

    assert settings.vendors == ()
    assert settings.bigquery_location == "EU"
    assert settings.start_date == date(2025, 1, 1)


def test_variables_are_read_from_the_mapping_and_not_from_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AI_USAGE_START_DATE", "2025-05-05")

    assert Settings.from_env({}).start_date == date(2025, 1, 1)
    assert Settings.from_env().start_date == date(2025, 5, 5)


def test_a_table_is_fetched_if_its_vendor_has_a_key_and_its_setting_is_on() -> None:
    env = {"ANTHROPIC_ADMIN_API_KEY": "k"}
    tables = [RAW_ANTHROPIC_COST, RAW_ANTHROPIC_ANALYTICS_COST, RAW_CURSOR_EVENTS]

    assert [Settings.from_env(env).fetches(table) for table in tables] == [True, False, False]
    with_analytics = Settings.from_env({**env, "ANTHROPIC_ANALYTICS": "True"})
    assert [with_analytics.fetches(table) for table in tables] == [True, True, False]


def test_no_secret_is_shown_with_the_settings() -> None:
    settings = Settings.from_env(dict.fromkeys(SECRETS, f"https://hooks.example.com/{SECRET}"))

    assert settings.vendors == ("anthropic", "cursor")
    assert settings.has_alert_webhook
    assert SECRET not in f"{settings!r} {settings.sources!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AI_USAGE_ALERT_WEBHOOK_URL", f"http://hooks.example.com/{SECRET}"),
        ("CURSOR_ADMIN_BASE_URL", f"https://user:{SECRET}@api.example.com"),
    ],
)
def test_no_secret_is_shown_with_a_refusal(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=variable) as refused:
        Settings.from_env({variable: value})

    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("AI_USAGE_START_DATE", "soon", "is 'soon', which is not a date like 2025-01-01"),
        ("CURSOR_RETENTION_DAYS", "0", "is '0', which is not a whole number above 0"),
        ("CURSOR_REQUESTS_PER_MINUTE", "-1", "is '-1', which is not a whole number above 0"),
        ("BIGQUERY_MAXIMUM_BYTES_BILLED", "1.5", "is '1.5', which is not a whole number above 0"),
        ("AI_USAGE_ANOMALY_FLOOR_USD", "0", "is '0', which is not a whole number above 0"),
        ("AI_USAGE_MODERATE_DAYS", "0", "is '0', which is not a number of days from 1 to 7"),
        ("AI_USAGE_MODERATE_DAYS", "two", "is 'two', which is not a number of days from 1 to 7"),
        ("AI_USAGE_HEAVY_DAYS", "8", "is '8', which is not a number of days from 1 to 7"),
        ("ANTHROPIC_ANALYTICS", "yes", "is 'yes', which is neither true nor false"),
        ("AI_USAGE_REPORT_NAMES", "1", "is '1', which is neither true nor false"),
        ("AI_USAGE_REPLACE_WITH_NOTHING", "on", "is 'on', which is neither true nor false"),
        (
            "AI_USAGE_PERSONAL_RETENTION_DAYS",
            "61",
            (
                "is 61, and addresses are needed for 62 days at least: vendors revise the days of a month, and a month is "
                "closed in the month after it"
            ),
        ),
        ("AI_USAGE_PERSONAL_RETENTION_DAYS", "0", "is '0', which is not a whole number above 0"),
        (
            "AI_USAGE_PSEUDONYM_KEY",
            "k" * 31,
            "has fewer than 32 characters, so it could be guessed. `openssl rand -hex 32` makes one",
        ),
        ("BIGQUERY_PROJECT", "a`b", "is 'a`b', which cannot be the name of a Google Cloud project"),
        ("BIGQUERY_BILLING_PROJECT", "A-b", "is 'A-b', which cannot be the name of a Google Cloud project"),
        ("BIGQUERY_DATASET", "a-b", "is 'a-b', which cannot be the name of a BigQuery dataset"),
        ("BIGQUERY_LOCATION", "E U", "is 'E U', which cannot be the name of a BigQuery location"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_variable(
    variable: str, value: str, message: str
) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_env({variable: value})

    assert str(refused.value) == f"{variable} {message}"


def test_a_port_that_is_no_number_is_refused() -> None:
    with pytest.raises(SettingError, match="PORT is 'http', which is not a whole number above 0"):
        DemoSettings.read({"PORT": "http"})


def test_a_start_date_is_compared_with_the_given_clock() -> None:
    env = {"AI_USAGE_START_DATE": "2026-02-01"}

    assert Settings.from_env(env, lambda: datetime(2026, 2, 2, tzinfo=UTC)).start_date == date(2026, 2, 1)
    with pytest.raises(SettingError) as refused:
        Settings.from_env(env, lambda: datetime(2026, 2, 1, 23, tzinfo=UTC))
    assert str(refused.value) == (
        "AI_USAGE_START_DATE is 2026-02-01, and the newest day that is over is 2026-01-31 (UTC), so no day could be "
        "fetched. Set it to the first day that you want."
    )
    assert refused.value.hint == "Set it to the first day that you want."
