"""Telling someone: one text to one webhook, with nothing secret in it. The webhook's address is a secret itself.

Slack's shape, `{"text": ...}`, is what Mattermost, Google Chat and most relays take too.
"""

import json
import re
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.urls import is_loopback

SECONDS = 10.0
MAIL = re.compile(r"[^\s@<>,;:'\"]+@[^\s@<>,;:'\"]+")
KEY = re.compile(r"\bsk-[\w-]{6,}")


class AlertNotSent(AiUsageError):
    """The webhook did not take it; the message names no address."""


class _StayHere(HTTPRedirectHandler):
    """A redirect would carry the text to where nobody has said it may go."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, whatever looks like a key, and anybody's address."""
    for secret in secrets:
        text = text.replace(secret, "(secret)")
    return MAIL.sub("(address)", KEY.sub("(key)", text))


def post(url: str, text: str) -> None:
    """Send it once. urllib, because httpx writes the address of every request to the log.

    Raises:
        AlertNotSent: it was not taken, for whatever reason.
    """
    body = json.dumps({"text": text}).encode()
    handlers = [_StayHere(), *([ProxyHandler({})] if is_loopback(urlsplit(url).hostname or "") else [])]
    asked = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - the settings allow https and loopback alone
    try:
        with build_opener(*handlers).open(asked, timeout=SECONDS):
            return
    except HTTPError as refused:
        refused.close()
        why = f"answered HTTP {refused.code}"
    except (OSError, HTTPException, ValueError) as error:
        why = f"could not be reached ({type(error).__name__})"
    raise AlertNotSent(
        f"the webhook of AI_USAGE_ALERT_WEBHOOK_URL {why}: check it, the alert is not sent yet"
    )
