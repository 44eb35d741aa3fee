"""URLs of the routing API, under /api/v1/routing/."""

from django.urls import path

from routing.api import strategies

urlpatterns = [
    path("catalogue", strategies.CatalogueView.as_view()),
    path("strategy", strategies.StrategyView.as_view()),
    path("strategy/draft", strategies.DraftView.as_view()),
    path("strategy/publish", strategies.PublishView.as_view()),
    path("strategy/promote", strategies.PromoteView.as_view()),
    path("strategy/withdraw", strategies.WithdrawView.as_view()),
    path("strategy/rollback", strategies.RollbackView.as_view()),
    path("strategy/versions", strategies.VersionsView.as_view()),
]
