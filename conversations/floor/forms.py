"""What the floor's actions accept."""

from django import forms

from routing.models import AgentStatus
from routing.queue import MOST_PRIORITY


class AssignForm(forms.Form):
    """To whom."""

    agent = forms.UUIDField(error_messages={"required": "请选择坐席", "invalid": "请选择坐席"})


class PriorityForm(forms.Form):
    """A waiting conversation's priority."""

    priority = forms.IntegerField(min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY)


class StatusForm(forms.Form):
    """An agent's new status; 空闲 is for agents themselves to say."""

    status = forms.ChoiceField(
        choices=[one for one in AgentStatus.choices if one[0] != AgentStatus.READY]
    )
    reason = forms.CharField(max_length=80, required=False)


class BreakForm(forms.Form):
    """The answer to a request."""

    decision = forms.ChoiceField(choices=[("approve", "同意"), ("reject", "拒绝")])
    note = forms.CharField(max_length=200, required=False)
