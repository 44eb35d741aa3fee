"""URLs of the ticket API, under /api/v1/tickets/. `reference` is a number (T100001) or an id."""

from django.urls import path

from tickets.api import actions, approvals, orders, tickets

ONE = "<str:reference>"
urlpatterns = [
    path("", tickets.TicketsView.as_view()),
    path("types", tickets.TypesView.as_view()),
    path("issue-types", tickets.IssueTypesView.as_view()),
    path("approvals/", approvals.ApprovalsView.as_view()),
    path("approvals/<uuid:approval_id>/decide", approvals.DecideView.as_view()),
    path("approvals/<uuid:approval_id>/delegate", approvals.DelegateView.as_view()),
    path("approvals/<uuid:approval_id>/withdraw", approvals.WithdrawView.as_view()),
    path("orders/<uuid:order_id>/answer", orders.AnswerOrderView.as_view()),
    path("orders/<uuid:order_id>/withdraw", orders.WithdrawOrderView.as_view()),
    path(ONE, tickets.OneTicketView.as_view()),
    path(f"{ONE}/transitions", actions.TransitionsView.as_view()),
    path(f"{ONE}/comments", actions.CommentsView.as_view()),
    path(f"{ONE}/timeline", actions.TimelineView.as_view()),
    path(f"{ONE}/assign", actions.AssignView.as_view()),
    path(f"{ONE}/merge", actions.MergeView.as_view()),
    path(f"{ONE}/parent", actions.ParentView.as_view()),
    path(f"{ONE}/links", actions.LinksView.as_view()),
    path(f"{ONE}/links/<uuid:conversation_id>", actions.OneLinkView.as_view()),
    path(f"{ONE}/watch", actions.WatchView.as_view()),
    path(f"{ONE}/orders", orders.OrdersView.as_view()),
    path(f"{ONE}/urge", orders.UrgeView.as_view()),
]
