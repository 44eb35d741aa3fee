"""URLs of the floor."""

from django.urls import path

from conversations.floor import posts, views

app_name = "floor"
urlpatterns = [
    path("", views.page, name="page"),
    path("c/<uuid:conversation_id>/assign/", posts.assign, name="assign"),
    path("c/<uuid:conversation_id>/priority/", posts.prioritize, name="priority"),
    path("agents/<uuid:agent_id>/status/", posts.set_status, name="status"),
    path("breaks/<uuid:request_id>/", posts.decide_break, name="break"),
]
