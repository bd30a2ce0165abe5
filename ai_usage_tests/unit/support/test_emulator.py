"""The BigQuery emulator, and the search for Python 3.13."""

from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from ai_usage_tests.support.emulator import python313


def test_table_is_created_and_read_by_unqualified_names(emulator: str) -> None:
    client = bigquery.Client(
        project="local", credentials=AnonymousCredentials(), client_options={"api_endpoint": emulator}
    )
    dataset = client.create_dataset(bigquery.Dataset("local.emulator_probe"))
    config = bigquery.QueryJobConfig(default_dataset=dataset.reference)
    for statement in (
        "create table days (day date not null, name string default 'none') partition by day cluster by name",
        "insert into days (day) values (date '2026-10-01')",
    ):
        client.query(statement, job_config=config).result(timeout=60)

    rows = client.query("select name from days where day = date '2026-10-01'", job_config=config).result(
        timeout=60
    )

    assert [row.name for row in rows] == ["none"]


def test_configured_python_that_does_not_run_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(python313.VARIABLE, str(tmp_path / "absent"))

    with pytest.raises(python313.PythonNotFoundError, match=python313.VARIABLE):
        python313.find()


def test_shim_that_does_not_run_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.delenv(python313.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))

    with pytest.raises(python313.PythonNotFoundError, match="no Python"):
        python313.find()
