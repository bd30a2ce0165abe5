"""People's spend, machines, adoption and seats, acceptance with its denominator, and the cache."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.report import text
from ai_usage_assets.report.costs import OTHER, block, costs_by, renamed
from ai_usage_assets.report.figures import ZERO, Figures, grouped, newest_seats, of, total
from ai_usage_assets.report.folding import MIN_GROUP, is_person, kept_groups, members, merged, without_split
from ai_usage_assets.report.frames import Frames
from ai_usage_assets.report.layout import Block, Chart, Section, Table
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.palette import LEVELS, NEUTRAL, platform_color
from ai_usage_assets.report.people import Person, labels
from ai_usage_assets.report.spend import before

if TYPE_CHECKING:
    import pandas as pd

MILLION = 1_000_000


def people_section(
    frames: Frames, figures: Figures, people: Mapping[str, Person], options: Options
) -> Section:
    """The cost of each person, machines apart."""
    frame, month = frames["agg_report_people"], figures.month
    named = labels(people, month, options)

    def costs(rows: "pd.DataFrame") -> dict[str, dict[str, Decimal]]:
        is_shown = [is_person(*each) for each in zip(rows["user_email"], rows["actor_type"], strict=True)]
        # a person without cost in this month has no label in it
        return renamed(costs_by(rows.loc[is_shown], "user_email"), lambda email: named.get(email, OTHER))

    now = costs(of(frame, month))
    folded = sum(1 for label in named.values() if label == OTHER)
    shown = merged(members(of(frame, month), "user_email"), lambda email: named.get(email, OTHER))
    # a row is one person's, so it is `other` alone whose parts may be of few people
    has_few = OTHER in shown and bool(without_split({OTHER: shown[OTHER]}))
    whole = set(named.values()) if has_few and not options.has_names else set()
    notes = [] if options.has_names else ["People have numbers, which are the same all month."]
    if folded:
        notes.append(
            f"{OTHER}: {text.plural(folded, 'person', 'people')} in departments with fewer than {MIN_GROUP} people."
        )
    blocks = [
        block("By person", "people", "Person", now, {}, list(figures.by_platform), notes=notes, whole=whole),
        _machines(of(frame, month), figures),
    ]
    return Section(
        "people", "People", blocks, f"{text.plural(len(people), 'person', 'people')} with cost in the month."
    )


def _machines(rows: "pd.DataFrame", figures: Figures) -> Block:
    """What services cost: keys of services, and Cursor's service accounts."""
    services = costs_by(rows[rows["actor_type"] == "service"], "platform")
    if not any(total(amounts.values()) for amounts in services.values()):
        return Block("Machines", notes=["No service or key of a service has cost in this month."])
    keys = sorted(services, key=lambda key: (-total(services[key].values()), key))
    table = Table(
        "Cost of services in US dollars",
        ("Platform", "Cost", "Share of all cost"),
        [
            (
                text.platform(key),
                text.usd(total(services[key].values())),
                text.percent(total(services[key].values()), figures.own_usd),
            )
            for key in keys
        ],
    )
    return Block("Machines", [table], notes=["Services are not counted as people."])


def adoption_section(frames: Frames, figures: Figures, options: Options) -> Section:
    """Who uses a tool how much, seats, acceptance, and the cache."""
    month = figures.month
    weeks = of(frames["agg_adoption"], month, "week")
    activity = of(frames["agg_report_activity"], month)
    return Section(
        "adoption",
        "Use and seats",
        [
            _weeks(weeks),
            _seats(newest_seats(frames["agg_adoption"], month), options),
            _acceptance(activity),
            _commits(activity),
            _cache(of(frames["agg_report_tokens"], month), before(frames["agg_report_tokens"], month)),
        ],
        "Weeks begin on Monday and are counted in the month of their Monday.",
    )


def _number(value: Any) -> int:
    """A count of a DataFrame; 0 if it is not known."""
    return 0 if value is None or str(value) in {"<NA>", "nan"} else int(value)


def _sum(values: "pd.Series[int]") -> int:
    return int(values.dropna().sum())


def _weeks(weeks: "pd.DataFrame") -> Block:
    """Active people by week and platform, by how often they used it."""
    levels = ("light", "moderate", "heavy")
    rows = [
        (
            week,
            platform,
            {level: _sum(group[f"{level}_people"]) for level in levels},
            _sum(group["days_in"].head(1)),
        )
        for (week, platform), group in grouped(weeks, "week", "platform")
    ]
    rows = [row for row in rows if sum(row[2].values())]
    if not rows:
        return Block("Active people", notes=["No week of this month has activity."])
    table = Table(
        "Active people by week",
        ("Week from", "Platform", "Light", "Moderate", "Heavy", "Active", "Days loaded"),
        [
            (
                text.day_name(week),
                text.tool(platform),
                *(text.count(count) for count in counts.values()),
                text.count(sum(counts.values())),
                text.count(days),
            )
            for week, platform, counts, days in rows
        ],
        texts=(1,),
    )
    chart = Chart(
        "adoption",
        "Active people by week and platform: light, moderate and heavy users",
        "bars",
        [
            f"{week.day} {text.MONTHS[week.month - 1][:3]}, {text.tool(platform)}"
            for week, platform, *_ in rows
        ],
        {level: [float(counts[level]) for *_, counts, _ in rows] for level in levels},
        [text.count(sum(counts.values())) for *_, counts, _ in rows],
        LEVELS,
        {"light": "Light use", "moderate": "Moderate", "heavy": "Heavy"},
    )
    return Block("Active people", [table], chart, ["A person counts by the active days of the week."])


def _seats(newest: "pd.DataFrame", options: Options) -> Block:
    """Seats of the newest week, and those without use in 30 days. Without names, few seats of a platform are folded."""
    if newest.empty:
        return Block("Seats", notes=["No list of seats is loaded for this month or the month before."])
    week = newest["week"].max()
    found: dict[tuple[str, str], list[Decimal]] = {}
    records = newest.to_dict("records")
    holders: dict[str, dict[str, set[tuple[str, int]]]] = {}
    for row in records:
        # a seat is one person's, so that seats are counted like people
        group = str(row["department"])
        of_platform = holders.setdefault(str(row["platform"]), {})
        of_platform[group] = {(group, seat) for seat in range(_number(row["seats"]))}
    kept = {platform: kept_groups(of_platform) for platform, of_platform in holders.items()}
    for row in records:
        platform, group = str(row["platform"]), str(row["department"])
        key = (platform, group if options.has_names or group in kept[platform] else OTHER)
        amounts = [Decimal(_number(row[name])) for name in ("seats", "active_people", "idle_seats")]
        amounts.append(row["idle_seats_usd"] or ZERO)
        found[key] = [a + b for a, b in zip(found.get(key, [ZERO] * 4), amounts, strict=True)]
    keys = sorted(found, key=lambda key: (key[0], key[1] == OTHER, key[1]))
    sums = [sum((found[key][place] for key in keys), ZERO) for place in range(4)]

    def cells(amounts: list[Decimal]) -> tuple[str, ...]:
        return (*(text.count(int(each)) for each in amounts[:3]), text.usd(amounts[3]))

    table = Table(
        f"Seats in the week from {text.day_name(week)}",
        ("Department", "Platform", "Seats", "Active", "Idle", "Cost of idle seats"),
        [
            (text.name(group), text.platform(platform), *cells(found[platform, group]))
            for platform, group in keys
        ],
        foot=("Total", "", *cells(sums)),
        texts=(1,),
    )
    return Block(
        "Seats",
        [table],
        notes=[
            "A seat is idle if its holder did not use it in 30 days. Its cost is for the week: an exposure, not a saving."
        ],
    )


def _acceptance(rows: "pd.DataFrame") -> Block:
    """Accepted suggestions over all that were accepted or rejected."""
    found = [
        (str(platform), _sum(group["accepts"]), _sum(group["accepts"]) + _sum(group["rejects"]))
        for platform, group in grouped(rows, "platform")
    ]
    found = [each for each in found if each[2]]
    if not found:
        return Block("Acceptance", notes=["No suggestion was accepted or rejected in this month."])
    table = Table(
        "Suggestions",
        ("Tool", "Accepted", "Accepted or rejected", "Rate"),
        [
            (text.tool(platform), text.count(accepts), text.count(all_), text.percent(accepts, all_))
            for platform, accepts, all_ in found
        ],
    )
    chart = Chart(
        "acceptance",
        "Acceptance rate of suggestions by tool",
        "rates",
        [text.tool(platform) for platform, *_ in found],
        {"rate": [accepts / all_ for _, accepts, all_ in found]},
        [f"{text.percent(accepts, all_)} of {text.count(all_)}" for _, accepts, all_ in found],
        {"rate": NEUTRAL},
        most=1.0,
    )
    notes = ["The tools count suggestions in different ways. Edits of agents are in neither count."]
    return Block("Acceptance", [table], chart, notes)


def _commits(rows: "pd.DataFrame") -> Block:
    """What Claude Code itself committed."""
    code = rows[rows["platform"] == "claude_code"]
    if not (_sum(code["sessions"]) or _sum(code["commits"])):
        return Block("Claude Code", notes=["Claude Code reports no session in this month."])
    people = code.loc[[is_person(*each) for each in zip(code["user_email"], code["actor_type"], strict=True)]]
    active = people[people["is_active"].isin([True])]["user_email"].nunique()
    table = Table(
        "Claude Code",
        ("Measure", "Month"),
        [
            ("People with a session", text.count(active)),
            ("Sessions", text.count(_sum(code["sessions"]))),
            ("Commits made by it", text.count(_sum(code["commits"]))),
            ("Pull requests made by it", text.count(_sum(code["pull_requests"]))),
        ],
    )
    return Block("Claude Code", [table])


def _cache(now: "pd.DataFrame", earlier: "pd.DataFrame") -> Block:
    """Input that was read from the cache, and what a million tokens cost, by model."""

    def sums(rows: "pd.DataFrame") -> dict[str, dict[str, Decimal]]:
        names = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "priced_tokens")
        found: dict[str, dict[str, Decimal]] = {}
        for row in rows.to_dict("records"):
            of_model = found.setdefault(str(row["model"]), dict.fromkeys((*names, "usd"), ZERO))
            for name in names:
                of_model[name] += _number(row[name])
            of_model["usd"] += row["token_cost_usd"] or ZERO
        return found

    def rate(each: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
        read = each["cache_read_tokens"]
        return read, read + each["uncached_input_tokens"] + each["cache_write_tokens"]

    def price(each: Mapping[str, Decimal] | None) -> str:
        if not each or not each["priced_tokens"]:
            return text.UNKNOWN
        return text.usd(each["usd"] * MILLION / each["priced_tokens"])

    found, past = sums(now), sums(earlier)
    models = sorted(found, key=lambda model: (-rate(found[model])[1], model))
    models = [model for model in models if rate(found[model])[1]]
    if not models:
        return Block("Cache and price", notes=["Anthropic reports no input tokens in this month."])
    table = Table(
        "Cache-hit rate and price by model of Anthropic's API",
        ("Model", "Input tokens", "From the cache", "USD per million tokens", "Month before"),
        [
            (
                text.name(model),
                text.count(int(rate(found[model])[1])),
                text.percent(*rate(found[model])),
                price(found[model]),
                price(past.get(model)),
            )
            for model in models
        ],
    )
    chart = Chart(
        "cache",
        "Share of input tokens that were read from the cache, by model",
        "rates",
        [text.name(model) for model in models[:10]],
        {"rate": [float(rate(found[model])[0] / rate(found[model])[1]) for model in models[:10]]},
        [text.percent(*rate(found[model])) for model in models[:10]],
        {"rate": platform_color("anthropic")},
        most=1.0,
    )
    notes = ["The price is of all kinds of tokens together, so more cache reads lower it."]
    return Block("Cache and price", [table], chart, notes)
