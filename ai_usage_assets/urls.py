"""Where a key may be sent, and what loopback is. It is asked when the settings are read, so no HTTP library is needed."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

SAFE_URL = "a key is sent over https only, or over http to loopback, and the URL holds no user and no query"

PLAIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[^\s?#\\]*)?", re.IGNORECASE)
"""Narrow enough that every library reads the same host out of it: no user, no query, no fragment, nothing to guess at."""


def is_safe(base_url: str) -> bool:
    """Whether a key may be sent there: https, or http to loopback, with nothing else in it."""
    if not PLAIN.fullmatch(base_url):
        return False
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" or is_loopback(host)


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
