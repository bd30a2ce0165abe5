"""deploy/compose.yaml: the order of the first start, and the files that the code server reads."""

import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"] == "ai-usage-assets"}


def test_one_service_opens_the_records_once_and_every_other_one_waits_for_its_success() -> None:
    opening = SERVICES["open-records"]
    assert opening["command"] == ["python", "-m", "ai_usage_assets.start"]
    assert (opening["restart"], opening["depends_on"]) == (
        "no",
        {"records": {"condition": "service_healthy"}},
    )
    assert {"code", "webserver", "daemon", "open-records"} == OURS
    for name in OURS - {"open-records"}:
        assert SERVICES[name]["depends_on"]["open-records"] == {"condition": "service_completed_successfully"}


def test_the_database_is_healthy_only_when_it_answers_over_the_network() -> None:
    assert SERVICES["records"]["healthcheck"]["test"][-2:] == ["-h", "127.0.0.1"]


def test_the_containers_can_run_as_the_owner_of_the_credentials() -> None:
    assert {SERVICES[name]["user"] for name in OURS} == {"${AI_USAGE_CONTAINER_USER:-10001:10001}"}
    assert all(SERVICES[name]["read_only"] and SERVICES[name]["cap_drop"] == ["ALL"] for name in OURS)


def test_a_credentials_file_that_does_not_exist_is_an_error_and_not_a_new_folder() -> None:
    [mount] = [volume for volume in SERVICES["code"]["volumes"] if isinstance(volume, dict)]
    assert mount["source"].startswith("${GOOGLE_APPLICATION_CREDENTIALS:-")
    assert (mount["read_only"], mount["bind"]) == (True, {"create_host_path": False})
    assert mount["target"] in SERVICES["code"]["environment"]["GOOGLE_APPLICATION_CREDENTIALS"]
    # Compose ignores the uid and mode of a secret from a file
    assert "secrets" not in COMPOSE


def test_a_dagster_home_for_commands_outside_of_the_container_is_not_used_in_it() -> None:
    assert SERVICES["code"]["environment"]["DAGSTER_HOME"] == "/opt/dagster/home"


def test_a_run_can_write_its_temporary_files_the_pages_and_parsed_sql_as_any_user() -> None:
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    [line] = re.findall(r"install -d -m 1777 (.*)", image)
    for variable in ("TMPDIR", "AI_USAGE_REPORT_DIR", "XDG_CACHE_HOME"):
        folder = SERVICES["code"]["environment"][variable]
        [volume] = [
            name
            for name, _, target in (str(each).partition(":") for each in SERVICES["code"]["volumes"])
            if target == folder
        ]
        assert volume in COMPOSE["volumes"]
        # a new volume has the rights of the image's folder
        assert folder in line.split()
    assert f"AI_USAGE_REPORT_DIR={SERVICES['code']['environment']['AI_USAGE_REPORT_DIR']} " in image
