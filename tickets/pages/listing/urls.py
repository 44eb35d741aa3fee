"""URLs of the list, the board and the calendar."""

from django.urls import path

from tickets.pages.listing import board, bulk, calendar, saved, views

urlpatterns = [
    path("", views.tickets, name="list"),
    path("count/", views.count, name="count"),
    path("taste/", views.taste, name="taste"),
    path("bulk/", bulk.actions, name="bulk"),
    path("board/", board.page, name="board"),
    path("board/more/", board.more, name="board-more"),
    path("board/move/", board.move, name="board-move"),
    path("calendar/", calendar.page, name="calendar"),
    path("views/", saved.create, name="view-create"),
    path("views/order/", saved.order, name="view-order"),
    path("views/restore/", saved.restore, name="view-restore"),
    path("views/counts/", saved.counts, name="view-counts"),
    path("views/<uuid:view_id>/", saved.change, name="view-change"),
    path("views/<uuid:view_id>/delete/", saved.delete, name="view-delete"),
]
