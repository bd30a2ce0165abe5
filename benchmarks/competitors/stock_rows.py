"""The vendors' responses as DataFrames, as users of the stock IO manager write them: httpx, dicts, `astype`."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from benchmarks.competitors.floor_rows import DAILY, EVENT_IDS

Types = dict[str, str]


def types(
    dates: str = "", times: str = "", texts: str = "", counts: str = "", money: str = "", flags: str = ""
) -> Types:
    """The type of each column, so that a day with only NULLs, or without rows, has the same table."""
    kinds = {
        "object": dates,
        "datetime64[us, UTC]": f"{times} fetched_at",
        "string": texts,
        "Int64": counts,
        "float64": money,
        "boolean": flags,
    }
    return {name: type_ for type_, listed in kinds.items() for name in listed.split()}


def frame(rows: Iterable[dict[str, Any]], of: Types) -> pd.DataFrame:
    now = pd.Timestamp.now("UTC")
    return pd.DataFrame(({**row, "fetched_at": now} for row in rows), columns=list(of)).astype(of)


USAGE = types(
    dates="ingest_date",
    times="starting_at ending_at",
    texts="api_key_id workspace_id model service_tier context_window",
    counts="uncached_input_tokens output_tokens cache_read_input_tokens cache_creation_tokens "
    "cache_creation_5m_tokens cache_creation_1h_tokens web_search_requests",
)
COST = types(
    dates="ingest_date",
    times="starting_at ending_at",
    texts="workspace_id cost_type token_type model service_tier context_window inference_geo description currency",
    money="amount_usd",
)
ACTOR = "actor_type actor_email api_key_name customer_type subscription_type terminal_type"
CODE_USAGE = types(
    dates="ingest_date",
    texts=ACTOR,
    flags="is_remote",
    counts="sessions lines_added lines_removed commits pull_requests tool_accepts tool_rejects",
)
CODE_MODELS = types(
    dates="ingest_date",
    texts=f"{ACTOR} model",
    flags="is_remote",
    counts="input_tokens output_tokens cache_read_tokens cache_creation_tokens",
    money="estimated_cost_usd",
)
TEXTS = (
    "most_used_model",
    "client_version",
    "apply_most_used_extension",
    "tab_most_used_extension",
    "user_id",
)
DAILY_USAGE = types(
    dates="ingest_date usage_date",
    texts=" ".join(("email", *TEXTS)),
    flags="is_active",
    counts=" ".join(name for name in DAILY if name not in (*TEXTS, "is_active")),
)
EVENTS = types(
    dates="ingest_date",
    times="event_at",
    texts=f"email model kind {' '.join(EVENT_IDS)}",
    flags="is_chargeable is_token_based is_headless max_mode",
    counts="input_tokens output_tokens cache_write_tokens cache_read_tokens occurrence",
    money="request_units model_cost_usd charged_usd cursor_token_fee_usd",
)


def usage(buckets: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for bucket in buckets:
        for r in bucket["results"]:
            cache = r["cache_creation"]
            rows.append(
                {
                    "ingest_date": date.fromisoformat(bucket["starting_at"][:10]),
                    "starting_at": bucket["starting_at"],
                    "ending_at": bucket["ending_at"],
                    "api_key_id": r["api_key_id"] or "no_api_key",
                    "workspace_id": r["workspace_id"] or "default",
                    "model": r["model"] or "unknown",
                    "uncached_input_tokens": r["uncached_input_tokens"],
                    "output_tokens": r["output_tokens"],
                    "cache_read_input_tokens": r["cache_read_input_tokens"],
                    "cache_creation_tokens": cache["ephemeral_5m_input_tokens"]
                    + cache["ephemeral_1h_input_tokens"],
                    "service_tier": r["service_tier"],
                    "context_window": r["context_window"],
                    "cache_creation_5m_tokens": cache["ephemeral_5m_input_tokens"],
                    "cache_creation_1h_tokens": cache["ephemeral_1h_input_tokens"],
                    "web_search_requests": r["server_tool_use"]["web_search_requests"],
                }
            )
    return frame(rows, USAGE)


def cost(buckets: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {
            **{name: value for name, value in line.items() if name != "amount"},
            "ingest_date": date.fromisoformat(bucket["starting_at"][:10]),
            "starting_at": bucket["starting_at"],
            "ending_at": bucket["ending_at"],
            "workspace_id": line["workspace_id"] or "default",
            "amount_usd": float(line["amount"]) / 100,
        }
        for bucket in buckets
        for line in bucket["results"]
    ]
    return frame(rows, COST)


def _actor(r: dict[str, Any]) -> dict[str, Any]:
    return {
        "ingest_date": date.fromisoformat(r["date"][:10]),
        "actor_type": r["actor"]["type"],
        "actor_email": r["actor"].get("email_address"),
        "api_key_name": r["actor"].get("api_key_name"),
        "customer_type": r["customer_type"],
        "subscription_type": r.get("subscription_type"),
        "terminal_type": r["terminal_type"],
        "is_remote": r.get("is_remote"),
    }


def code_usage(records: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {
            **_actor(r),
            "sessions": r["core_metrics"]["num_sessions"],
            "lines_added": r["core_metrics"]["lines_of_code"]["added"],
            "lines_removed": r["core_metrics"]["lines_of_code"]["removed"],
            "commits": r["core_metrics"]["commits_by_claude_code"],
            "pull_requests": r["core_metrics"]["pull_requests_by_claude_code"],
            "tool_accepts": sum(tool["accepted"] for tool in r["tool_actions"].values()),
            "tool_rejects": sum(tool["rejected"] for tool in r["tool_actions"].values()),
        }
        for r in records
    ]
    return frame(rows, CODE_USAGE)


def code_models(records: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {
            **_actor(r),
            "model": m["model"],
            **{f"{kind}_tokens": count for kind, count in m["tokens"].items()},
            "estimated_cost_usd": m["estimated_cost"]["amount"] / 100,
        }
        for r in records
        for m in r["model_breakdown"]
    ]
    return frame(rows, CODE_MODELS)


def daily(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    day_rows = [
        {
            "ingest_date": date.fromisoformat(row["day"]),
            "usage_date": date.fromisoformat(row["day"]),
            "email": row.get("email") or "unattributed",
            **{name: row.get(source) or None for name, source in DAILY.items() if name in TEXTS},
            **{name: row.get(source) for name, source in DAILY.items() if name not in TEXTS},
        }
        for row in rows
    ]
    return frame(day_rows, DAILY_USAGE)


FLAGS = {
    "is_chargeable": "isChargeable",
    "is_token_based": "isTokenBasedCall",
    "is_headless": "isHeadless",
    "max_mode": "maxMode",
}


def events(listed: Iterable[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for e in listed:
        used = e.get("tokenUsage") or {}
        at = datetime.fromtimestamp(int(e["timestamp"]) / 1000, UTC)
        rows.append(
            {
                "ingest_date": at.date(),
                "event_at": at,
                "email": e.get("userEmail") or None,
                "model": e.get("model") or None,
                "kind": e.get("kind") or e.get("kindLabel"),
                **{name: e.get(source) for name, source in FLAGS.items()},
                "request_units": e.get("requestsCosts"),
                "input_tokens": used.get("inputTokens"),
                "output_tokens": used.get("outputTokens"),
                "cache_write_tokens": used.get("cacheWriteTokens"),
                "cache_read_tokens": used.get("cacheReadTokens"),
                "model_cost_usd": _dollars(used.get("totalCents")),
                "charged_usd": _dollars(e.get("chargedCents")),
                "cursor_token_fee_usd": _dollars(e.get("cursorTokenFee")),
                "occurrence": 1,
                **{name: e.get(source) or None for name, source in EVENT_IDS.items()},
            }
        )
    return frame(rows, EVENTS)


def _dollars(cents: float | None) -> float | None:
    return None if cents is None else cents / 100


def listed(rows: Iterable[dict[str, Any]], **names: str) -> pd.DataFrame:
    """A snapshot table: the vendor's fields under our names, and when they were seen."""
    nothing: dict[str, Any] = {}
    flat = [
        {
            name: (row.get(field.split(".")[0]) or nothing).get(field.split(".")[1])
            if "." in field
            else row.get(field)
            for name, field in names.items()
        }
        for row in rows
    ]
    flags = " ".join(name for name in names if name.startswith("is_"))
    times = " ".join(name for name in names if name.endswith("_at"))
    texts = " ".join(name for name in names if name not in f"{flags} {times}".split())
    made = frame(flat, types(times=times, texts=texts, flags=flags))
    now = pd.Timestamp.now("UTC")
    return made.assign(first_seen_at=now, last_seen_at=now, is_current=True)
