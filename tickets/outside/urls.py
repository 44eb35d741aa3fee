"""URLs of public forms."""

from django.urls import path

from tickets.outside import views

urlpatterns = [path("<slug:key>/", views.page, name="ticket-form")]
