"""What a message may be, before anything is locked or written."""

import re
from typing import Any

from django.conf import settings

from lingxi.errors import Invalid, TooLong
from lingxi.ids import parse_id

OPTIONS = settings.LINGXI  # looked up once: reading a setting costs more than the checks
REVISIONS = frozenset({"recall", "edit"})
INTERNAL = frozenset({"note", "whisper"})  # never from or to a visitor
KINDS = frozenset({"text", "image", "file"}) | INTERNAL | REVISIONS
_FIELDS = {
    "text": {"text"},
    "note": {"text"},
    "whisper": {"text"},
    "image": {"attachment"},
    "file": {"attachment"},
    "recall": {"message"},
    "edit": {"message", "text"},
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def clean_text(value: Any, limit: int | None = None) -> str:
    """The text, trimmed. Raises `Invalid` or `TooLong` (in characters)."""
    if not isinstance(value, str):
        raise Invalid("文本必须是字符串", fields={"text": ["必须是字符串"]})
    if len(value) > (limit or OPTIONS["MAX_TEXT"]):
        raise TooLong(fields={"text": [f"最多 {limit or OPTIONS['MAX_TEXT']} 个字符"]})
    if _CONTROL.search(value):
        raise Invalid("文本包含控制字符", fields={"text": ["包含控制字符"]})
    if not value.strip():
        raise Invalid("文本不能为空", fields={"text": ["不能为空"]})
    return value.replace("\r\n", "\n").replace("\r", "\n")


def clean_client_msg_id(value: Any) -> str:
    """The client's id of a message: 1 to 64 of ``A-Za-z0-9_.:-``. Raises `Invalid`."""
    if not isinstance(value, str) or not _CLIENT_ID.fullmatch(value):
        raise Invalid("client_msg_id 无效", fields={"client_msg_id": ["1 到 64 位字母数字"]})
    return value


def clean_content(kind: Any, content: Any, reply_to: Any = None) -> dict[str, Any]:
    """The content as it will be stored, files still by id. Raises `Invalid` or `TooLong`.

    `reply_to` is the id of the message that this one answers.
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise Invalid("不支持的消息类型", fields={"kind": [f"必须是 {'、'.join(sorted(KINDS))}"]})
    if not isinstance(content, dict):
        raise Invalid("content 必须是对象", fields={"content": ["必须是对象"]})
    if unknown := set(content) - _FIELDS[kind] - {"type"}:
        raise Invalid("未知的字段", fields={str(name)[:40]: ["未知"] for name in list(unknown)[:5]})
    cleaned: dict[str, Any] = {"type": "text" if kind in INTERNAL else kind}
    for name in sorted(_FIELDS[kind]):
        value = content.get(name)
        cleaned[name] = clean_text(value) if name == "text" else _clean_id(name, value)
    if reply_to is not None:
        cleaned["reply_to"] = _clean_id("reply_to", reply_to)
    return cleaned


def _clean_id(name: str, value: Any) -> str:
    found = parse_id(value)
    if found is None:
        raise Invalid("编号无效", fields={name: ["无效的编号"]})
    return str(found)
