"""From the bytes of an answer to typed records: exact, or refused by the name of the place, never by its value."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol, Self, TypeVar, runtime_checkable

import msgspec

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of tokens, lines, requests: whole, not negative, and no larger than the warehouse's INT64."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 time; one without an offset is refused."""


class DecimalText(Decimal):
    """A decimal that is a string in JSON, and only a string."""


if TYPE_CHECKING:
    Amount = Decimal
else:

    class Amount(Decimal):
        """A decimal that is a number in JSON, kept to its last digit. A string is refused: its unit may be another."""


class Id(str):
    """An identifier that is a string or, in older answers, a number."""

    __slots__ = ()


class EpochMillis(datetime):
    """A UTC time that is milliseconds since 1970 in JSON, as a number or as a string."""


class Moment(datetime):
    """A UTC time that is RFC 3339, or milliseconds since 1970, in JSON."""


EPOCH = EpochMillis(1970, 1, 1, tzinfo=UTC)


class UtcDay(date):
    """A UTC day that is YYYY-MM-DD or its midnight in RFC 3339."""


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


MOST_DIGITS = 27
"""Before the point: what NUMERIC(38,9) holds, with a digit to spare for a sum."""


def within_range(amount: Decimal) -> bool:
    """Whether it is a number, and of a size that the warehouse holds: `1e999999` is short to write."""
    return amount.is_finite() and amount.adjusted() < MOST_DIGITS


class Unreadable(ValueError):
    """What is wrong with an answer, and where: `data[0].results[3].output_tokens: Expected int, got str`."""


@runtime_checkable
class MayBeEmpty(Protocol):
    """An answer that the vendor may reduce to `{}`, or to its totals, where it holds no record."""

    EMPTY: ClassVar[type[msgspec.Struct]]
    """All that such an answer may say; another field, or a total above 0, is not of it."""

    @classmethod
    def empty(cls, said: Any) -> Self:
        """The answer without records, made of what an `EMPTY` said."""


def read(content: bytes, answer: type[T]) -> T:
    """The answer's bytes as a record.

    Raises:
        Unreadable: it is not JSON, or not of that shape.
    """
    try:
        decoded: T = _decoder(answer).decode(content)
        return decoded
    except msgspec.ValidationError as error:
        if isinstance(answer, MayBeEmpty):
            with suppress(ValueError, ArithmeticError, RecursionError):
                nothing: T = answer.empty(_decoder(answer.EMPTY).decode(content))
                return nothing
        raise Unreadable(_place(str(error))) from None
    except (ValueError, ArithmeticError, RecursionError):
        # the cause would carry the answer's own bytes into whatever log prints it
        raise Unreadable("it is not JSON") from None


def _decoder(answer: Any) -> msgspec.json.Decoder[Any]:
    if answer not in _DECODERS:
        _DECODERS[answer] = msgspec.json.Decoder(answer, dec_hook=_convert, float_hook=Amount)
    return _DECODERS[answer]


def _place(message: str) -> str:
    """msgspec's message with the place first, and the missing field as part of the place."""
    what, _, path = message.replace("`", "").partition(" - at ")
    path = path.removeprefix("$").removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field (\S+)", what):
        return f"{path}.{missing[1]} is missing".removeprefix(".")
    return f"{path}: {what}" if path else what


def _convert(kind: type[Any], value: Any) -> Any:
    """The types of our own that JSON does not have; a ValueError gets its place from msgspec."""
    if kind is Amount:
        return _amount(value)
    if kind is DecimalText:
        return _decimal_text(value)
    if kind is Id:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return Id(value)
        raise ValueError("Expected a string or a whole number")
    if kind is EpochMillis:
        return _epoch_millis(value)
    if kind is Moment:
        return _moment(value)
    if kind is UtcDay:
        return _utc_day(value)
    raise NotImplementedError(kind)


def _amount(value: Any) -> Amount:
    if isinstance(value, Amount):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Amount(value)
    if isinstance(value, str):
        # what holds it refuses what is not finite, by its name
        return Amount("NaN")
    raise ValueError("Expected a number")


def _decimal_text(value: Any) -> DecimalText:
    # Decimal itself would also take NaN, Infinity, blanks, underscores and other scripts' digits
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,27}(\.\d{1,40})?", value, re.ASCII):
        return DecimalText(value)
    raise ValueError("Expected a decimal in a string")


def _epoch_millis(value: Any) -> EpochMillis:
    if isinstance(value, str) and len(value) <= 15 and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return EPOCH + timedelta(milliseconds=value)
        except OverflowError:
            pass
    raise ValueError("Expected milliseconds since 1970")


def _moment(value: Any) -> Moment:
    if isinstance(value, str) and not value.isdigit():
        try:
            told = msgspec.convert(value, Instant).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(
                "Expected an RFC 3339 time with its offset, or milliseconds since 1970"
            ) from None
    else:
        told = _epoch_millis(value)
    return Moment.combine(told.date(), told.timetz())


def _utc_day(value: Any) -> UtcDay:
    if isinstance(value, str) and (
        match := re.fullmatch(r"(\d{4}-\d\d-\d\d)(T00:00:00(\.0+)?(Z|\+00:00))?", value, re.ASCII)
    ):
        return UtcDay.fromisoformat(match[1])
    raise ValueError("Expected a UTC day, as YYYY-MM-DD or as its midnight")
