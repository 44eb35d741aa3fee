"""The one family of errors. Raised anywhere, rendered by one handler per transport.

`code` and `number` are a contract with clients: numbers are four digits, 4xxx when the caller
can mend it, 5xxx when we must. A number is never given to another error.
"""

from collections.abc import Iterator, Mapping
from typing import Any


class LingxiError(Exception):
    """Base of the family.

    `fields` maps a field's name to what is wrong with it; `retry_after` is in seconds.
    """

    code = "internal_error"
    number = 5000
    status = 500
    detail = "服务器内部错误，请稍后再试"
    nack = "busy"  # the code of a `nack` frame in protocol.md; after this one clients try again

    def __init__(
        self,
        detail: str | None = None,
        *,
        fields: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.detail = detail or type(self).detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        super().__init__(self.detail)

    def as_dict(self, request_id: str = "") -> dict[str, Any]:
        """The body every API answers with."""
        return {
            "code": self.code,
            "number": self.number,
            "detail": self.detail,
            "fields": self.fields,
            "request_id": request_id,
        }


class Invalid(LingxiError):
    """The input breaks a rule; `fields` says which."""

    code, number, status, nack = "invalid", 4000, 400, "invalid"
    detail = "请求内容有误"


class MalformedRequest(Invalid):
    """The body cannot be read at all (bad JSON, bad encoding)."""

    code, number = "malformed", 4001
    detail = "无法解析请求内容"


class TooLong(Invalid):
    """A text or body beyond its limit."""

    code, number, status, nack = "too_long", 4002, 413, "too_long"
    detail = "内容过长"


class UnsupportedMedia(Invalid):
    """A body or file of a type that is not taken."""

    code, number, status = "unsupported_media", 4003, 415
    detail = "不支持的文件或内容类型"


class MethodNotAllowed(Invalid):
    """The URL exists, the method does not."""

    code, number, status = "method_not_allowed", 4004, 405
    detail = "不支持的请求方法"


class SensitiveWord(Invalid):
    """The text has a word in it that may not be said here."""

    code, number = "sensitive_word", 4005
    detail = "内容包含不允许发送的词语，请修改后再发"


class NeverOpen(Invalid):
    """A calendar that does not open (any more), where something waits for its hours."""

    code, number = "never_open", 4006
    detail = "营业时间里没有任何（或足够的）营业时段"


class NotAuthenticated(LingxiError):
    """No credentials, or credentials that are forged, revoked or expired."""

    code, number, status, nack = "not_authenticated", 4100, 401, "forbidden"
    detail = "登录已失效，请重新登录"


class TokenExpired(NotAuthenticated):
    """The token was good once; get a new one."""

    code, number = "token_expired", 4101
    detail = "令牌已过期"


class Forbidden(LingxiError):
    """Known caller, not entitled."""

    code, number, status, nack = "forbidden", 4102, 403, "forbidden"
    detail = "没有权限执行此操作"


class OriginNotAllowed(Forbidden):
    """A browser page outside the channel's list."""

    code, number = "origin_not_allowed", 4103
    detail = "该网站未被允许接入此渠道"


class Blocked(Forbidden):
    """The visitor is on the blocklist."""

    code, number = "blocked", 4105
    detail = "暂时无法为您提供服务"


class NotFound(LingxiError):
    """Nothing there, or nothing the caller may know of."""

    code, number, status, nack = "not_found", 4104, 404, "forbidden"
    detail = "未找到"


class Conflict(LingxiError):
    """The same id with another body, or a state that has moved on."""

    code, number, status, nack = "conflict", 4200, 409, "conflict"
    detail = "与已有内容冲突"


class TransitionNotAllowed(Conflict):
    """The state machine has no such step from here."""

    code, number, nack = "transition_not_allowed", 4201, "closed"
    detail = "当前状态不允许此操作"


class ConversationClosed(Conflict):
    """The conversation has ended; start a new one."""

    code, number, nack = "conversation_closed", 4203, "closed"
    detail = "会话已结束"


class AgentUnavailable(Conflict):
    """The chosen agent cannot take more, or is not there."""

    code, number = "agent_unavailable", 4204
    detail = "该客服当前无法接待"


class RateLimited(LingxiError):
    """Too much, too fast; `retry_after` says when again."""

    code, number, status, nack = "rate_limited", 4300, 429, "rate_limited"
    detail = "操作过于频繁，请稍后再试"


class Busy(LingxiError):
    """We cannot take it right now; the same request may be sent again."""

    code, number, status, nack = "busy", 5001, 503, "busy"
    detail = "系统繁忙，请稍后再试"


def all_errors() -> Iterator[type[LingxiError]]:
    """Every member of the family, ordered by number: the table in the API document."""
    found, todo = set(), [LingxiError]
    while todo:
        cls = todo.pop()
        found.add(cls)
        todo.extend(cls.__subclasses__())
    return iter(sorted(found, key=lambda cls: cls.number))
