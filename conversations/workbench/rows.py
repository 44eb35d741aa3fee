"""One line of a list, ready to be shown: everything in it is already masked."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from conversations.models import State
from lingxi.access.masking import mask_text

HUES = 6
ROLES = {"assist": "协助", "monitor": "监听", "barge_in": "强插"}


@dataclass(slots=True)
class Row:
    """A conversation in a list. All are texts: hundreds of rows, and numbers render slowly."""

    id: str
    name: str
    initial: str
    hue: str
    channel: str
    channel_kind: str
    last_text: str
    time: str
    state: str
    epoch: str
    seq: str
    unread: str = ""  # how many; empty for none
    since: str = ""  # milliseconds since 1970; empty: nobody waits
    role: str = ""  # as what the person is there, when somebody else serves

    @classmethod
    def of(cls, values: Mapping[str, Any], *, plain: bool) -> "Row":
        """From the columns of `queries.COLUMNS` and what the list adds to them."""
        name = display_name(values["customer__name"], values["customer_id"], plain=plain)
        text = values["last_text"]
        since = values.get("since")
        return cls(
            id=str(values["id"]),
            name=name,
            initial=initial_of(name),
            hue=str(values["customer_id"].int % HUES),
            channel=values["channel__name"],
            channel_kind=values["channel__kind"],
            last_text=text if plain else mask_text(text),
            time=clock(_moment(values)),
            state=values["state"],
            epoch=str(values["epoch"]),
            seq=str(values["last_seq"]),
            unread=str(values.get("unread") or ""),
            since=str(int(since.timestamp() * 1000)) if since else "",
            role=ROLES.get(values.get("role") or "", ""),
        )

    @property
    def words(self) -> str:
        """What a search by words may match."""
        return f"{self.name} {self.last_text}"

    @property
    def unread_label(self) -> str:
        """What stands in the badge."""
        return "99+" if len(self.unread) > 2 else self.unread


def display_name(name: str, customer_id: uuid.UUID, *, plain: bool = True) -> str:
    """As `Customer.display_name`, for those who have only the columns."""
    name = " ".join(name.split()) or f"访客 {customer_id.hex[-6:]}"
    return name if plain else mask_text(name)


def initial_of(name: str) -> str:
    """The letter in the avatar: the last of a stand-in's number, else the first."""
    return name[-2:] if name.startswith("访客 ") else name[:1].upper()


def _moment(values: Mapping[str, Any]) -> dt.datetime:
    if values["state"] == State.CLOSED and values["closed_at"]:
        return values["closed_at"]
    return values["last_message_at"] or values["created_at"]


def clock(moment: dt.datetime) -> str:
    """A time as lists show it: 14:03, 昨天, 11-19, 2023-11-19."""
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (today - local.date()).days
    if days <= 0:
        return f"{local:%H:%M}"
    if days == 1:
        return "昨天"
    return f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"
