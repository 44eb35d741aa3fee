"""URLs of the ticket pages, under /tickets/. `number` is a ticket's own, as in T100001."""

from django.urls import include, path, register_converter

from tickets.models import number_of
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
    path("", include("tickets.transfer.urls")),
    path("new/", new.page, name="new"),
    path("new/form/", new.form, name="new-form"),
    path("new/file/", new.file, name="new-file"),
    path("of/<uuid:conversation_id>/", new.of_conversation, name="of-conversation"),
    path(ONE, views.page, name="ticket"),
    path(f"{ONE}now/", views.now, name="now"),
    path(f"{ONE}edit/", posts.edit, name="edit"),
    path(f"{ONE}move/<slug:transition>/", posts.move, name="move"),
    path(f"{ONE}comment/", posts.comment, name="comment"),
    path(f"{ONE}assign/", posts.assign, name="assign"),
    path(f"{ONE}claim/", posts.claim, name="claim"),
    path(f"{ONE}watch/", posts.watch, name="watch"),
    path(f"{ONE}merge/", posts.merge, name="merge"),
    path(f"{ONE}parent/", posts.parent, name="parent"),
    path(f"{ONE}link/", posts.link, name="link"),
    path(f"{ONE}unlink/<uuid:conversation_id>/", posts.unlink, name="unlink"),
]
