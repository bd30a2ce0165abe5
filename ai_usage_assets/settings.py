"""The environment variables: each one once, with its type, its default and its refusal. No other module reads them.

`.env.example` lists the variables with comments. Secrets stay in the environment: a setting says only whether there is
one, and Dagster's `EnvVar` reads it where it is used.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from ai_usage_assets.days import Clock, last_closed, utc_now
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.sources.source import SOURCES, Source
from ai_usage_assets.urls import SAFE_URL, is_encrypted_or_loopback, is_safe

PSEUDONYM_KEY = "AI_USAGE_PSEUDONYM_KEY"
MIN_KEY_CHARACTERS = 32
PERSONAL_RETENTION = "AI_USAGE_PERSONAL_RETENTION_DAYS"
MIN_PERSONAL_RETENTION_DAYS = 62
"""A vendor revises for a month, and a month is closed in the month after it."""
SECRETS = (*(source.key_variable for source in SOURCES), "AI_USAGE_ALERT_WEBHOOK_URL", PSEUDONYM_KEY)

EnvironmentT = TypeVar("EnvironmentT", bound="Environment")


class SettingError(AiUsageError, ValueError):
    """An environment variable has a value that cannot be used."""

    def __init__(self, variable: str, problem: str, hint: str = "") -> None:
        super().__init__(f"{variable} {problem}", hint)


def is_set(text: str) -> bool:
    """For a secret: only that it is there."""
    return bool(text)


def flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"is {text[:80]!r}, which is neither true nor false")
    return text.lower() == "true"


def positive_integer(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"is {text!r}, which is not a whole number above 0")
    return int(text)


def days_of_a_week(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 7:
        raise ValueError(f"is {text[:80]!r}, which is not a number of days from 1 to 7")
    return int(text)


def kept_days(text: str) -> int:
    found = positive_integer(text)
    if found < MIN_PERSONAL_RETENTION_DAYS:
        raise ValueError(
            f"is {found}, and addresses are needed for {MIN_PERSONAL_RETENTION_DAYS} days at least: vendors revise the days "
            "of a month, and a month is closed in the month after it"
        )
    return found


def iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is {text!r}, which is not a date like 2025-01-01") from None


def long_key(text: str) -> bool:
    if len(text) < MIN_KEY_CHARACTERS:
        # the key is not shown
        raise ValueError(
            f"has fewer than {MIN_KEY_CHARACTERS} characters, so it could be guessed. `openssl rand -hex 32` makes one"
        )
    return True


def webhook(url: str) -> bool:
    if not is_encrypted_or_loopback(url):
        # the URL is not shown, because it is a secret
        raise ValueError("is not an https URL, nor an http URL of loopback, so no alert is sent there")
    return True


def name(pattern: str, kind: str) -> Callable[[str], str]:
    """For a name that is written into SQL: it must hold nothing that could end a quoted name or a statement."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(f"is {text[:80]!r}, which cannot be the name of a {kind}")
        return text

    return check


def without_last_slash(url: str) -> str | None:
    return url.rstrip("/") or None


IsSet = Annotated[bool, BeforeValidator(is_set)]
Flag = Annotated[bool, BeforeValidator(flag)]
OptionalInt = Annotated[int | None, BeforeValidator(positive_integer)]
KeptDays = Annotated[int | None, BeforeValidator(kept_days)]
WeekDays = Annotated[int, BeforeValidator(days_of_a_week)]
PositiveInt = Annotated[int, BeforeValidator(positive_integer)]
Port = PositiveInt
Date = Annotated[date, BeforeValidator(iso_date)]
KeyIsSet = Annotated[bool, BeforeValidator(long_key)]
WebhookIsSet = Annotated[bool, BeforeValidator(webhook)]
Project = Annotated[
    str | None, BeforeValidator(name(r"[a-z][a-z0-9.:-]{1,61}[a-z0-9]", "Google Cloud project"))
]
Dataset = Annotated[str, BeforeValidator(name(r"[A-Za-z0-9_]{1,1024}", "BigQuery dataset"))]
Location = Annotated[str, BeforeValidator(name(r"[A-Za-z0-9-]{2,40}", "BigQuery location"))]
WebAddress = Annotated[str | None, BeforeValidator(without_last_slash)]


class Environment(BaseSettings):
    """Settings that are read from given variables. White space around a value is cut, and a blank value is not set."""

    model_config = SettingsConfigDict(
        frozen=True,
        case_sensitive=True,
        env_prefix_target="alias",
        extra="ignore",
        # the validators take the text of a variable
        validate_default=False,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the mapping that `read` hands over in place of `os.environ`, and no file: Dagster reads `.env`."""
        assert isinstance(env_settings, EnvSettingsSource)
        env_settings.env_vars = init_settings()["variables"]
        return (env_settings,)

    @classmethod
    def read(cls, env: Mapping[str, str] | None = None, prefix: str = "") -> Self:
        """Read the variables of `env`, which is the process's environment by default.

        Raises:
            SettingError: a value cannot be used.
        """
        variables = {
            variable: value.strip()
            for variable, value in (os.environ if env is None else env).items()
            if value.strip()
        }
        values: dict[str, Any] = {"variables": variables, "_env_prefix": prefix}
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise SettingError(f"{prefix}{first['loc'][0]}", str(first["ctx"]["error"])) from None


class SourceSettings(Environment):
    """The variables of one vendor. They begin with the vendor's name, like `CURSOR_`."""

    has_key: IsSet = Field(default=False, validation_alias="ADMIN_API_KEY")
    base_url: str = Field(default="", validation_alias="ADMIN_BASE_URL")
    retention_days: OptionalInt = Field(default=None, validation_alias="RETENTION_DAYS")
    """Days of history that the vendor keeps; None if it keeps all."""

    @classmethod
    def of(cls, source: Source, env: Mapping[str, str] | None = None) -> "SourceSettings":
        """The settings of a vendor, with its own defaults.

        Raises:
            SettingError: a value cannot be used.
        """
        settings = cls.read(env, prefix=f"{source.name.upper()}_")
        base_url = settings.base_url or source.base_url
        if not is_safe(base_url):
            # the URL is not shown, because it may hold a password
            raise SettingError(
                source.url_variable, f"cannot be used: {SAFE_URL}.", f"Write it like {source.base_url}"
            )
        retention_days = source.retention_days and (settings.retention_days or source.retention_days)
        return settings.model_copy(update={"base_url": base_url, "retention_days": retention_days})


class Settings(Environment):
    """What the deployment is configured with."""

    has_anthropic_analytics: Flag = Field(default=False, validation_alias="ANTHROPIC_ANALYTICS")
    cursor_requests_per_minute: OptionalInt = Field(
        default=None, validation_alias="CURSOR_REQUESTS_PER_MINUTE"
    )
    bigquery_project: Project = Field(default=None, validation_alias="BIGQUERY_PROJECT")
    """The tables are in BigQuery if it is set, else in DuckDB."""
    bigquery_billing_project: Project = Field(default=None, validation_alias="BIGQUERY_BILLING_PROJECT")
    """The project that runs the jobs and pays for them; None if it is the project of the tables."""
    bigquery_dataset: Dataset = Field(default="ai_usage", validation_alias="BIGQUERY_DATASET")
    bigquery_location: Location = Field(default="US", validation_alias="BIGQUERY_LOCATION")
    bigquery_emulator_host: str | None = Field(default=None, validation_alias="BIGQUERY_EMULATOR_HOST")
    bigquery_impersonate: str | None = Field(
        default=None, validation_alias="BIGQUERY_IMPERSONATE_SERVICE_ACCOUNT"
    )
    bigquery_max_bytes_billed: OptionalInt = Field(
        default=None, validation_alias="BIGQUERY_MAXIMUM_BYTES_BILLED"
    )
    duckdb_path: Path = Field(default=Path(".local/ai_usage.duckdb"), validation_alias="AI_USAGE_DUCKDB_PATH")
    start_date: Date = Field(default=date(2025, 1, 1), validation_alias="AI_USAGE_START_DATE")
    """The first UTC day that can be fetched."""
    moderate_days: WeekDays = Field(default=2, validation_alias="AI_USAGE_MODERATE_DAYS")
    """From so many active days in a week a person is a moderate user."""
    heavy_days: WeekDays = Field(default=4, validation_alias="AI_USAGE_HEAVY_DAYS")
    """From so many a heavy one."""
    anomaly_floor_usd: PositiveInt = Field(default=25, validation_alias="AI_USAGE_ANOMALY_FLOOR_USD")
    """By how many dollars a day must exceed its usual value to be an anomaly."""
    has_names_in_reports: Flag = Field(default=False, validation_alias="AI_USAGE_REPORT_NAMES")
    """Whether what is made to be passed on names people. By default it does not."""
    report_dir: Path = Field(default=Path(".local/reports"), validation_alias="AI_USAGE_REPORT_DIR")
    """Where the pages of usage_report are written."""
    replace_with_nothing: Flag = Field(default=False, validation_alias="AI_USAGE_REPLACE_WITH_NOTHING")
    has_pseudonym_key: KeyIsSet = Field(default=False, validation_alias=PSEUDONYM_KEY)
    """Whether curated tables have pseudonyms in place of e-mails."""
    personal_retention_days: KeptDays = Field(default=None, validation_alias=PERSONAL_RETENTION)
    """For how many days the raw tables keep addresses; None if for ever."""
    identity_dir: Path = Field(default=Path("identity"), validation_alias="AI_USAGE_IDENTITY_DIR")
    has_alert_webhook: WebhookIsSet = Field(default=False, validation_alias="AI_USAGE_ALERT_WEBHOOK_URL")
    ui_url: WebAddress = Field(default=None, validation_alias="AI_USAGE_UI_URL")
    code_url: str | None = Field(default=None, validation_alias="AI_USAGE_CODE_URL")

    _sources: Mapping[str, SourceSettings] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, clock: Clock = utc_now) -> "Settings":
        """Read the settings from `env`, which is the process's environment by default.

        Raises:
            SettingError: a value cannot be used, the start date is not over, or addresses are to be replaced by pseudonyms
                and there is no key of pseudonyms.
        """
        settings = cls.read(env)
        settings._sources = {source.name: SourceSettings.of(source, env) for source in SOURCES}  # noqa: SLF001
        newest = last_closed(clock())
        if settings.start_date > newest:
            raise SettingError(
                "AI_USAGE_START_DATE",
                f"is {settings.start_date}, and the newest day that is over is {newest} (UTC), so no day could be "
                "fetched.",
                "Set it to the first day that you want.",
            )
        if settings.personal_retention_days and not settings.has_pseudonym_key:
            raise SettingError(
                PERSONAL_RETENTION,
                f"is {settings.personal_retention_days}, and {PSEUDONYM_KEY} is not set: without pseudonyms, an old day that "
                "is computed again would lose its people.",
                f"Set {PSEUDONYM_KEY} too, or do not set {PERSONAL_RETENTION}.",
            )
        return settings

    @property
    def sources(self) -> Mapping[str, SourceSettings]:
        """The settings of every vendor, by its name."""
        return self._sources

    @property
    def vendors(self) -> tuple[str, ...]:
        """The names of the vendors that have a key."""
        return tuple(vendor for vendor, source in self.sources.items() if source.has_key)

    def fetches(self, table: Table) -> bool:
        """Whether the table is fetched: its vendor has a key, and it is switched on if it is optional."""
        return table.vendor in self.vendors and (
            table.enabling_variable is None or self.has_anthropic_analytics
        )


class DagsterSettings(Environment):
    """Where Dagster has its records."""

    home: Path | None = Field(default=None, validation_alias="DAGSTER_HOME")


class DemoSettings(Environment):
    """What the demo is configured with."""

    port: Port = Field(default=3000, validation_alias="PORT")
    """Of Dagster's UI."""


def environment(folder: Path) -> dict[str, str]:
    """The process's environment with the values of the folder's `.env` over it, as Dagster's commands read them."""
    in_file = dotenv_values(folder / ".env")
    return {**os.environ, **{name: value or "" for name, value in in_file.items()}}


def secret_values() -> list[str]:
    """The secrets in the environment now, so that a text can be searched for them."""
    return [value for variable in SECRETS if (value := os.environ.get(variable))]


def pseudonym_key() -> str | None:
    """The key of the pseudonyms, if it is set."""
    return os.environ.get(PSEUDONYM_KEY, "").strip() or None


def search_path() -> str:
    """Where the shell looks for commands."""
    return os.environ.get("PATH", os.defpath)


def export(variables: Mapping[str, str]) -> None:
    """Set variables for this process and the processes that it starts."""
    os.environ.update(variables)


def export_default(variable: str, value: str) -> None:
    """Set a variable unless it is set."""
    os.environ.setdefault(variable, value)
