"""From the bytes of an answer to typed records. An error names the place in the answer, and never its value."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Protocol, Self, TypeVar, runtime_checkable

import msgspec

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of tokens, lines or requests: whole, not negative, and no larger than an INT64."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An RFC 3339 time; one without an offset is refused."""


class DecimalText(Decimal):
    """A decimal that must be a string in JSON."""


if TYPE_CHECKING:
    Amount = Decimal
else:

    class Amount(Decimal):
        """A decimal that must be a number in JSON, exact to its last digit. A string may be in another unit."""


class Id(str):
    """An identifier that is a string or, in older answers, a number."""

    __slots__ = ()


class EpochMillis(datetime):
    """A UTC time that is milliseconds since 1970 in JSON, as a number or as a string."""


class Moment(datetime):
    """A UTC time that is RFC 3339, or milliseconds since 1970, in JSON."""


EPOCH = EpochMillis(1970, 1, 1, tzinfo=UTC)


class UtcDay(date):
    """A UTC day that is YYYY-MM-DD, or its midnight in RFC 3339, in JSON."""


MAX_DIGITS = 27
"""Before the decimal point: what NUMERIC(38,9) holds, with two digits to spare for sums."""

_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def is_within_range(amount: Decimal) -> bool:
    """Whether it is a finite number of a size that the warehouse can hold; JSON may hold `1e999999`."""
    return amount.is_finite() and amount.adjusted() < MAX_DIGITS


class DecodeError(ValueError):
    """What is wrong with an answer, and where: `data[0].results[3].output_tokens: Expected int, got str`."""


@runtime_checkable
class MayBeEmpty(Protocol):
    """An answer that the vendor may reduce to `{}`, or to its totals, if it has no record."""

    EMPTY: ClassVar[type[msgspec.Struct]]
    """All fields that such an answer may have, with totals of 0; with other fields it is not an empty answer."""

    @classmethod
    def empty(cls, found: Any) -> Self:
        """The answer without records, made from a decoded `EMPTY`."""


def decode_json(content: bytes, answer_type: type[T]) -> T:
    """The bytes of an answer as a record.

    Raises:
        DecodeError: it is not JSON, or it has another shape.
    """
    try:
        decoded: T = _decoder(answer_type).decode(content)
        return decoded
    except msgspec.ValidationError as error:
        if isinstance(answer_type, MayBeEmpty):
            with suppress(ValueError, ArithmeticError, RecursionError):
                empty: T = answer_type.empty(_decoder(answer_type.EMPTY).decode(content))
                return empty
        raise DecodeError(_place_first(str(error))) from None
    except (ValueError, ArithmeticError, RecursionError):
        # a cause would carry bytes of the answer into the logs
        raise DecodeError("it is not JSON") from None


def _decoder(answer_type: Any) -> msgspec.json.Decoder[Any]:
    if answer_type not in _DECODERS:
        _DECODERS[answer_type] = msgspec.json.Decoder(answer_type, dec_hook=_convert, float_hook=Amount)
    return _DECODERS[answer_type]


def _place_first(message: str) -> str:
    """msgspec's message with the place first; a missing field is a part of the place."""
    what, _, path = message.replace("`", "").partition(" - at ")
    path = path.removeprefix("$").removeprefix(".")
    if missing := re.fullmatch(r"Object missing required field (\S+)", what):
        return f"{path}.{missing[1]} is missing".removeprefix(".")
    return f"{path}: {what}" if path else what


def _convert(kind: type[Any], value: Any) -> Any:
    """The types above, which JSON does not have; msgspec adds the place to a ValueError."""
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
        # the record of the field refuses a NaN, and its message has the name of the field
        return Amount("NaN")
    raise ValueError("Expected a number")


def _decimal_text(value: Any) -> DecimalText:
    # Decimal itself also accepts NaN, Infinity, blanks, underscores, and digits of other scripts
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
            time = msgspec.convert(value, Instant).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(
                "Expected an RFC 3339 time with its offset, or milliseconds since 1970"
            ) from None
    else:
        time = _epoch_millis(value)
    return Moment.combine(time.date(), time.timetz())


def _utc_day(value: Any) -> UtcDay:
    if isinstance(value, str) and (
        match := re.fullmatch(r"(\d{4}-\d\d-\d\d)(T00:00:00(\.0+)?(Z|\+00:00))?", value, re.ASCII)
    ):
        return UtcDay.fromisoformat(match[1])
    raise ValueError("Expected a UTC day, as YYYY-MM-DD or as its midnight")
