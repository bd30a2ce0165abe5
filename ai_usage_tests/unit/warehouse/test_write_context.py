"""How the jobs of a write are named."""

import re

from ai_usage_assets.warehouse.engine import WriteContext


def test_a_job_id_has_what_bigquery_accepts_and_differs_by_each_part() -> None:
    context = WriteContext("run/1", "fct cost[é]", 2, "n0")
    assert context.job_id("5", "a.b") == "run_1-fct_cost_-2-n0-5-a_b"
    assert context.part("audit").job_id() == "run_1-fct_cost_-audit-2-n0"
    again = WriteContext("run/1", "fct cost[é]", 2)
    assert again.job_id() != context.job_id()
    assert re.fullmatch("[0-9a-f]{12}", context.suffix)
