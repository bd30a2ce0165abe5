"""The home of Dagster's records: which folder it is, its configuration, and what opening it does."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.ops.records import CONFIGURATION, Home, RecordsError, configure, open_records, prepare
from ai_usage_assets.settings import SettingError


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # what the code exports is undone after the test
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")


def heads(home: Path) -> list[list[tuple[str]]]:
    """The revisions in each of the three files of records."""
    files = ("runs.db", "runs/index.db"), ("schedules.db",)
    paths = [home / "history" / name for name in files[0]] + [home / "schedules" / name for name in files[1]]
    found = []
    for path in paths:
        with sqlite3.connect(path) as connection:
            found.append(connection.execute("select version_num from alembic_version").fetchall())
        connection.close()
    return found


def test_without_dagster_home_the_records_are_below_the_folder_of_the_command(tmp_path: Path) -> None:
    one, other = tmp_path / "one checkout", tmp_path / "other"
    assert Home.find(one) == Home(one / ".local/dagster", is_default=True)
    assert Home.find(other).path == other / ".local/dagster"


def test_dagster_home_is_used_if_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "with spaces"))
    assert Home.find(tmp_path) == Home(tmp_path / "with spaces", is_default=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", "~/records")
    assert Home.find(tmp_path).path == tmp_path / "records"


def test_dagster_home_in_the_env_file_wins_as_it_does_in_dagster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "environment"))
    (tmp_path / ".env").write_text(f"OTHER=1\nDAGSTER_HOME='{tmp_path}/from file'\n", encoding="utf-8")
    assert Home.find(tmp_path).path == tmp_path / "from file"


@pytest.mark.parametrize("value", ["", " ", '""'])
def test_an_empty_dagster_home_in_the_env_file_is_refused_because_dagster_would_forget_its_records(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / ".env").write_text(f"DAGSTER_HOME={value}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"DAGSTER_HOME is empty in \.env"):
        Home.find(tmp_path)


def test_a_relative_dagster_home_is_refused_with_the_path_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "records")
    with pytest.raises(SettingError, match=f"'records'.*Write DAGSTER_HOME={tmp_path}/records"):
        Home.find(tmp_path)


def test_the_first_start_makes_the_home_and_the_second_finds_it(tmp_path: Path) -> None:
    home = tmp_path / ".local/dagster"
    assert prepare(tmp_path) == [f"Dagster's records are in {home}."]
    first = heads(home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert type(instance.event_log_storage).__name__ == "BatchingSqliteEventLogStorage"
        instance.add_dynamic_partitions("seen", ["yes"])
    assert prepare(tmp_path) == [f"Dagster's records are in {home}."]
    assert heads(home) == first
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_dynamic_partitions("seen") == ["yes"]


def test_a_copy_of_an_earlier_release_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, target = Home(tmp_path, is_default=True), tmp_path / "dagster.yaml"
    earlier = tmp_path / "earlier.yaml"
    earlier.write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with monkeypatch.context() as before:
        before.setattr("ai_usage_assets.ops.records.CONFIGURATION", earlier)
        assert configure(home)
    assert "telemetry" in target.read_text(encoding="utf-8")
    assert configure(home)
    assert target.read_text(encoding="utf-8").endswith(CONFIGURATION.read_text(encoding="utf-8"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dagster.yaml", "earlier.yaml"]


@pytest.mark.parametrize("own", ["", "telemetry:\n  enabled: true\n"])
def test_a_configuration_of_the_users_own_is_left_as_it_is(tmp_path: Path, own: str) -> None:
    home = tmp_path / ".local/dagster"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(own, encoding="utf-8")
    said = prepare(tmp_path)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == own
    assert said[1:] == [
        f"{home}/dagster.yaml was left as it is. {CONFIGURATION} explains the settings that it should have."
    ]


def test_an_edited_copy_is_left_as_it_is(tmp_path: Path) -> None:
    home, target = Home(tmp_path, is_default=True), tmp_path / "dagster.yaml"
    assert configure(home)
    edited = target.read_text(encoding="utf-8").replace("max_concurrent_runs: 4", "max_concurrent_runs: 9")
    target.write_text(edited, encoding="utf-8")
    assert not configure(home)
    assert target.read_text(encoding="utf-8") == edited


def test_a_dagster_home_of_several_projects_gets_no_configuration(tmp_path: Path) -> None:
    new, shared = tmp_path / "new", tmp_path / "shared"
    new.mkdir()
    (shared / "history").mkdir(parents=True)
    assert configure(Home(new, is_default=False))
    assert not configure(Home(shared, is_default=False))
    assert not (shared / "dagster.yaml").exists()
    assert configure(Home(shared, is_default=True))


def test_a_home_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(RecordsError, match=r"cannot be kept in .*/file/home: Not a directory\."):
        prepare(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "file"))
    with pytest.raises(RecordsError, match=r"cannot be kept in .*/file: File exists\."):
        prepare(tmp_path)


def test_records_of_an_older_dagster_are_migrated(tmp_path: Path) -> None:
    prepare(tmp_path)
    home = tmp_path / ".local/dagster"
    current = heads(home)
    for path in (home / "history/runs.db", home / "history/runs/index.db", home / "schedules/schedules.db"):
        with sqlite3.connect(path) as connection:
            # the revision before the newest ones, whose migrations change nothing that is there already
            connection.execute("update alembic_version set version_num = '284a732df317'")
        connection.close()
    assert heads(home) != current
    open_records(home)
    assert heads(home) == current


def test_records_that_two_processes_created_are_explained(tmp_path: Path) -> None:
    prepare(tmp_path)
    home = tmp_path / ".local/dagster"
    with sqlite3.connect(home / "history/runs.db") as connection:
        connection.execute("insert into alembic_version values ('284a732df317')")
    connection.close()
    with pytest.raises(RecordsError, match=r"two processes created them at once\. Move the folder away"):
        open_records(home)
