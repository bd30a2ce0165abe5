"""The unusual days of a month: who spent or used how much, what is usual, and the likely cause. Names as elsewhere."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_usage_assets.report import text
from ai_usage_assets.report.costs import OTHER
from ai_usage_assets.report.figures import Figures, grouped, of
from ai_usage_assets.report.folding import shown_groups
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Table
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.people import Person, labels

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 20
CAUSES = {
    "new_key": "A new key",
    "new_model": "A new model",
    "cache_hit_rate_fell": "Less is read from the cache",
    "price_rose": "A higher price per token",
    "one_key": "One key",
    "more_use": "More use",
}
WITH_MODEL = {"new_model", "price_rose"}
"""The causes whose name is a model, and not a key."""


def unusual(frames: Frames, figures: Figures, people: Mapping[str, Person], options: Options) -> Block:
    """A row for each case of the month, the largest first. A case of several days has its largest day."""
    rows = of(frames["agg_anomalies"], figures.month)
    if rows.empty:
        return Block(
            "Unusual spend", notes=["No day left the usual range of a person, key, model or department."]
        )
    named = labels(people, figures.month, options)
    kept = shown_groups(of(frames["agg_report_people"], figures.month), "department")

    def who(row: Mapping[str, Any]) -> str:
        return _who(row, named, kept, options)

    cases = sorted(_cases(rows), key=lambda case: (case[0]["measure"], -_excess(case[0]), case[0]["day"]))
    table = Table(
        "Days above the usual range, the largest first",
        ("Who", "Platform", "Day (UTC)", "That day", "Usually", "At most", "Likely cause"),
        [
            (
                who(row),
                text.platform(row["platform"]),
                text.day_name(row["day"])
                + (f" and {text.plural(days - 1, 'other day')}" if days > 1 else ""),
                *(_amount(row, name) for name in ("", "usual_", "usual_to_")),
                _cause(row),
            )
            for row, days in cases[:MAX_ROWS]
        ],
        texts=(1, 2, 6),
    )
    more = len(cases) - MAX_ROWS
    notes = ["Each case is listed once, under the narrowest of key, person, service, model and department."]
    if more > 0:
        notes.append(f"{text.plural(more, 'case')} more: agg_anomalies has all.")
    return Block("Unusual spend", [table], notes=notes, is_wide=True)


def _cases(rows: "pd.DataFrame") -> list[tuple[dict[str, Any], int]]:
    """The largest day of each case, and its number of days."""
    found = []
    for _, of_case in grouped(rows, "platform", "measure", "scope", "name", "began_on"):
        days = [{str(name): value for name, value in row.items()} for row in of_case.to_dict("records")]
        found.append((max(days, key=_excess), len(days)))
    return found


def _excess(row: Mapping[str, Any]) -> Any:
    name = "usd" if row["measure"] == "cost_usd" else "tokens"
    return _value(row, "") - row[f"usual_{name}"]


def _value(row: Mapping[str, Any], prefix: str) -> Any:
    if row["measure"] == "cost_usd":
        return row[f"{prefix}usd" if prefix else "cost_usd"]
    return row[f"{prefix}tokens"]


def _amount(row: Mapping[str, Any], prefix: str) -> str:
    value = _value(row, prefix)
    return text.usd(value) if row["measure"] == "cost_usd" else f"{text.count(int(value))} tokens"


def _who(row: Mapping[str, Any], named: Mapping[str, str], kept: set[str], options: Options) -> str:
    scope, name = row["scope"], row["name"]
    if scope == "model":
        return text.name(name)
    if scope == "department":
        return text.name(name) if options.has_names or name in kept else OTHER
    owner = named.get(row["user_email"], OTHER)
    if row["actor_type"] == "service":
        return f"Machine: {text.name(name)}" if options.has_names and scope == "key" else "A machine"
    if scope == "key":
        if owner == OTHER:
            return f"A key ({OTHER})"
        return f"Key {text.name(name)} of {owner}" if options.has_names else f"A key of {owner}"
    return owner


def _cause(row: Mapping[str, Any]) -> str:
    cause = row["likely_cause"]
    return f"{CAUSES[cause]}: {text.name(row['cause_name'])}" if cause in WITH_MODEL else CAUSES[cause]
