"""The CSV file that Cursor's dashboard exports of a team's usage events, as the records that the API sends.

The API needs a plan with the Admin API; the export does not. It has no ids of people, and less about a call.
"""

import re
from decimal import Decimal
from pathlib import Path

from ai_usage_assets.sources.cursor.records import TokenUsage, UsageEvent
from ai_usage_assets.sources.http.decode import EpochMillis, Id
from ai_usage_assets.sources.identity import files
from ai_usage_assets.sources.identity.cells import Cell, Row, email, required

DATE, USER, KIND, MODEL, MAX_MODE = "Date", "User", "Kind", "Model", "Max Mode"
WITH_WRITE, WITHOUT_WRITE = "Input (w/ Cache Write)", "Input (w/o Cache Write)"
CACHE_READ, OUTPUT, TOTAL = "Cache Read", "Output Tokens", "Total Tokens"
COST, CLOUD_AGENT, AUTOMATION = "Cost", "Cloud Agent ID", "Automation ID"
COLUMNS = (DATE, USER, KIND, MODEL, MAX_MODE, WITH_WRITE, WITHOUT_WRITE, CACHE_READ, OUTPUT, TOTAL, COST)
OPTIONAL = (CLOUD_AGENT, AUTOMATION)
NO_AMOUNT = ("", "-", "included", "free", "nan")
"""What stands for the cost of a call that costs nothing, or whose cost is not known."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
AMOUNT = re.compile(r"\$?\d{1,20}(\.\d{1,20})?", re.ASCII)
COMMA_DECIMAL = re.compile(r"\$?\d+,\d+")


def events(path: Path) -> list[UsageEvent]:
    """The calls of the file, in its order.

    Raises:
        IdentityFileError: the file has another header or another locale, or a value that cannot be used. It names the
            line and the column.
    """
    return [_event(row) for row in files.read(path, COLUMNS, OPTIONAL)]


def _event(row: Row) -> UsageEvent:
    cost = _amount(row[COST])
    return UsageEvent(
        timestamp=_moment(row[DATE]),
        user_email=email(row[USER]) if row[USER].text else None,
        kind=required(row[KIND]),
        model=row[MODEL].text or None,
        max_mode=_truth(row[MAX_MODE]),
        token_usage=_tokens(row),
        charged_cents=None if cost is None else cost.scaleb(2),
        cloud_agent_id=_id(row[CLOUD_AGENT]),
        automation_id=_id(row[AUTOMATION]),
    )


def _moment(cell: Cell) -> EpochMillis:
    if MOMENT.fullmatch(cell.text):
        try:
            moment = EpochMillis.fromisoformat(cell.text)
        except ValueError:
            pass
        else:
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    raise cell.refuse(
        "this is not an instant in UTC like 2026-10-01T09:30:00.000Z, which the dashboard writes"
    )


def _id(cell: Cell) -> Id | None:
    return Id(cell.text) if cell.text else None


def _truth(cell: Cell) -> bool | None:
    if not cell.text:
        return None
    if cell.text.lower() not in ("yes", "no", "true", "false"):
        raise cell.refuse("this is neither Yes nor No")
    return cell.text.lower() in ("yes", "true")


def _count(cell: Cell) -> int:
    if not cell.text:
        return 0
    if not re.fullmatch(r"\d{1,15}", cell.text, re.ASCII):
        raise cell.refuse("this is not a whole number without separators, 0 or more")
    return int(cell.text)


def _amount(cell: Cell) -> Decimal | None:
    """US dollars; None if the cell has a word in place of an amount."""
    if cell.text.lower() in NO_AMOUNT:
        return None
    if COMMA_DECIMAL.fullmatch(cell.text):
        raise cell.refuse(
            "the amount has a comma; export the file again, or write decimals with a point, like 0.12"
        )
    if not AMOUNT.fullmatch(cell.text):
        raise cell.refuse("this is neither an amount of US dollars like 0.12, nor Included, Free or -")
    return Decimal(cell.text.removeprefix("$"))


def _tokens(row: Row) -> TokenUsage | None:
    """The tokens of a call; None if no cell has one.

    The dashboard names two columns of input. They are added up to the total in most files, and then the first one is the
    cache writes alone. In others it has all input that is not read from the cache, the second one included.
    """
    named = (WITH_WRITE, WITHOUT_WRITE, CACHE_READ, OUTPUT, TOTAL)
    if not any(row[name].text for name in named):
        return None
    with_write, without_write, cache_read, output, total = (_count(row[name]) for name in named)
    if total == with_write + without_write + cache_read + output:
        cache_write = with_write
    elif total == with_write + cache_read + output and with_write >= without_write:
        cache_write = with_write - without_write
    else:
        raise row[TOTAL].refuse("the tokens of this line do not add up to it")
    return TokenUsage(
        input_tokens=without_write,
        output_tokens=output,
        cache_write_tokens=cache_write,
        cache_read_tokens=cache_read,
    )
