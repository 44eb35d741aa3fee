"""URLs of the workbench."""

from django.urls import path

from conversations.workbench import (
    blocks,
    breaks,
    merges,
    noticeboard,
    offline_messages,
    posts,
    views,
    why,
    wrapping,
)

app_name = "workbench"
urlpatterns = [
    path("", views.page, name="page"),
    path("desk/", views.desk, name="desk"),
    path("find/", views.find, name="find"),
    path("notices/", noticeboard.bell, name="notices"),
    path("notices/read/", noticeboard.read, name="notices-read"),
    path("offline-messages/", offline_messages.page, name="offline-messages"),
    path("offline-messages/<uuid:message_id>/handle/", offline_messages.handle, name="handle"),
    path("offline-messages/<uuid:message_id>/contact/", offline_messages.contact, name="contact"),
    path(
        "offline-messages/<uuid:message_id>/reveal/",
        offline_messages.reveal,
        name="offline-reveal",
    ),
    path("status/", posts.status, name="status"),
    path("status/now/", breaks.status, name="status-now"),
    path("break/withdraw/", breaks.withdraw, name="withdraw-break"),
    path("upload/", posts.upload, name="upload"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/head/", views.head, name="head"),
    path("c/<uuid:conversation_id>/history/", views.history, name="history"),
    path("c/<uuid:conversation_id>/transcript/", views.transcript, name="transcript"),
    path("c/<uuid:conversation_id>/explain/", why.why, name="explain"),
    path("c/<uuid:conversation_id>/wrap-up/", wrapping.wrap, name="wrap-up"),
    path("wrap-up/", wrapping.unwrapped, name="unwrapped"),
    path("c/<uuid:conversation_id>/claim/", posts.claim, name="claim"),
    path("c/<uuid:conversation_id>/close/", posts.close, name="close"),
    path("c/<uuid:conversation_id>/transfer/", posts.transfer, name="transfer"),
    path("c/<uuid:conversation_id>/targets/", views.transfer_dialog, name="targets"),
    path("c/<uuid:conversation_id>/helpers/", views.assist_dialog, name="helpers"),
    path("customers/<uuid:customer_id>/reveal/", posts.reveal, name="reveal"),
    path("customers/<uuid:customer_id>/tags/", posts.tags, name="tags"),
    path("customers/<uuid:customer_id>/remark/", posts.remark, name="remark"),
    path("customers/<uuid:customer_id>/block/", blocks.block, name="block"),
    path("customers/<uuid:customer_id>/unblock/", blocks.lift, name="unblock"),
    path("customers/<uuid:customer_id>/merge/", merges.merge_customer, name="merge"),
]
