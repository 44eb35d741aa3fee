"""Workflows of ticket types: drafts may be unfinished, what is published works and is frozen."""

import copy

import pytest
from auditlog.models import LogEntry

from lingxi.errors import Conflict, Invalid
from lingxi.fields.models import Schema
from tests import factories as base
from tests.tickets import factories
from tickets.models import TicketType
from tickets.versions import WORKFLOWS, begin
from tickets.workflow import STANDARD
from tickets.workflow_shape import normal

pytestmark = pytest.mark.django_db
UNFINISHED = {"statuses": [{"key": "new", "name": "", "category": ""}]}


@pytest.fixture
def boss():
    return base.UserFactory(role="supervisor", scope="all")


def renamed(name):
    content = copy.deepcopy(STANDARD)
    content["statuses"][0]["name"] = name
    return content


def test_a_new_type_works_at_once(boss):
    new = TicketType(key="repair", name="维修", group=base.SkillGroupFactory())
    type = begin(new, by=boss)
    assert type.current.number == 1
    assert type.current.content == normal(STANDARD)
    assert Schema.objects.get(pk=type.schema_id).key == "repair"
    assert factories.ticket(type).status == "new"


def test_an_unfinished_draft_is_kept_but_not_published(boss):
    type = factories.TicketTypeFactory()
    draft = WORKFLOWS.save_draft(type, UNFINISHED, by=boss, revision=0)
    assert draft.content == normal(UNFINISHED)
    with pytest.raises(Invalid) as refused:
        WORKFLOWS.publish(type, by=boss, revision=draft.revision)
    assert "content.statuses.0.name" in refused.value.fields
    type.refresh_from_db()
    assert type.current.number == 1


@pytest.mark.parametrize("content", [None, [], {"statuses": {}}, {"extra": 1}, {"initial": "\x00"}])
def test_what_is_no_workflow_at_all_is_not_even_kept(boss, content):
    type = factories.TicketTypeFactory()
    with pytest.raises(Invalid):
        WORKFLOWS.save_draft(type, content, by=boss, revision=0)
    assert not type.versions.filter(state="draft").exists()


def test_tickets_keep_their_version_and_new_ones_get_the_new(boss):
    type = factories.TicketTypeFactory()
    old = factories.ticket(type)
    draft = WORKFLOWS.save_draft(type, renamed("待分派"), by=boss, revision=0)
    made = WORKFLOWS.publish(type, by=boss, revision=draft.revision, note="改名")
    type.refresh_from_db()
    old.refresh_from_db()
    assert factories.ticket(type).type_version_id == made.pk
    assert old.type_version.number == 1
    with pytest.raises(Conflict):
        made.save()
    logged = LogEntry.objects.get_for_object(type).filter(additional_data__version="publish").get()
    assert (logged.actor, logged.changes) == (boss, {"current": [1, 2]})
    assert logged.additional_data["note"] == "改名"


def test_going_back_publishes_the_earlier_content_again(boss):
    type = factories.TicketTypeFactory()
    first = type.current
    draft = WORKFLOWS.save_draft(type, renamed("待分派"), by=boss, revision=0)
    WORKFLOWS.publish(type, by=boss, revision=draft.revision)
    made = WORKFLOWS.roll_back(type, first, by=boss)
    assert (made.number, made.content) == (3, first.content)


def test_what_no_longer_fits_the_form_cannot_be_gone_back_to(boss):
    field = {"key": "color", "type": "text", "label": "颜色"}
    type = factories.TicketTypeFactory(form=[field])
    asking = copy.deepcopy(STANDARD)
    asking["transitions"][0]["required"] = ["color"]
    draft = WORKFLOWS.save_draft(type, asking, by=boss, revision=0)
    asked = WORKFLOWS.publish(type, by=boss, revision=draft.revision)
    factories.publish_form(type, [{**field, "key": "size"}])
    type.refresh_from_db()
    with pytest.raises(Invalid):
        WORKFLOWS.roll_back(type, asked, by=boss)


def test_a_step_that_requires_a_field_gone_from_the_form_can_still_be_taken(boss):
    field = {"key": "color", "type": "text", "label": "颜色"}
    asking = copy.deepcopy(STANDARD)
    asking["transitions"][0]["required"] = ["color"]
    type = factories.TicketTypeFactory(workflow=asking, form=[field])
    ticket = factories.ticket(type)
    factories.publish_form(type, [{**field, "key": "size"}])
    moved = factories.service.move(ticket.pk, "start", factories.By.staff(boss))
    assert moved.status == "open"
