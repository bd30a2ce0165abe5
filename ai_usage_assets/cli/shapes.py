"""`ai-usage doctor --shapes`: what each endpoint sends, without values, beside what this version expects."""

from functools import partial
from typing import TYPE_CHECKING, Any

from ai_usage_assets.cli import output
from ai_usage_assets.cli.deployment import require_key
from ai_usage_assets.cli.vendors import api_of, client_of, newest_days
from ai_usage_assets.days import Clock, Days
from ai_usage_assets.sources.http.errors import REFUSALS, VendorError
from ai_usage_assets.sources.http.first_answer import first_answer
from ai_usage_assets.sources.shapes import FieldShape, Shape, shape, unknown_values
from ai_usage_assets.sources.source import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_usage_assets.settings import Settings
    from ai_usage_assets.sources.api_call import ApiCall
    from ai_usage_assets.sources.source import Source

SEPARATOR = " | "
"""Between values, which may have commas."""


def show_shapes(settings: "Settings", clock: Clock) -> int:
    """Print the shapes of all vendors; 1 if an answer cannot be used."""
    require_key(settings)
    days = newest_days(clock(), settings.start_date)
    are_usable = [_vendor(source, settings, days) for source in SOURCES if source.name in settings.vendors]
    return int(not all(are_usable))


def _vendor(source: "Source", settings: "Settings", days: Days) -> bool:
    api, is_usable = api_of(source), True
    with client_of(source, settings) as client:
        for call in api.calls:
            title = f"{source.title} {call.name}"
            try:
                answer = first_answer(client, partial(_requested, call, days))
            except VendorError as refused:
                is_optional = bool(call.optional_for) and isinstance(refused, REFUSALS)
                is_usable &= is_optional
                output.say(f"{title}: no answer. {refused}\n")
                continue
            found = shape(answer, api.enumerations)
            is_usable &= not found.problem
            _show(title, found, api.enumerations)
    return is_usable


def _requested(call: "ApiCall[Any]", days: Days, client: object) -> object:
    return call.request(client, days)


def _show(title: str, found: Shape, enumerations: "Mapping[str, frozenset[str]]") -> None:
    output.say(f"{title}: " + (f"REFUSED, {found.problem}" if found.problem else "as expected"), "bold")
    rows = [
        (
            f"  {path}",
            " or ".join(each.type_names) or "-",
            _percent(each.null_share),
            *_remarks(path, each, enumerations),
        )
        for path, each in sorted(found.fields.items())
    ]
    if rows:
        output.show(("  field", "type", "null", "remark", "values"), rows)
    output.say("")


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "under 1%"
    return f"{100 * share:.0f}%" if share else ""


def _remarks(path: str, each: FieldShape, enumerations: "Mapping[str, frozenset[str]]") -> tuple[str, str]:
    remarks = []
    if not each.is_expected:
        remarks.append("NEW FIELD")
    elif not each.present:
        remarks.append("MISSING, required" if each.is_required else "not sent")
    elif each.absent_share:
        remarks.append(f"absent in {_percent(each.absent_share)}")
    unknown = list(unknown_values(path, each, enumerations))
    if unknown:
        remarks.append(f"NEW VALUE {SEPARATOR.join(unknown)}")
    return ", ".join(remarks), SEPARATOR.join(sorted(each.values - set(unknown)))
