"""A month of everything: loaded by Dagster from the sandbox, with its time, jobs, bytes and checks.

A vendor's window has 30 days, so a month sends as many jobs as a day or a week. What the tables hold afterwards is tested in
`integration/test_thirty_days.py`, on BigQuery too.
"""

from collections import Counter
from typing import Any

import pytest

from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES, layer
from ai_usage_tests.support.bigquery_page import marked
from ai_usage_tests.support.emulator.recording import Call
from ai_usage_tests.support.engines import ON_BIGQUERY
from ai_usage_tests.support.harness import failed_checks, step_errors, warehouse_environment
from ai_usage_tests.support.live.meter import METER, USD_PER_TIB
from ai_usage_tests.support.live.target import is_emulated, not_answered
from ai_usage_tests.support.month_run import MonthRun

TIB = 1024**4


pytestmark = pytest.mark.parametrize("month_run", ON_BIGQUERY, indirect=True)


def asset(call: Call) -> str | None:
    """The asset that the job of a request is labeled with."""
    label: str | None = call.configuration.get("labels", {}).get("asset")
    return label


def jobs_on_the_page() -> tuple[int, int]:
    """The jobs of a run on the cost page: of the writes, and of the checks."""
    row = next(line for line in marked("costs").splitlines() if line.startswith("| all |"))
    loads, statements, _, by_checks = (int(cell) for cell in row.split("|")[2:6])
    return loads + statements, by_checks


def test_every_step_and_every_check_passes(month_run: MonthRun, record_property: Any) -> None:
    assert (step_errors(month_run.result), failed_checks(month_run.result)) == ({}, [])
    jobs = sum(1 for call in month_run.calls if call.configuration)
    record_property(
        "figure",
        f"{month_run.seconds:.0f} s for {jobs} jobs and {len(month_run.calls) - jobs} other requests",
    )


def test_the_checks_of_every_table_send_statements_that_are_answered(
    month_run: MonthRun, record_property: Any
) -> None:
    asked = [
        call for call in month_run.calls if any(name.startswith("defs/checks/") for name, _ in call.places)
    ]
    evaluations = month_run.result.get_asset_check_evaluations()
    checked = {evaluation.asset_key.path[-1] for evaluation in evaluations}
    # the run that creates a view audits it, and its checks of constraints send nothing
    views = {view.name for view in layer(Layer.VIEW)}
    assert views < checked
    assert checked - views <= {asset(call) for call in asked}
    assert all(evaluation.passed for evaluation in evaluations)
    statements = sum(1 for call in asked if call.sql)
    record_property("figure", f"{len(evaluations)} checks, {statements} statements")


def test_the_jobs_are_found_by_their_labels(month_run: MonthRun, record_property: Any) -> None:
    """In JOBS_BY_USER, because JOBS needs `bigquery.jobs.listAll`."""
    if is_emulated(month_run.engine):
        not_answered("the labels in INFORMATION_SCHEMA.JOBS (the emulator's view has no labels)")
    sent = Counter(asset(call) for call in month_run.calls if asset(call))
    project = month_run.engine.qualified("t").split(".")[0]
    region = warehouse_environment(month_run.engine, month_run.folder)["BIGQUERY_LOCATION"].lower()
    found = month_run.fetch(
        "select label.value as asset, count(distinct job_id) as jobs "
        f"from `{project}`.`region-{region}`.INFORMATION_SCHEMA.JOBS_BY_USER, unnest(labels) as label "
        f"where creation_time >= timestamp '{month_run.started_at:%Y-%m-%d %H:%M:%S}+00' and label.key = 'asset' "
        f"and exists (select 1 from unnest(labels) as l where l.key = 'run' and l.value = '{month_run.result.run_id}') "
        "group by 1"
    )
    record_property("figure", f"{sum(row['jobs'] for row in found)} jobs found, {sent.total()} sent")
    assert {row["asset"] for row in found} == set(sent)


def test_the_bytes_of_each_table_are_billed_to_its_label(month_run: MonthRun, record_property: Any) -> None:
    if is_emulated(month_run.engine):
        not_answered("the cost of each asset (the emulator bills 0 bytes)")
    jobs = [job for job in METER.jobs.values() if job.labels.get("run") == month_run.result.run_id]
    billed: Counter[str] = Counter()
    for job in jobs:
        billed[job.labels["asset"]] += job.billed_bytes
    assert billed.keys() <= {table.name for table in TABLES}
    # billed bytes are rounded up to megabytes
    assert all(number % 1024**2 == 0 for number in billed.values())
    total = sum(billed.values())
    record_property("figure", f"{total / 1024**2:,.0f} MiB, {total / TIB * USD_PER_TIB:.4f} USD")
    written, by_checks = jobs_on_the_page()
    record_property("figure", f"jobs: {len(jobs)}; the cost page says {written} and {by_checks} by checks")
    for name, number in billed.most_common():
        record_property("figure", f"{name} {number / 1024**2:,.0f} MiB")
