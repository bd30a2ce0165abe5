"""The first screen: the month's total, its change, its forecast, whether it ties to the invoices, and what is open."""

from ai_usage_assets.days import listed, month_before
from ai_usage_assets.report import against_budget, text
from ai_usage_assets.report.figures import CAUSES, ZERO, Figures
from ai_usage_assets.report.layout import Block, Chart, Table, Tile
from ai_usage_assets.report.options import Options
from ai_usage_assets.report.palette import NEUTRAL


def period(figures: Figures) -> str:
    """Which days the page is about."""
    if not figures.has_data:
        return "No day of this month is loaded."
    if not figures.is_over:
        if figures.until is None:
            return "Not every platform has a loaded day in this month."
        return f"Running, until {text.day_name(figures.until)} (UTC)."
    closed, gaps = figures.closed, figures.gaps
    state = (
        f"Closed on {text.day_name(closed.closed_at.date())}, revision {closed.revision}."
        if closed
        else "The month is over, and it is not closed yet."
    )
    verb = "is" if len(gaps) == 1 else "are"
    missing = f"{text.plural(len(gaps), 'day')} {verb} not loaded for every platform: {listed(gaps)}."
    return f"{state} {missing}" if gaps else state


def tiles(figures: Figures) -> list[Tile]:
    """The key figures, the most important first."""
    found = [_total(figures), *_in_currency(figures), against_budget.tile(figures), _change(figures)]
    if figures.forecast:
        found.append(against_budget.forecast_tile(figures.forecast))
    return [*found, _tie_out(figures), _unattributed(figures), _idle_seats(figures)]


def _total(figures: Figures) -> Tile:
    parts = []
    if figures.closed and figures.closed.changed_usd:
        parts.append(
            f"{text.usd(figures.closed.changed_usd, is_signed=True)} since the close is booked later"
        )
    if figures.adjustments_usd:
        parts.append(
            f"with {text.usd(figures.adjustments_usd, is_signed=True)} adjustments of earlier months"
        )
    parts.extend(f"{text.platform(each)} {text.usd(cost)}" for each, cost in figures.by_platform.items())
    return Tile("Total", text.usd(figures.total_usd), "; ".join(parts))


def _in_currency(figures: Figures) -> list[Tile]:
    """The total in the currency of fx.csv; nothing without that file."""
    rate = figures.rate
    if rate is None:
        return []
    amount = rate.amount(figures.total_usd)
    if amount is None:
        return [Tile("Total in another currency", text.UNKNOWN, rate.sentence)]
    forecast = f" The forecast is {rate.amount(figures.forecast.usd)}." if figures.forecast else ""
    return [Tile(f"Total in {rate.currency}", amount, f"{rate.sentence}{forecast}")]


def _change(figures: Figures) -> Tile:
    change, compared = figures.change, figures.comparison
    before = text.month_name(month_before(figures.month.first).first)
    if change is None:
        return Tile("Against the month before", text.UNKNOWN, _without_comparison(figures))
    share = compared.per_day_share
    causes = {cause: amount for cause, amount in change.causes.items() if cause != "calendar_usd" and amount}
    largest = max(causes, key=lambda cause: abs(causes[cause]), default=None)
    why = (
        f" The largest part: {CAUSES[largest].lower()}, {text.usd(causes[largest], is_signed=True)}."
        if largest
        else ""
    )
    return Tile(
        f"A day, against {before}",
        text.percent(share, 1, is_signed=True) if share is not None else text.UNKNOWN,
        f"{text.usd(compared.per_day_usd, is_signed=True)} a day; {before} was {text.usd(compared.earlier_usd)}."
        f"{_not_compared(figures)}{why}",
    )


def _without_comparison(figures: Figures) -> str:
    if figures.comparison.earlier_usd:
        return f"No platform has loaded days in both months.{_not_compared(figures)}"
    return "The month before has no loaded days."


def _not_compared(figures: Figures) -> str:
    names = [text.platform(each) for each in figures.comparison.not_compared]
    return f" Not compared: {', '.join(names)} (loaded days in one of the months only)." if names else ""


def _tie_out(figures: Figures) -> Tile:
    found = figures.tie_out
    if not found.invoices:
        return Tile("Invoices", "None yet", "Add them to identity/invoices.csv.")
    if not found.over:
        return Tile(
            "Invoices", "None is over", f"{text.plural(len(found.invoices), 'invoice')} of days to come"
        )
    number = text.plural(len(found.over), "invoice")
    missing = "".join(f"; no invoice of {text.platform(each)}" for each in found.without_invoice)
    if found.is_explained:
        detail = f"{text.usd(found.unexplained_usd)} unexplained of {text.usd(found.invoiced_usd)} in {number}{missing}"
        return Tile("Invoices", "Tie out", detail, "warn" if missing else "good")
    open_ = [each for each in found.over if not each.is_explained]
    # an invoice that is too high and one that is too low are two errors, not none
    unexplained = sum((abs(each.unexplained_usd) for each in open_), ZERO)
    detail = f"unexplained in {len(open_)} of {number}, whether too high or too low{missing}"
    return Tile("Invoices", text.usd(unexplained), detail, "warn")


def _unattributed(figures: Figures) -> Tile:
    share = text.percent(figures.unattributed_usd, figures.own_usd)
    return Tile("Unattributed", text.usd(figures.unattributed_usd), f"{share} of the cost")


def _idle_seats(figures: Figures) -> Tile:
    seats = figures.idle_seats
    if seats is None:
        return Tile(
            "Idle seats", text.UNKNOWN, "No list of seats is loaded for this month or the month before."
        )
    return Tile(
        "Idle seats",
        f"{text.count(seats.idle)} of {text.count(seats.seats)}",
        f"Not used in 30 days; {text.usd(seats.idle_usd)} in the week of {text.day_name(seats.week)}",
    )


def why(figures: Figures) -> Block:
    """Why the month costs more or less than the month before."""
    change = figures.change
    if change is None:
        return Block("Why it changed", notes=[_without_comparison(figures)])
    others = figures.comparison.not_compared
    labels = [*CAUSES.values(), *(f"{text.platform(each)}, not compared" for each in others)]
    amounts = [*(change.causes[cause] for cause in CAUSES), *others.values()]
    marks = [text.usd(amount, is_signed=True) for amount in amounts]
    table = Table(
        "Parts of the change to the month before, in US dollars",
        ("Part", "Change"),
        list(zip(labels, marks, strict=True)),
        foot=("Change", text.usd(sum(amounts, ZERO), is_signed=True)),
    )
    chart = Chart(
        "why",
        "Why the cost changed: " + ", ".join(f"{a} {b}" for a, b in zip(labels, marks, strict=True)),
        "signed",
        labels,
        {"change": [float(amount) for amount in amounts]},
        marks,
        {"change": NEUTRAL},
    )
    return Block("Why it changed", [table], chart, is_wide=True)


def who_is_named(options: Options) -> str:
    if options.has_names:
        return "People are named, because that was asked for. Share this page with that in mind."
    return "People are not named. AI_USAGE_REPORT_NAMES=true names them."


def empty(figures: Figures) -> Block:
    """What a month without any loaded day has in place of figures."""
    return Block(
        "No data",
        notes=[
            f"No day of {text.month_name(figures.month.first)} is loaded.",
            "Materialize the daily assets for these days, then usage_report for the month. agg_missing_days lists the days.",
        ],
    )
