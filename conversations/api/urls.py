"""URLs of the visitor and agent API, under /api/v1/."""

from django.urls import path

from conversations.api import (
    agent_chat,
    agent_people,
    agent_supervision,
    agent_transfers,
    uploads,
    visitor_chat,
    visitor_service,
    visitor_sessions,
)

_VISITOR = "visitor/conversations/<uuid:conversation_id>"
_AGENT = "agent/conversations/<uuid:conversation_id>"

urlpatterns = [
    path("visitor/config", visitor_sessions.ConfigView.as_view()),
    path("visitor/sessions", visitor_sessions.SessionView.as_view()),
    path("visitor/page-views", visitor_sessions.PageViewsView.as_view()),
    path("visitor/conversations", visitor_chat.ConversationsView.as_view()),
    path("visitor/messages", visitor_chat.MessagesView.as_view()),
    path("visitor/events", visitor_chat.EventsView.as_view()),
    path("visitor/attachments", uploads.VisitorUploadView.as_view()),
    path("visitor/attachments/<uuid:attachment_id>", uploads.VisitorAttachmentView.as_view()),
    path(f"{_VISITOR}/read", visitor_chat.ReadView.as_view()),
    path(f"{_VISITOR}/close", visitor_chat.CloseView.as_view()),
    path(f"{_VISITOR}/rating", visitor_chat.RatingView.as_view()),
    path(f"{_VISITOR}/handoff", visitor_service.HandoffView.as_view()),
    path("visitor/invitations/<uuid:invitation_id>", visitor_service.InvitationView.as_view()),
    path("agent/sessions", agent_people.AgentSessionView.as_view()),
    path("agent/status", agent_people.StatusView.as_view()),
    path("agent/capacity", agent_people.CapacityView.as_view()),
    path("agent/agents", agent_people.AgentsView.as_view()),
    path("agent/groups", agent_people.GroupsView.as_view()),
    path("agent/attachments", uploads.AgentUploadView.as_view()),
    path("agent/attachments/<uuid:attachment_id>", uploads.AgentAttachmentView.as_view()),
    path("agent/conversations", agent_chat.ConversationsView.as_view()),
    path(f"{_AGENT}/events", agent_chat.EventsView.as_view()),
    path(f"{_AGENT}/messages", agent_chat.MessagesView.as_view()),
    path(f"{_AGENT}/notes", agent_chat.NotesView.as_view()),
    path(f"{_AGENT}/read", agent_chat.ReadView.as_view()),
    path(f"{_AGENT}/close", agent_chat.CloseView.as_view()),
    path(f"{_AGENT}/claim", agent_chat.ClaimView.as_view()),
    path("agent/offers", agent_transfers.OffersView.as_view()),
    path(f"{_AGENT}/transfer", agent_transfers.TransferView.as_view()),
    path(f"{_AGENT}/transfer/accept", agent_transfers.TransferAcceptView.as_view()),
    path(f"{_AGENT}/transfer/refuse", agent_transfers.TransferRefuseView.as_view()),
    path(f"{_AGENT}/transfer/withdraw", agent_transfers.TransferWithdrawView.as_view()),
    path(f"{_AGENT}/offer/accept", agent_transfers.OfferAcceptView.as_view()),
    path(f"{_AGENT}/offer/decline", agent_transfers.OfferDeclineView.as_view()),
    path(f"{_AGENT}/assist", agent_supervision.AssistView.as_view()),
    path(f"{_AGENT}/assist/remove", agent_supervision.AssistRemoveView.as_view()),
    path(f"{_AGENT}/leave", agent_supervision.LeaveView.as_view()),
    path(f"{_AGENT}/supervise", agent_supervision.SuperviseView.as_view()),
]
