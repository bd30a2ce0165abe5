"""Which URLs a secret may be sent to, and what loopback is. Settings use it, so it imports no HTTP library."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

SAFE_URL = "a key is sent over https only, or over http to loopback, and the URL holds no user and no query"

PLAIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[^\s?#\\]*)?", re.IGNORECASE)
"""It allows no user, no query and no fragment, so that every library finds the same host in it."""


def is_safe(base_url: str) -> bool:
    """Whether an API key may be sent to it: https, or http to loopback, with a host, a port and a path alone."""
    if not PLAIN.fullmatch(base_url):
        return False
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" or is_loopback(host)


def is_encrypted_or_loopback(url: str) -> bool:
    """Whether the URL is https, or http to loopback. Unlike in `is_safe`, it may have a query."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
