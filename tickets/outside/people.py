"""Whose ticket it is that came by a public form.

What a stranger writes of themselves proves nothing. Their tickets belong to a customer that only
such forms know, found again by a secret of ours over phone or e-mail; nobody has a token of that
customer, so nothing can be read with it, and no customer who came with a proof of their own is
ever touched. Staff see what was said, and may merge the two.
"""

from typing import Any

from django.utils.crypto import salted_hmac

from conversations.customers import known_by
from conversations.models import Customer
from conversations.offline import (
    MAX_NAME,
    checked_email,
    checked_line,
    checked_phone,
)
from lingxi.errors import Invalid

SALT = "lingxi.tickets.outside"


def checked(said: dict[str, str]) -> dict[str, str]:
    """Name, phone and e-mail. Raises `Invalid`, `TooLong`; one of the two last is needed."""
    found = {
        "name": checked_line(said.get("name", ""), "name", MAX_NAME),
        "phone": checked_phone(said.get("phone", "")),
        "email": checked_email(said.get("email", "")),
    }
    if not found["phone"] and not found["email"]:
        raise Invalid("请留下电话或邮箱", fields={"phone": ["电话、邮箱至少填一项"]})
    return found


def customer_of(person: dict[str, str]) -> Customer:
    """The customer of these contacts, as far as forms know them."""
    digits = "".join(char for char in person["phone"] if char.isdigit())
    contact = f"phone:{digits}" if digits else f"email:{person['email'].lower()}"
    secret = salted_hmac(SALT, contact, algorithm="sha256").hexdigest()
    profile: dict[str, Any] = {key: value for key, value in person.items() if value}
    return known_by(f"form-{secret}", profile)
