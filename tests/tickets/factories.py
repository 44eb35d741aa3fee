"""Rows of the ticket layer. Tickets are made through `tickets.service`, as the product does."""

import copy
from typing import TYPE_CHECKING, Any

from lingxi.fields.models import Schema, SchemaVersion
from tests import factories
from tickets import service
from tickets.models import IssueType, Source, Ticket, TicketType, TypeVersion
from tickets.service import SYSTEM, By, NewTicket
from tickets.workflow import STANDARD

if TYPE_CHECKING:
    factory: Any  # calling a factory gives a row, which the type checker could not know
else:
    import factory


class TicketTypeFactory(factory.django.DjangoModelFactory):
    """A type with the standard workflow published and, by `form`, fields published too."""

    class Meta:
        model = TicketType
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"type-{n}")
    name = factory.Sequence(lambda n: f"类型{n}")
    group = factory.SubFactory(factories.SkillGroupFactory)
    schema = factory.LazyAttribute(
        lambda one: Schema.objects.create(entity="ticket", key=one.key, name=one.name)
    )

    @factory.post_generation
    def workflow(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Publish `workflow` (content), the standard one by default; False for none."""
        if create and extracted is not False:
            publish_workflow(self, extracted or STANDARD)

    @factory.post_generation
    def form(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Publish these field definitions."""
        if create and extracted:
            publish_form(self, extracted)


def publish_workflow(type: Any, content: Any) -> TypeVersion:
    """Put a workflow in force."""
    number = type.versions.count() + 1
    version = TypeVersion.objects.create(
        type=type, number=number, state="published", content=copy.deepcopy(content)
    )
    type.current = version
    type.save(update_fields=["current"])
    return version


def publish_form(type: Any, definitions: list[dict[str, Any]]) -> SchemaVersion:
    """Put a form in force."""
    schema = type.schema
    number = schema.versions.count() + 1
    version = SchemaVersion.objects.create(
        schema=schema, number=number, state="published", content=definitions
    )
    schema.current = version
    schema.save(update_fields=["current"])
    return version


class IssueTypeFactory(factory.django.DjangoModelFactory):
    """An issue type."""

    class Meta:
        model = IssueType

    name = factory.Sequence(lambda n: f"问题{n}")


def ticket(type: Any = None, by: By = SYSTEM, **more: Any) -> Ticket:
    """A ticket of `type`, made through the service; `more` as in `NewTicket`."""
    said = {"title": "申请退款", "source": Source.AGENT, **more}
    made, _ = service.create(NewTicket(type=type or TicketTypeFactory(), **said), by)
    return made
