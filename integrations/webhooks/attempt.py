"""One attempt: sign, post, and put the answer, whatever it is, into an `Answer`."""

import asyncio
import time

import httpx
import structlog

from integrations.models import Endpoint
from integrations.models.delivery import RESPONSE_LIMIT
from integrations.webhooks import signing
from integrations.webhooks.outcomes import Answer, Claim, parse_retry_after
from lingxi.http import AddressNotAllowed, read_capped

logger = structlog.get_logger("integrations.webhooks")
# The status is the answer; its body is only kept to be looked at, and not waited for much.
BODY_SECONDS = 2.0


async def attempt(client: httpx.AsyncClient, endpoint: Endpoint, claim: Claim) -> Answer:
    """Send a delivery once. Never raises: what goes wrong is an answer too."""
    try:
        return await _post(client, endpoint, claim)
    except (TimeoutError, httpx.TimeoutException):
        return Answer(error=f"超时：{endpoint.timeout_seconds} 秒内没有响应")
    except AddressNotAllowed as exc:
        return Answer(error=exc.detail)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        return Answer(error=f"连接失败：{exc or type(exc).__name__}")
    except Exception as exc:
        logger.exception("attempt failed in our own code", delivery=claim.id)
        return Answer(error=f"发送出错：{type(exc).__name__}")


async def _post(client: httpx.AsyncClient, endpoint: Endpoint, claim: Claim) -> Answer:
    body = claim.body.encode()
    headers = signing.headers(endpoint.secret, str(claim.event_id), int(time.time()), body)
    request = client.build_request("POST", endpoint.url, content=body, headers=headers)
    async with asyncio.timeout(endpoint.timeout_seconds):
        response = await client.send(request, stream=True)
    try:
        return Answer(
            status=response.status_code,
            response=await _snippet(response),
            error=_error(response.status_code),
            retry_after=parse_retry_after(response.headers.get("retry-after")),
        )
    finally:
        await response.aclose()


def _error(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return f"HTTP {status}" + ("（不跟随重定向）" if 300 <= status < 400 else "")


async def _snippet(response: httpx.Response) -> str:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await read_capped(response, RESPONSE_LIMIT)
    except TimeoutError:
        return ""
    # PostgreSQL takes no NUL, and replacement characters are longer than what they replace.
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")[:RESPONSE_LIMIT]
