"""Frames of a month as the usage report reads them, written by hand, and what a reader finds on its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pandas as pd

from ai_usage_assets.days import Days, month_before
from ai_usage_assets.report.frames import INPUTS
from ai_usage_assets.schema.registry import BY_NAME

OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))
NAMES = (
    ("Zoë", "Ångström"),
    ("王", "小明"),
    ("محمد", "الأحمد"),
    ("Дмитрий", "Ёлкин"),
    ("प्रिया", "शर्मा"),
    ("<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'),
    ("\u202eevil\u202c", "'; {{7*7}} \\u0041 ]]>"),
)
"""Names in five scripts, names with markup, and a name that turns the text around it."""


@dataclass
class Company:
    """Frames of people with a cost per day and platform."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in INPUTS})

    def frames(self) -> dict[str, pd.DataFrame]:
        return {
            name: pd.DataFrame(rows, columns=list(BY_NAME[name].column_names), dtype=object)
            for name, rows in self.rows.items()
        }

    def add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)

    def load(self, days: Iterable[date], platforms: Sequence[str] = ("anthropic", "cursor")) -> "Company":
        """Days that are loaded."""
        for day in days:
            for platform in platforms:
                self.add("agg_report_days", day=day, platform=platform, cost_type="none", cost_usd=Decimal(0))
        return self

    def budget(
        self,
        day: date,
        usd: str | None,
        spent: str,
        *,
        scope: str = "company",
        name: str = "company",
        **more: Any,
    ) -> "Company":
        """A row of fct_budget_daily, without a forecast unless more has one."""
        given = {"state": "no_budget" if usd is None else "under_75_percent", "days_left": 0, **more}
        amount = None if usd is None else Decimal(usd)
        self.add(
            "fct_budget_daily",
            day=day,
            scope=scope,
            name=name,
            budget_usd=amount,
            spent_usd=Decimal(spent),
            **given,
        )
        return self

    def spend(
        self,
        email: str,
        usd: str,
        days: Iterable[date] = (OCTOBER.first,),
        *,
        platform: str = "cursor",
        name: tuple[str, str] | None = None,
        department: str = "Engineering",
        model: str | None = "claude-sonnet-5-5",
        cost_type: str = "usage",
    ) -> "Company":
        """A person's cost on each of these days, in every frame that has it."""
        cost = Decimal(usd)
        first, last = name or (None, None)
        for day in days:
            at = {"day": day, "platform": platform, "cost_usd": cost}
            self.add("agg_report_days", cost_type=cost_type, **at)
            self.add("agg_report_models", model=model, cost_type=cost_type, **at)
            for dimension in ("department", "team", "cost_center"):
                self.add("agg_report_groups", dimension=dimension, name=department, **at)
            self.add(
                "agg_report_people",
                user_email=email,
                actor_type="person",
                first_name=first,
                last_name=last,
                department=department,
                team=department,
                cost_center=department,
                **at,
            )
            if email == "unattributed":
                self.add("agg_report_unattributed", reason="no_key", **at)
        return self


def company(people: int, names: Sequence[tuple[str, str]] = (), days: Days = OCTOBER) -> Company:
    """People in departments of ten, each with cost on every day of the month and one day of the month before."""
    found = Company().load([*month_before(days.first), *days])
    for number in range(people):
        found.spend(
            f"person{number}@example.com",
            f"{1 + number % 17}.{number % 100:02}",
            [month_before(days.first).last, *days],
            platform=("anthropic", "cursor")[number % 2],
            name=names[number % len(names)] if names else (f"First{number}", f"Last{number}"),
            department=f"Department {number // 10}",
        )
    return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.tiles: dict[str, tuple[str, str]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = self._label = self._value = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        if tag in {"th", "td", "caption", "dt", "dd", "title", "h1"}:
            self._text = []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._text).strip()
        if tag in {"th", "td"}:
            self._rows[-1].append(text)
        elif tag == "caption":
            self._caption = text
        elif tag == "table":
            self.tables[self._caption] = self._rows
        elif tag == "dt":
            self._label, self._value = text, ""
        elif tag == "dd":
            self._value = self._value or text
            self.tiles[self._label] = (self._value, text)


def read_page(html: str) -> _Reader:
    """The page's tables by caption (each row a list of texts), its key figures, and its elements."""
    reader = _Reader()
    reader.feed(html)
    return reader
