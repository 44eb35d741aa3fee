"""Factories of jobs."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from lingxi.jobs.models import Job
from lingxi.leases import LeaseState
from tests.factories import UserFactory

if TYPE_CHECKING:
    factory: Any
else:
    import factory


class JobFactory(factory.django.DjangoModelFactory):
    """A waiting job of a kind that nobody knows; `kept=b"…"` is one done, with that file."""

    class Meta:
        model = Job

    kind = "test.unknown"
    owner = factory.SubFactory(UserFactory)
    title = factory.Sequence(lambda n: f"任务{n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        kept = kwargs.pop("kept", None)
        if kept is not None:
            now = timezone.now()
            stored = default_storage.save("jobs/kept.csv", ContentFile(kept))
            kwargs = {
                "state": LeaseState.DONE,
                "file": stored,
                "file_name": "工单.csv",
                "file_size": len(kept),
                "finished_at": now,
                "expires_at": now + dt.timedelta(days=7),
                **kwargs,
            }
        return super()._create(model_class, *args, **kwargs)
