"""Probes of a vendor: whether its key is accepted, which endpoints it may read, and whether the clocks agree."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from ai_usage_assets.days import Days
from ai_usage_assets.findings import Finding, failed, failure, ok, warning
from ai_usage_assets.sources.api_call import Api, ApiCall, ClientT
from ai_usage_assets.sources.http.errors import REFUSALS, VendorError
from ai_usage_assets.sources.http.first_answer import first_answer
from ai_usage_assets.sources.source import Source

NOTICED_SKEW, MAX_SKEW = timedelta(minutes=1), timedelta(minutes=30)
"""A clock that is wrong by more takes a UTC day for over that is not, or the other way around."""


def findings(
    source: Source, api: Api[ClientT], client: ClientT, days: Days, skipped: Collection[str] = ()
) -> Iterator[Finding]:
    """What the vendor answers. After the first call has failed, no other one is sent.

    Args:
        source: the vendor.
        api: its endpoints.
        client: a client that does not retry.
        days: some days that are over.
        skipped: the names of endpoints that the deployment does not use.
    """
    first, *others = api.calls
    subject = f"{source.title} key"
    try:
        answer = first_answer(client, lambda client: first.request(client, days))
    except VendorError as refused:
        yield failed(subject, refused)
        return
    yield ok(subject, f"{source.key_variable} is accepted; {api.scope}.")
    yield clock(source, answer.clock_skew)
    asked = [call for call in others if call.name not in skipped]
    refusals = [finding for call in asked if (finding := _refusal(source, client, call, days))]
    yield from refusals
    read = len(asked) + 1 - len(refusals)
    yield ok(f"{source.title} endpoints", f"{read} of {len(asked) + 1} endpoints can be read.")


def _refusal(source: Source, client: ClientT, call: ApiCall[ClientT], days: Days) -> Finding | None:
    try:
        first_answer(client, lambda client: call.request(client, days))
    except VendorError as refused:
        subject = f"{source.title} endpoints"
        if call.optional_for and isinstance(refused, REFUSALS):
            return warning(
                subject, refused.message.rstrip(":") + ".", f"Without it there is no {call.optional_for}."
            )
        return failed(subject, refused)
    return None


def clock(source: Source, skew: timedelta | None) -> Finding:
    """Whether this machine's clock agrees with the vendor's."""
    subject = "clock"
    if skew is None:
        return warning(
            subject, f"{source.title} does not tell the time.", "Compare this machine's clock yourself."
        )
    seconds = round(abs(skew.total_seconds()))
    text = f"This machine is {seconds} s {'ahead of' if skew > timedelta(0) else 'behind'} {source.title}."
    hint = "Set the clock, for example with NTP: it decides which UTC days are over."
    if abs(skew) <= NOTICED_SKEW:
        return ok(subject, f"This machine and {source.title} agree within a minute.")
    return failure(subject, text, hint) if abs(skew) > MAX_SKEW else warning(subject, text, hint)
