"""URLs of the ticket pages, under /tickets/. `number` is a ticket's own, as in T100001."""

from django.urls import include, path, register_converter

from tickets.models import number_of
from tickets.pages import approvals, orders
from tickets.pages.new import views as new
from tickets.pages.one import posts, views

app_name = "tickets"


class Reference:
    """A ticket's number in a path: T100001."""

    regex = "T[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value[1:])

    def to_url(self, value: object) -> str:
        """The reference of a number or of a reference."""
        return f"T{number_of(value)}"


register_converter(Reference, "ticket")
ONE = "<ticket:number>/"

urlpatterns = [
    path("", include("tickets.pages.listing.urls")),
    path("", include("tickets.transfer.urls")),
    path("new/", new.page, name="new"),
    path("new/form/", new.form, name="new-form"),
    path("new/file/", new.file, name="new-file"),
    path("approvals/", approvals.page, name="approvals"),
    path("approvals/<uuid:approval_id>/decide/", approvals.decide, name="approval-decide"),
    path("approvals/<uuid:approval_id>/delegate/", approvals.delegate, name="approval-delegate"),
    path("approvals/<uuid:approval_id>/withdraw/", approvals.withdraw, name="approval-withdraw"),
    path("approvals/<uuid:approval_id>/people/", approvals.candidates, name="approval-people"),
    path("orders/<uuid:order_id>/answer/", orders.answer, name="order-answer"),
    path("orders/<uuid:order_id>/withdraw/", orders.withdraw, name="order-withdraw"),
    path("of/<uuid:conversation_id>/", new.of_conversation, name="of-conversation"),
    path(ONE, views.page, name="ticket"),
    path(f"{ONE}now/", views.now, name="now"),
    path(f"{ONE}edit/", posts.edit, name="edit"),
    path(f"{ONE}move/<slug:transition>/", posts.move, name="move"),
    path(f"{ONE}comment/", posts.comment, name="comment"),
    path(f"{ONE}assign/", posts.assign, name="assign"),
    path(f"{ONE}claim/", posts.claim, name="claim"),
    path(f"{ONE}watch/", posts.watch, name="watch"),
    path(f"{ONE}supervise/", orders.supervise, name="supervise"),
    path(f"{ONE}urge/", orders.urge, name="urge"),
    path(f"{ONE}merge/", posts.merge, name="merge"),
    path(f"{ONE}parent/", posts.parent, name="parent"),
    path(f"{ONE}link/", posts.link, name="link"),
    path(f"{ONE}unlink/<uuid:conversation_id>/", posts.unlink, name="unlink"),
]
