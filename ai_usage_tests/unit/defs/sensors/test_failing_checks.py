"""The checks that a digest names, from Dagster's records of their results."""

import dagster as dg

from ai_usage_assets.defs.sensors.digest.texts import check_keys, failing_checks


def test_a_check_is_named_whose_newest_result_failed_with_its_table_or_how_many_tables() -> None:
    results = {
        ("sums", ("warehouse", "fct_b")): (False, True, False),
        ("keys", ("fct_a",)): (False,),
        ("keys", ("warehouse", "fct_b")): (True, False),
        # it passes again, or was never run
        ("days", ("fct_a",)): (False, True),
        ("rows", ("fct_a",)): (),
    }
    keys = [dg.AssetCheckKey(dg.AssetKey(path), name) for name, path in results]
    with dg.DagsterInstance.ephemeral() as instance:
        for key, passed in zip(keys, results.values(), strict=True):
            for each in passed:
                instance.report_runless_asset_event(
                    dg.AssetCheckEvaluation(
                        asset_key=key.asset_key, check_name=key.name, passed=each, metadata={}
                    )
                )
        assert failing_checks(instance, keys) == ("keys (2 tables)", "sums (fct_b)")


def test_without_a_code_location_only_the_check_of_closed_months_is_looked_at() -> None:
    assert [str(key.asset_key.path[-1]) + ":" + key.name for key in check_keys(None)] == [
        "closed_months:closed_months_are_unchanged"
    ]
