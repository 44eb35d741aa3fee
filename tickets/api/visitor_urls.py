"""URLs of visitors' own tickets, under /api/v1/visitor/."""

from django.urls import path

from tickets.api import visitor

_ONE = "tickets/<str:number>"

urlpatterns = [
    path("ticket-forms", visitor.FormsView.as_view()),
    path("tickets", visitor.TicketsView.as_view()),
    path(_ONE, visitor.TicketView.as_view()),
    path(f"{_ONE}/comments", visitor.CommentsView.as_view()),
    path(f"{_ONE}/rating", visitor.RatingView.as_view()),
    path(f"{_ONE}/reopen", visitor.ReopenView.as_view()),
    path(f"{_ONE}/urge", visitor.UrgeView.as_view()),
]
