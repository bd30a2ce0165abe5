"""The message of a digest, a line for each figure. There is no name of a person and no key in it."""

from collections.abc import Iterator
from decimal import Decimal

from ai_usage_assets.days import Days
from ai_usage_assets.days import listed as listed_days
from ai_usage_assets.digest.figures import Amounts, CloseFigures, Compared, Invoices, Tasks, WeekFigures
from ai_usage_assets.digest.wording import WEEKDAYS, causes, change, listed, names, with_share
from ai_usage_assets.report.budgets import Budgets
from ai_usage_assets.report.currency import Rate
from ai_usage_assets.report.figures import CAUSES, IdleSeats
from ai_usage_assets.report.text import plural, reason, usd

MAX_CHECKS = 5


def of_week(figures: WeekFigures, link: str | None) -> str:
    """The digest of a week."""
    return "\n".join([*_week(figures), *([link] if link else [])])


def of_close(figures: CloseFigures, link: str | None) -> str:
    """The digest of a month that was closed."""
    return "\n".join([*_close(figures), *([link] if link else [])])


def _week(figures: WeekFigures) -> Iterator[str]:
    loaded = "" if figures.days_in == len(figures.week) else f", {figures.days_in} of 7 days are loaded"
    yield f"*Claude and Cursor: week {figures.week}{loaded}*"
    yield f"Total: {_total(figures.total_usd, figures.by_platform)}."
    yield f"Change: {_week_change(figures)}"
    if figures.compared:
        yield f"Why: {causes(figures.causes) or 'nothing changed by a cent'}."
    yield _month(figures)
    yield from _budget(figures.budgets)
    yield f"Invoices of the last two months: {_explained(figures.invoices)}"
    yield f"Unattributed: {_unattributed(figures)}"
    yield from _seats(figures.idle_seats)
    yield f"Needs a person: {_tasks(figures.tasks, has_data=figures.days_in > 0)}."


def _close(figures: CloseFigures) -> Iterator[str]:
    again = f" again (revision {figures.revision})" if figures.revision > 1 else ""
    yield f"*Claude and Cursor: {figures.month.first:%Y-%m} is closed{again}*"
    former = figures.former_usd
    since = (
        ""
        if former is None
        else f", {usd(figures.total_usd - former, is_signed=True)} from the revision before"
    )
    yield f"Total: {_total(figures.total_usd, figures.by_platform)}{since}.{_in_currency(figures.rate, figures.total_usd)}"
    yield from _month_change(figures)
    yield from _budget(figures.budgets)
    yield f"Invoices of the month: {_parts(figures.invoices)}"
    yield f"Adjustments of earlier months in the total: {_adjustments(figures)}."
    yield f"Unattributed: {with_share(figures.unattributed_usd, figures.own_usd)}."
    yield from _seats(figures.idle_seats)
    yield f"Needs a person: {_tasks(figures.tasks)}."


def _total(total_usd: Decimal, platforms: Amounts) -> str:
    return f"{usd(total_usd)} ({listed(platforms)})" if platforms else usd(total_usd)


def _week_change(figures: WeekFigures) -> str:
    if not figures.compared:
        return "the week before is not loaded."
    of_days = _over(figures.compared, figures.week)
    text = f"{_compared(figures.compared)} from the week before{of_days}."
    if figures.usual:
        of_days = _over(figures.usual, figures.week)
        text += f" The usual for these weekdays is {usd(figures.usual.earlier_usd)}{of_days}: {_compared(figures.usual)}."
    if figures.unusual_day:
        weekday = WEEKDAYS[figures.unusual_day.day.weekday()]
        text += f" {weekday} differs most, by {usd(figures.unusual_day.change_usd, is_signed=True)}."
    return text


def _compared(compared: Compared) -> str:
    return change(compared.change_usd, compared.earlier_usd)


def _over(compared: Compared, days: Days) -> str:
    """Over how many days something is compared, unless it is all."""
    return "" if compared.days_in == len(days) else f", over {plural(compared.days_in, 'day')}"


def _month_change(figures: CloseFigures) -> Iterator[str]:
    found = figures.change
    if not found:
        yield "Change: the month before is not loaded."
        return
    without = ", without adjustments" if figures.adjustments else ""
    yield f"Change: {change(found.change_usd, found.earlier_usd)} from the month before{without}."
    parts = {CAUSES[column].lower(): amount for column, amount in found.causes.items()}
    yield f"Why: {causes(parts, len(parts)) or 'nothing changed by a cent'}."


def _month(figures: WeekFigures) -> str:
    month = figures.month
    days = len(month.days)
    loaded = (
        f" in {plural(days, 'day')}"
        if month.days_in == days
        else f", {month.days_in} of {days} days are loaded"
    )
    text = f"{month.days.first:%Y-%m} so far: {usd(month.usd)}{loaded}"
    in_currency = _in_currency(month.rate, month.usd)
    if not month.compared:
        return f"{text}.{in_currency}"
    of_days = _over(month.compared, month.days)
    return (
        f"{text}, {_compared(month.compared)} from the same days of the month before{of_days}.{in_currency}"
    )


def _in_currency(rate: Rate | None, value: Decimal) -> str:
    """The amount in the currency of fx.csv, and its rate; that the rate is missing; nothing without that file."""
    if rate is None:
        return ""
    amount = rate.amount(value)
    return f" {amount}: {rate.sentence[0].lower()}{rate.sentence[1:]}" if amount else f" {rate.sentence}"


def _budget(budgets: Budgets) -> Iterator[str]:
    """The company's budget and how many others do not hold; without any budget, the forecast of a month that runs."""
    company = budgets.company
    if company is None:
        return
    month = f"{company.day:%Y-%m}"
    if not budgets.shown:
        if company.forecast and company.forecast.days_left:
            yield f"Month's end: {company.forecast.text} for {month}; it has no budget."
        return
    none = "" if company.budget_usd is not None else "none for the company; "
    others = [budget for budget in budgets.shown if budget is not company]
    over = sum(budget.is_exceeding for budget in others)
    verb = "is" if over == 1 else "are"
    rest = f" Of {plural(len(others), 'other budget')}, {over} {verb} exceeded or will be." if others else ""
    yield f"Budget of {month}: {none}{company.sentence}.{rest}"


def _explained(invoices: Invoices) -> str:
    if not invoices.invoices:
        return "none is in invoices.csv."
    if not invoices.unexplained_invoices:
        return f"the cost explains all {invoices.invoices} ({usd(invoices.invoiced_usd)})."
    return (
        f"{invoices.unexplained_invoices} of {invoices.invoices} not explained, "
        f"{usd(invoices.unexplained_invoices_usd)} of {usd(invoices.invoiced_usd)}."
    )


def _parts(invoices: Invoices) -> str:
    if not invoices.invoices:
        return "none is in invoices.csv."
    not_explained = f" ({usd(invoices.unexplained_invoices_usd)})" if invoices.unexplained_invoices else ""
    return (
        f"invoiced {usd(invoices.invoiced_usd)}, metered {usd(invoices.metered_usd)}, tax, credits and later changes "
        f"{usd(invoices.other_usd)}, unexplained {usd(invoices.unexplained_usd)}; "
        f"{invoices.unexplained_invoices} of {plural(invoices.invoices, 'invoice')} not explained{not_explained}."
    )


def _adjustments(figures: CloseFigures) -> str:
    """By month, the oldest first."""
    found = [
        f"{usd(amount, is_signed=True)} of {month:%Y-%m}"
        for month, amount in sorted(figures.adjustments.items())
    ]
    return ", ".join(found) or "none"


def _unattributed(figures: WeekFigures) -> str:
    text = with_share(sum(figures.unattributed.values(), Decimal()), figures.total_usd)
    largest = next(iter(figures.unattributed.items()), None)
    return (
        f"{text}, the largest part: {reason(largest[0]).lower()} ({usd(largest[1])})."
        if largest
        else f"{text}."
    )


def _seats(seats: IdleSeats | None) -> Iterator[str]:
    if seats:
        yield (
            f"Idle seats: {seats.idle:,} of {plural(seats.seats, 'seat')} without use in 30 days; they cost "
            f"{usd(seats.idle_usd)} in the week of {seats.week} (an exposure, not a saving)."
        )


def _tasks(tasks: Tasks, *, has_data: bool = True) -> str:
    found = [] if has_data else ["no day of the week is loaded"]
    if days := tasks.missing_days:
        verb = "is" if len(days) == 1 else "are"
        found.append(
            f"{plural(len(days), 'day')} {verb} not loaded: {listed_days(days)} ({names(tasks.missing_tables)})"
        )
    if tasks.unowned_keys:
        verb = "has" if tasks.unowned_keys == 1 else "have"
        found.append(f"{plural(tasks.unowned_keys, 'key')} without an owner {verb} cost")
    if tasks.open_month:
        found.append(f"{tasks.open_month:%Y-%m} is not closed")
    if tasks.failing_checks:
        found.append(f"failing checks: {names(tasks.failing_checks, MAX_CHECKS)}")
    return "; ".join(found) or "nothing"
