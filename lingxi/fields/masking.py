"""What a person sees of a value who may not see it in plain."""

from typing import Any

from lingxi.access.masking import is_id_card, mask_json, mask_text
from lingxi.fields.definitions import Field
from lingxi.fields.types import is_empty

HIDDEN = "••••"


def masked(field: Field | None, value: Any) -> Any:
    """Of a sensitive field nothing but the ends of a phone or identity-card number; of others
    the value with such numbers in it masked. `field` None is a value that nobody declared.
    """
    if is_empty(value):
        return value
    if field is None or not field.sensitive:
        return mask_json(value)
    if isinstance(value, str) and _is_only_a_number(value):
        return mask_text(value)
    return HIDDEN


def is_remnant(sent: Any, shown: Any) -> bool:
    """Whether a text carries a part that was masked when it was shown: it cannot be saved."""
    if not isinstance(sent, str) or not isinstance(shown, str):
        return False
    return HIDDEN in sent or ("***" in shown and "***" in sent)


def _is_only_a_number(value: str) -> bool:
    digits = "".join(char for char in value if char not in " -")
    is_phone = len(digits) == 11 and digits.isascii() and digits.isdigit()
    return (is_phone or (len(digits) == 18 and is_id_card(digits.upper()))) and "*" in mask_text(
        value
    )
