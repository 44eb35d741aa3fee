"""The one answer to "what does this person see of a sensitive value?".

Masks Chinese mobile numbers (11 digits, optional +86, separators, full-width digits) and
identity-card numbers (GB 11643: 18 characters with ISO 7064 MOD 11-2 check, or the old 15 digits)
wherever they stand in a text.
"""

import re
from typing import Any

_DIGIT = "0-9０-９"
_SEPARATOR = r"[ \-‐–—.·]?"
_ANY_LONG_NUMBER = re.compile(rf"(?:[{_DIGIT}][ \-‐–—.·]?){{10}}[{_DIGIT}]")
_PHONE = re.compile(
    rf"(?<![{_DIGIT}])((?:[+＋]?[8８][6６]{_SEPARATOR})?)"
    rf"([1１][3-9３-９][{_DIGIT}])({_SEPARATOR})([{_DIGIT}]{{4}})({_SEPARATOR})([{_DIGIT}]{{4}})"
    rf"(?![{_DIGIT}])"
)
_ID_CARD = re.compile(
    rf"(?<![{_DIGIT}])([{_DIGIT}]{{6}}){_SEPARATOR}([{_DIGIT}]{{8}}){_SEPARATOR}"
    rf"([{_DIGIT}]{{3}}[{_DIGIT}XxＸｘ])(?![{_DIGIT}A-Za-z])"
)
_OLD_ID_CARD = re.compile(rf"(?<![{_DIGIT}])([{_DIGIT}]{{6}})([{_DIGIT}]{{9}})(?![{_DIGIT}])")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TO_ASCII = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def mask_text(text: str) -> str:
    """`text` with every phone and identity-card number masked; length and layout are kept."""
    if not _ANY_LONG_NUMBER.search(text):
        return text
    text = _ID_CARD.sub(_mask_id_card, text)
    text = _PHONE.sub(r"\1\2\3****\5\6", text)
    return _OLD_ID_CARD.sub(_mask_old_id_card, text)


def is_id_card(number: str) -> bool:
    """Whether 18 characters carry a possible birth date and the right check character."""
    if not (number[:17].isdigit() and _is_date(number[6:14])):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == number[17]


def _is_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return 1880 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31


def _mask_id_card(match: re.Match[str]) -> str:
    number = "".join(match.groups()).translate(_TO_ASCII)
    if not is_id_card(number):
        return match.group()
    return f"{match.group(1)}********{match.group(3)}"


def _mask_old_id_card(match: re.Match[str]) -> str:
    tail = match.group(2).translate(_TO_ASCII)
    if not _is_date(f"19{tail[:6]}"):
        return match.group()
    return f"{match.group(1)}******{match.group(2)[-3:]}"


def mask_json(value: Any) -> Any:
    """The same shape with every string and number in it masked; keys and UUIDs are left alone."""
    if isinstance(value, str):
        return value if _UUID.fullmatch(value) else mask_text(value)
    if isinstance(value, int) and value >= 10**10:
        masked = mask_text(str(value))
        return value if masked == str(value) else masked
    if isinstance(value, dict):
        return {key: mask_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_json(item) for item in value]
    return value


def sees_plain(user: Any) -> bool:
    """Whether the person's role shows sensitive values in plain."""
    from lingxi.access.permissions import can

    return can(user, "sensitive.view")


def for_viewer(user: Any, value: Any) -> Any:
    """`value` as `user` may see it."""
    return value if sees_plain(user) else mask_json(value)
