"""What the views share: who may call, and strict reading of small bodies."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from lingxi.access.permissions import check
from lingxi.api import OrjsonParser, parse_json
from lingxi.errors import Invalid, TooLong

MAX_BODY = 1024 * 1024
MAX_WHOLE = 2**31 - 1


class BodyParser(OrjsonParser):
    """JSON of at most 1 MB: two hundred rules of twenty conditions fit several times."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """The value. Raises `TooLong`, `MalformedRequest`."""
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise TooLong(f"请求不能超过 {MAX_BODY // 1024} KB")
        return parse_json(raw)


class ManagerView(APIView):
    """A view for those who manage routing."""

    parser_classes = [BodyParser]
    permission = "routing.manage"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the token or cookie, then the role."""
        super().initial(request, *args, **kwargs)
        check(request.user, self.permission)


class Body:
    """The object of a request, read field by field. Raises `Invalid` naming the field."""

    def __init__(self, request: Request, *known: str) -> None:
        data = request.data
        if not isinstance(data, dict):
            raise Invalid("请求内容应为对象")
        unknown = sorted(set(data) - set(known))
        if unknown:
            raise Invalid(fields={key[:40]: ["未知的字段"] for key in unknown[:5]})
        self.data = data

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A JSON integer within limits; required without a default."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Invalid(fields={name: [f"{least} 到 {most} 的整数"]})
        return value

    def text(self, name: str, most: int) -> str:
        """A text, empty when it is not there."""
        value = self.data.get(name, "")
        if not isinstance(value, str) or len(value) > most or "\x00" in value:
            raise Invalid(fields={name: [f"{most} 个字以内的文本"]})
        return value.strip()

    def items(self, name: str) -> list[Any]:
        """A list."""
        value = self.data.get(name)
        if not isinstance(value, list):
            raise Invalid(fields={name: ["应为列表"]})
        return value
