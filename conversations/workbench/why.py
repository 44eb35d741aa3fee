"""为什么: why a conversation waits, or why this agent has it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.explaining import told_to
from conversations.workbench.pane import conversation_for
from conversations.workbench.rows import display_name
from lingxi.access.masking import sees_plain
from lingxi.access.permissions import require


@require_safe
@require("routing.explain")
def why(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The answer as a dialog's content, for the workbench and the floor."""
    found = conversation_for(request.user, conversation_id)
    plain = sees_plain(request.user)
    context = {
        "conversation": found,
        "name": display_name(found.customer.name, found.customer_id, plain=plain),
        "told": told_to(request.user, found),
    }
    return render(request, "workbench/_explain.html", context)
