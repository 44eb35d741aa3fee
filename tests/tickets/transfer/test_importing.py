"""Importing: all or nothing, or the good ones by choice; never twice."""

import csv
import io

import pytest
from auditlog.models import LogEntry

from conversations.models import Customer
from lingxi.access.models import RoleAssignment
from lingxi.errors import Forbidden
from lingxi.events.models import Event
from lingxi.jobs import service as jobs
from lingxi.jobs.models import Job, Upload
from lingxi.jobs.runner import work_on
from tests.factories import UserFactory
from tests.tickets.transfer.files import csv_of, imported, refund_type, supervisor, uploaded
from tickets.models import Source, Ticket
from tickets.transfer import importing

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return supervisor()


@pytest.fixture
def type(db):
    return refund_type()


def many(count, wrong=()):
    return csv_of(*(f"退款{n},{'' if n in wrong else n}" for n in range(1, count + 1)))


def test_every_row_becomes_a_ticket(type, user):
    header = "标题,订单号,退款金额,客户电话,客户姓名,优先级"
    data = csv_of("屏幕碎了,a1,12.5,13800001111,王小明,高", "太慢,a2,,,,", header=header)
    job = imported(uploaded(data, type, user), user)
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert (job.result["created"], job.result["bad"], job.result["dry"]) == (2, 0, False)
    one = Ticket.objects.get(title="屏幕碎了")
    assert one.fields == {"order": "A1", "amount": 12.5}
    assert (one.source, one.priority, one.created_by) == (Source.IMPORT, 3, user)
    assert one.requester == Customer.objects.get(phone="13800001111", name="王小明")
    assert Event.objects.filter(type="ticket.created").count() == 2
    assert not job.has_file


def test_ten_bad_rows_are_reported_and_nothing_is_written(type, user):
    wrong = range(10, 101, 10)
    job = imported(uploaded(many(100, wrong), type, user), user)
    assert job.state == "done"
    assert not Ticket.objects.exists()
    result = job.result
    assert (result["bad"], result["good"], result["created"], result["dry"]) == (10, 90, 0, True)
    assert result["rows"][0] == [11, "订单号：请填写“订单号”"]  # the header is row 1
    report = list(csv.reader(io.StringIO(job.file.read().decode("utf-8-sig"))))
    assert report[0] == ["导入行号", "未导入的原因", "标题", "订单号"]
    assert [int(row[0]) for row in report[1:]] == [n + 1 for n in wrong]
    assert report[1][:3] == ["11", "订单号：请填写“订单号”", "退款10"]


def test_the_good_rows_by_choice(type, user):
    job = imported(uploaded(many(30, {3, 30}), type, user), user, only_good=True)
    assert (job.result["created"], job.result["bad"]) == (28, 2)
    assert Ticket.objects.count() == 28
    assert [row[0] for row in job.result["rows"]] == [4, 31]
    assert job.has_file


def test_the_report_can_be_mended_and_uploaded(type, user):
    job = imported(uploaded(many(3, {2}), type, user), user, only_good=True)
    mended = job.file.read().decode("utf-8-sig").replace("退款2,", "退款2,b2")
    again = uploaded(mended.encode(), type, user)
    assert again.about["mapping"] == ["", "", "title", "fields.order"]
    assert imported(again, user).result["created"] == 1
    assert Ticket.objects.count() == 3


def test_a_check_writes_nothing_and_counts_what_is_there(type, user):
    upload = uploaded(many(3), type, user)
    job = imported(upload, user, dry=True)
    assert (job.result["good"], job.result["existing"], job.result["dry"]) == (3, 0, True)
    assert not Ticket.objects.exists()
    imported(upload, user)
    assert imported(upload, user, dry=True).result["existing"] == 3


def test_the_same_file_makes_no_ticket_twice_whoever_imports_it(type, user):
    first = imported(uploaded(many(5), type, user), user)
    other = supervisor()
    again = imported(uploaded(many(5), type, other, "另一个名字.csv"), other)
    assert (first.result["created"], again.result["created"]) == (5, 0)
    assert again.result["existing"] == 5
    assert Ticket.objects.count() == 5


def test_another_file_or_another_type_makes_others(type, user):
    imported(uploaded(many(2), type, user), user)
    imported(uploaded(many(2), refund_type(), user), user)
    imported(uploaded(many(3), type, user), user)
    assert Ticket.objects.count() == 2 + 2 + 3


def test_rows_are_written_some_at_a_time_and_a_failure_goes_on_from_there(type, user, monkeypatch):
    monkeypatch.setattr(importing, "EACH", 2)
    create, seen = importing.service.create, []

    def failing(new, by):
        seen.append(new.title)
        if len(seen) == 4:
            raise RuntimeError
        return create(new, by)

    monkeypatch.setattr(importing.service, "create", failing)
    upload = uploaded(many(6), type, user)
    job = imported(upload, user)
    assert (job.state, job.done) == ("waiting", 2)
    assert Ticket.objects.count() == 2
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["created"], job.done) == ("done", 6, 6)
    assert seen[4:] == ["退款3", "退款4", "退款5", "退款6"]
    assert Ticket.objects.count() == 6


def test_what_does_not_fit_any_more_when_it_is_written_is_reported(type, user, monkeypatch):
    create = importing.service.create

    def changed(new, by):
        if new.title == "退款2":
            raise Forbidden
        return create(new, by)

    monkeypatch.setattr(importing.service, "create", changed)
    job = imported(uploaded(many(3), type, user), user)
    assert (job.result["created"], job.result["bad"]) == (2, 1)
    assert job.result["rows"] == [[3, Forbidden.detail]]


def test_a_cancelled_import_keeps_whole_steps_only(type, user, monkeypatch):
    monkeypatch.setattr(importing, "EACH", 2)
    make, seen = importing._make, []

    def cancelling(work, *args):
        seen.append(1)
        if len(seen) == 3:
            Job.objects.update(attempts=9)  # as if another one had it now
        make(work, *args)

    monkeypatch.setattr(importing, "_make", cancelling)
    imported(uploaded(many(6), type, user), user)
    assert Ticket.objects.count() == 2


def test_somebody_without_the_permission_imports_nothing(type, user):
    upload = uploaded(many(1), type, user)
    with pytest.raises(Forbidden):
        importing.begin(upload, UserFactory(role="agent"))
    job = importing.begin(upload, user)
    RoleAssignment.objects.filter(user=user).update(role="agent")
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, Ticket.objects.count()) == ("failed", 0)


@pytest.mark.parametrize("gone", ["file", "type", "owner"])
def test_what_is_gone_before_the_job_begins_is_said(type, user, gone):
    upload = uploaded(many(1), type, user)
    job = importing.begin(upload, user)
    if gone == "file":
        upload.delete()
    elif gone == "type":
        type.is_active = False
        type.save()
    else:
        Upload.objects.update(owner=supervisor())
    work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, Ticket.objects.count()) == ("failed", 0)
    assert job.error


def test_a_job_that_was_cancelled_before_it_began_does_nothing(type, user):
    job = importing.begin(uploaded(many(1), type, user), user)
    jobs.cancel(job)
    assert not work_on(job.pk)
    assert not Ticket.objects.exists()


def test_who_imported_which_file_is_in_the_audit_log(type, user):
    upload = uploaded(many(1), type, user)
    importing.begin(upload, user, dry=True)
    assert not LogEntry.objects.filter(actor=user).exists()
    importing.begin(upload, user)
    entry = LogEntry.objects.get(actor=user)
    assert entry.additional_data["digest"] == upload.digest
