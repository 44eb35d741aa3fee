"""The one HTTP client for every call out, with the guard against calls into our own network.

Redirects are not followed, proxies from the environment are not used, no cookies are kept, and
answers are neither unpacked nor read beyond what is asked for.
"""

import http.cookiejar
import ssl

import httpx

from lingxi.http.guard import AddressNotAllowed, GuardedBackend, check_url, is_public, resolve
from lingxi.http.transport import GuardedTransport

__all__ = [
    "AddressNotAllowed",
    "GuardedBackend",
    "GuardedTransport",
    "async_client",
    "check_url",
    "is_public",
    "read_capped",
    "resolve",
]

TIMEOUT = 15.0
USER_AGENT = "Lingxi/1"


def async_client(
    *,
    max_connections: int = 100,
    timeout: float = TIMEOUT,
    verify: ssl.SSLContext | None = None,
    user_agent: str = USER_AGENT,
) -> httpx.AsyncClient:
    """A client for calls to addresses that people entered. Keeps no cookies."""
    no_cookies = http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
    return httpx.AsyncClient(
        transport=GuardedTransport(max_connections=max_connections, verify=verify),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        cookies=http.cookiejar.CookieJar(policy=no_cookies),
        # Compressed answers are not asked for: a small one may unpack to gigabytes.
        headers={"user-agent": user_agent, "accept": "*/*", "accept-encoding": "identity"},
    )


async def read_capped(response: httpx.Response, limit: int) -> bytes:
    """At most `limit` bytes of a streamed answer, as sent (never unpacked).

    An answer that is longer, or that breaks off, leaves its connection to be closed.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async for part in response.aiter_raw():
            parts.append(part)
            size += len(part)
            if size >= limit:
                break
    except httpx.HTTPError:
        pass
    return b"".join(parts)[:limit]
