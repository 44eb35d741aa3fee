"""The search form: what a person asked for, as a queryset of conversations and a narrowing."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.archive.customers import find_customers
from audit.archive.scope import key, reach_of
from audit.archive.search import Narrowing
from conversations.models import Channel, Conversation, Participant
from lingxi import grams
from lingxi.ids import parse_id
from routing.models import Agent

MOST_IDS = 2_000


class ArchiveForm(forms.Form):
    """Words and filters. Every field may be empty."""

    q = forms.CharField(label="关键词", required=False, max_length=grams.MAX_QUERY)
    channel = forms.ModelChoiceField(Channel.objects.none(), label="渠道", required=False)
    agent = forms.ModelChoiceField(Agent.objects.none(), label="坐席", required=False)
    customer = forms.CharField(label="客户", required=False, max_length=80)
    since = forms.DateField(label="从", required=False)
    until = forms.DateField(label="到", required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.query: grams.Query | None = None
        self.conversation_id: uuid.UUID | None = None
        # These two are fields with a queryset; the mapping of fields does not know that.
        self.fields["channel"].queryset = Channel.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["agent"].queryset = Agent.objects.visible_to(user)  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        """A conversation's id is one, anything else is words."""
        text = self.cleaned_data["q"].strip()
        self.conversation_id = parse_id(text) if len(text) >= 32 else None
        if text and self.conversation_id is None:
            try:
                self.query = grams.parse(text)
            except grams.BadQuery as exc:
                raise forms.ValidationError(str(exc)) from exc
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins."""
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", "结束日期早于开始日期")
        return data

    def choices(self, name: str) -> list[tuple[str, str]]:
        """What `channel` or `agent` may be, in one query and without building the models."""
        rows = self.fields[name].queryset.values_list("pk", "name")  # type: ignore[attr-defined]
        return [(str(pk), label) for pk, label in rows]

    @property
    def channels(self) -> list[tuple[str, str]]:
        """For the template."""
        return self.choices("channel")

    @property
    def agents(self) -> list[tuple[str, str]]:
        """For the template."""
        return self.choices("agent")

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for."""
        return any(self.cleaned_data.values())

    def conversations(self) -> QuerySet[Conversation]:
        """Those that may be seen and pass the filters, whatever was said in them, at any time."""
        data, found = self.cleaned_data, Conversation.objects.visible_to(self.user)
        if self.conversation_id is not None:
            found = found.filter(pk=self.conversation_id)
        if data["channel"]:
            found = found.filter(channel=data["channel"])
        if data["agent"]:
            served = Participant.objects.filter(agent=data["agent"]).values("conversation_id")
            found = found.filter(Q(agent=data["agent"]) | Q(pk__in=served))
        if data["customer"]:
            found = found.filter(customer__in=self._customers())
        return found

    def narrowing(self) -> Narrowing:
        """The same filters and the person's reach, as conditions of the word index."""
        data, reach = self.cleaned_data, reach_of(self.user)
        keys = [] if reach is None else [reach]
        keys += [[key(name, data[name].pk)] for name in ("channel", "agent") if data[name]]
        since, until = self.period()
        return Narrowing(tuple(keys), self._conversation_ids(), since, until)

    def period(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """From the beginning of the first day to the end of the last, in local time."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return (
            _midnight(since) if since else None,
            _midnight(until + dt.timedelta(days=1)) if until else None,
        )

    def _customers(self) -> list[uuid.UUID]:
        if not hasattr(self, "_found_customers"):
            self._found_customers = find_customers(self.user, self.cleaned_data["customer"])
        return self._found_customers

    def _conversation_ids(self) -> tuple[uuid.UUID, ...] | None:
        """The conversations of the customers, unless they are so many that it would not help."""
        if not self.cleaned_data["customer"]:
            return None
        rows = Conversation.objects.filter(customer__in=self._customers())
        ids = tuple(rows.values_list("pk", flat=True)[: MOST_IDS + 1])
        return ids if len(ids) <= MOST_IDS else None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
