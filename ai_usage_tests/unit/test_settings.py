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


def test_without_variables_every_setting_has_its_default() -> None:
    settings = Settings.from_env({})

    assert settings.start_date == date(2025, 1, 1)
    assert settings.duckdb_path == Path(".local/ai_usage.duckdb")
    assert settings.identity_dir == Path("identity")
    assert (settings.bigquery_dataset, settings.bigquery_location) == ("ai_usage", "US")
    assert settings.vendors == ()
    assert {name: source.base_url for name, source in settings.sources.items()} == {
        "anthropic": "https://api.anthropic.com",
        "cursor": "https://api.cursor.com",
    }
    assert {name: source.retention_days for name, source in settings.sources.items()} == {
        "anthropic": None,
        "cursor": 90,
    }
    assert DemoSettings.read({}).port == 3000


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
        ("ANTHROPIC_ANALYTICS", "yes", "is 'yes', which is neither true nor false"),
        ("BIGQUERY_PROJECT", "a`b", "is 'a`b', which cannot be the name of a Google Cloud project"),
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
