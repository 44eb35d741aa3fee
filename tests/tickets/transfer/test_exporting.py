"""Exporting: what the list shows, as the person sees it, in a file."""

import csv
import io

import pytest
from auditlog.models import LogEntry
from openpyxl import load_workbook

from lingxi.access.models import RoleAssignment
from lingxi.errors import Forbidden, Invalid
from lingxi.jobs.runner import work_on
from tests.factories import CustomerFactory, SkillGroupFactory, UserFactory
from tests.tickets.factories import TicketTypeFactory, ticket
from tests.tickets.transfer.files import refund_type, supervisor
from tickets.models import Priority, Ticket
from tickets.transfer import exporting

pytestmark = pytest.mark.django_db
ORDER = {"order": "A1"}


@pytest.fixture
def user():
    return supervisor()


@pytest.fixture
def type(db):
    return refund_type()


def export(user, query="", columns=("number", "title"), kind="csv"):
    job = exporting.begin(user, query, columns, kind)
    work_on(job.pk)
    job.refresh_from_db()
    return job


def lines(job):
    assert job.state == "done", job.error
    data = job.file.read()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_filtered_list_in_its_order(type, user):
    low = ticket(type, title="低", priority=Priority.LOW, fields=ORDER)
    urgent = ticket(type, title="急", priority=Priority.URGENT, fields=ORDER)
    ticket(type, title="普通", fields=ORDER)
    found = lines(export(user, "priority=low&priority=urgent&sort=-priority"))
    assert found == [["编号", "标题"], [urgent.reference, "急"], [low.reference, "低"]]


def test_columns_are_those_chosen_in_the_order_of_the_page(type, user):
    ticket(type, fields={**ORDER, "amount": 12.5, "reason": "late", "area": ["gd", "sz"]})
    columns = ["f.area", "f.amount", "f.reason", "title", "f.gone"]
    assert lines(export(user, columns=columns)) == [
        ["标题", "退款金额", "原因", "地区"],
        ["申请退款", "12.5", "太慢", "广东 / 深圳"],
    ]


def test_numbers_stay_numbers_and_formulas_are_none(type, user):
    ticket(type, title="=HYPERLINK(1)", fields={**ORDER, "amount": 12.5})
    job = export(user, columns=["title", "f.amount", "urges"], kind="xlsx")
    sheet = load_workbook(io.BytesIO(job.file.read())).active
    assert [cell.value for cell in sheet[2]] == ["'=HYPERLINK(1)", 0, 12.5]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n"]
    assert lines(export(user, columns=["title"]))[1] == ["'=HYPERLINK(1)"]


def test_values_of_a_field_that_was_removed_since_do_not_hinder(type, user):
    from tests.tickets.factories import publish_form

    ticket(type, title="旧", fields={**ORDER, "amount": 5})
    publish_form(type, [{"key": "colour", "type": "text", "label": "颜色"}])
    ticket(type, title="新", fields={"colour": "红"})
    found = lines(export(user, "sort=number", ["title", "f.colour", "f.amount"]))
    assert found == [["标题", "颜色"], ["旧", ""], ["新", "红"]]


def test_only_what_the_person_may_see(type):
    mine, hers = SkillGroupFactory(), SkillGroupFactory()
    person = UserFactory(role="supervisor", scope="group")
    from guardian.shortcuts import assign_perm

    assign_perm("routing.supervise_skillgroup", person, mine)
    ticket(type, title="本组", group=mine, fields=ORDER)
    ticket(type, title="外组", group=hers, fields=ORDER)
    ticket(TicketTypeFactory(is_restricted=True), title="受限", group=mine)
    assert [row[0] for row in lines(export(person, columns=["title"]))] == ["标题", "本组"]


def test_what_is_masked_on_the_page_is_masked_in_the_file(type, monkeypatch):
    from lingxi.access import permissions
    from lingxi.access.models import Role

    monkeypatch.setitem(permissions.PERMISSIONS, "tickets.export", {Role.INSPECTOR})
    customer = CustomerFactory(name="王小明", phone="13812345678")
    said = {**ORDER, "id_card": "秘密", "secret": "内情"}
    ticket(type, title="请回电 13912345678", requester=customer, fields=said)
    inspector = UserFactory(role="inspector", scope="all")
    columns = ["title", "phone", "f.id_card", "f.secret"]
    assert lines(export(inspector, columns=columns)) == [
        ["标题", "客户电话", "证件号"],
        ["请回电 139****5678", "138****5678", "••••"],
    ]
    monkeypatch.setitem(permissions.PERMISSIONS, "tickets.export", {Role.ADMIN})
    admin = UserFactory(role="admin", scope="all")
    found = lines(export(admin, columns=columns))[1]
    assert found == ["请回电 13912345678", "13812345678", "秘密", "内情"]


def test_who_lost_the_permission_since_gets_no_file(type, user):
    ticket(type, fields=ORDER)
    job = exporting.begin(user, "", ["title"], "csv")
    RoleAssignment.objects.filter(user=user).update(role="agent")
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.file.name) == ("failed", "")
    with pytest.raises(Forbidden):
        exporting.begin(UserFactory(role="agent"), "", ["title"], "csv")


def test_columns_and_formats_that_there_are_not_are_refused(user):
    with pytest.raises(Invalid):
        exporting.begin(user, "", ["nothing"], "csv")
    with pytest.raises(Invalid):
        exporting.begin(user, "", ["title"], "exe")


def test_more_than_a_sheet_holds_is_refused(type, user, monkeypatch):
    ticket(type, fields=ORDER)
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    job = export(user)
    assert (job.state, job.file.name) == ("failed", "")
    assert "缩小筛选范围" in job.error


def test_who_exported_what_is_in_the_audit_log(type, user):
    export(user, "priority=low", ["title"])
    entry = LogEntry.objects.get(actor=user)
    assert entry.additional_data == {
        "export": "tickets",
        "query": "priority=low",
        "columns": ["title"],
        "format": "csv",
    }


def test_tickets_are_read_some_at_a_time(type, user, monkeypatch, django_assert_max_num_queries):
    for _ in range(7):
        ticket(type, fields=ORDER)
    monkeypatch.setattr(exporting, "EACH", 3)
    job = exporting.begin(user, "", ["title", "f.order", "status", "customer"], "csv")
    with django_assert_max_num_queries(40):
        work_on(job.pk)
    job.refresh_from_db()
    assert (job.done, job.total) == (7, 7)
    assert job.result["summary"] == [["工单", 7], ["列", 4]]
    assert len(lines(job)) == 8


def test_a_cancelled_export_leaves_no_file(type, user, monkeypatch):
    ticket(type, fields=ORDER)
    write = exporting._write

    def cancelled(work, *args):
        from lingxi.jobs import service

        service.cancel(work.job)
        return write(work, *args)

    monkeypatch.setattr(exporting, "_write", cancelled)
    job = export(user)
    assert (job.state, job.file.name) == ("cancelled", "")
    assert Ticket.objects.count() == 1
