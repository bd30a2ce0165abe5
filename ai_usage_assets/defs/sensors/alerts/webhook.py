"""One text to one webhook, without any secret in it. The webhook's URL is a secret itself.

The body has Slack's shape, `{"text": ...}`, which Mattermost, Google Chat and most relays accept too.
"""

import json
import re
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import dagster as dg

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.settings import Settings
from ai_usage_assets.urls import is_loopback

SECONDS = 10.0
MAIL = re.compile(r"[^\s@<>,;:'\"]+@[^\s@<>,;:'\"]+")
KEY = re.compile(r"\bsk-[\w-]{6,}")


class AlertNotSentError(AiUsageError):
    """The webhook did not accept an alert. The message does not contain its URL."""


def default_status(settings: Settings) -> dg.DefaultSensorStatus:
    """Whether a sensor that sends is on by itself: only where there is a webhook."""
    return dg.DefaultSensorStatus.RUNNING if settings.has_alert_webhook else dg.DefaultSensorStatus.STOPPED


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would send the text to a place that is not configured."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, without anything that looks like a key, and without e-mail addresses."""
    for secret in secrets:
        text = text.replace(secret, "(secret)")
    return MAIL.sub("(address)", KEY.sub("(key)", text))


def post(url: str, text: str) -> None:
    """Send it once, with urllib, because httpx logs the URL of every request.

    Raises:
        AlertNotSentError: it was not accepted.
    """
    body = json.dumps({"text": text}).encode()
    handlers = [_NoRedirects(), *([ProxyHandler({})] if is_loopback(urlsplit(url).hostname or "") else [])]
    requested = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - the settings allow https and loopback alone
    try:
        with build_opener(*handlers).open(requested, timeout=SECONDS):
            return
    except HTTPError as refused:
        refused.close()
        why = f"answered HTTP {refused.code}"
    except (OSError, HTTPException, ValueError) as error:
        why = f"could not be reached ({type(error).__name__})"
    raise AlertNotSentError(
        f"the webhook of AI_USAGE_ALERT_WEBHOOK_URL {why}.", "Check the webhook; the alert is sent again."
    )
