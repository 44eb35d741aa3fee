"""The pages of import and export, from upload to ticket."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lingxi.jobs.models import Job, Upload
from lingxi.jobs.runner import work_on
from tests.factories import UserFactory
from tests.tickets.factories import TicketTypeFactory, ticket
from tests.tickets.transfer.files import csv_of, refund_type, supervisor, uploaded
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return supervisor()


@pytest.fixture
def client(user):
    client = Client()
    client.force_login(user)
    return client


def send(client, type, data, name="工单.csv"):
    body = {"type": type.key, "file": SimpleUploadedFile(name, data)}
    return client.post("/tickets/import/", body)


def done(response):
    job = Job.objects.get(pk=response.headers["Location"].split("/")[2])
    work_on(job.pk)
    return job


def test_from_upload_to_tickets(client):
    type = refund_type()
    sent = send(client, type, csv_of("退款,a1", "太慢,a2"))
    url = sent.headers["Location"]
    page = client.get(url).content.decode()
    assert '<option value="fields.order" selected>订单号 *</option>' in page
    assert "退款" in page
    job = done(client.post(url, {"column.0": "title", "column.1": "fields.order"}))
    assert not Ticket.objects.exists()
    words = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "导入 2 行" in words
    job = done(client.post(f"{url}run/"))
    assert Ticket.objects.count() == 2
    assert "已创建 2 个工单" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_bad_rows_are_shown_and_the_good_ones_offered(client):
    type = refund_type()
    url = send(client, type, csv_of("退款,a1", "太慢,", ",a3")).headers["Location"]
    job = done(client.post(url, {"column.0": "title", "column.1": "fields.order"}))
    words = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "只导入正确的 1 行" in words
    assert "订单号：请填写" in words
    assert f"/jobs/{job.pk}/file" in words
    done(client.post(f"{url}run/", {"only_good": "1"}))
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF", "CSV 或 XLSX"),
        ("a.xlsx", b"PK\x03\x04", "有效的 XLSX"),
        ("a.csv", b"\x00", "不是 CSV"),
        ("a.csv", "标题\n".encode(), "没有数据"),
        ("a.csv", b"", "请选择文件"),
        ("a.csv.exe", b"a\n1\n", "不"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_a_reason(client, name, data, words):
    response = send(client, refund_type(), data, name)
    assert response.status_code in {400, 415}
    assert words in response.content.decode()
    assert not Upload.objects.exists()


def test_a_type_that_is_not_there_is_refused(client):
    type = TicketTypeFactory(is_active=False)
    assert send(client, type, csv_of("a,b")).status_code == 404
    assert client.get(f"/tickets/import/template/?type={type.key}").status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("title", "", "订单号"),
        ("title", "title", "只能对应一列"),
        ("title", "nothing", "有误"),
        ("title", "fields.secret", "有误"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(client, first, second, words):
    url = send(client, refund_type(), csv_of("退款,a1")).headers["Location"]
    response = client.post(url, {"column.0": first, "column.1": second})
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not Job.objects.exists()


def test_what_somebody_uploaded_is_theirs_alone(client, user):
    type, other = refund_type(), supervisor()
    kept = uploaded(csv_of("退款,a1"), type, other)
    for method, path in (("get", ""), ("post", ""), ("post", "run/")):
        assert getattr(client, method)(f"/tickets/import/{kept.pk}/{path}").status_code == 404
    assert not Job.objects.exists()


def test_templates_have_the_columns_of_the_type(client):
    type = refund_type()
    response = client.get(f"/tickets/import/template/?type={type.key}&format=xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    headers = [cell.value for cell in book.worksheets[0][1]]
    assert headers[0] == "标题*"
    assert "订单号*" in headers
    assert "内部说明" not in headers
    assert book.sheetnames[1] == "填写说明"
    response = client.get(f"/tickets/import/template/?type={type.key}&format=csv")
    data = b"".join(response.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf" + "标题*,描述".encode())
    assert client.get(f"/tickets/import/template/?type={type.key}&format=exe").status_code == 400


def test_a_filled_template_needs_no_mapping_by_hand(client):
    type = refund_type()
    response = client.get(f"/tickets/import/template/?type={type.key}&format=xlsx")
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    sheet = book.worksheets[0]
    for column, cell in enumerate(sheet[1], start=1):
        sheet.cell(2, column, {"标题*": "退款", "订单号*": "a1"}.get(cell.value))
    file = io.BytesIO()
    book.save(file)
    send(client, type, file.getvalue(), "模板.xlsx")
    assert "" not in Upload.objects.get().about["mapping"]


def test_the_export_dialog_counts_and_begins(client):
    type = refund_type()
    ticket(type, fields={"order": "A1"})
    words = client.get("/tickets/export/?priority=normal").content.decode()
    assert '当前筛选共 <strong class="nums">1</strong> 个工单' in words
    assert 'value="f.order" checked' in words
    assert "f.secret" not in words
    part = client.get("/tickets/export/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    body = {"query": "priority=normal", "columns": ["title"], "format": "csv"}
    job = done(client.post("/tickets/export/", body))
    assert job.params["query"] == "priority=normal"
    again = client.post("/tickets/export/", {"format": "csv"})
    assert again.status_code == 400
    assert "至少选择一列" in again.content.decode()


def test_an_address_that_anybody_may_write_does_no_harm(client):
    for query in ("assignee=x&f.=1&sort=%00", "f.a.b=1&updated.from=x", "page=" + "9" * 500):
        assert client.get(f"/tickets/export/?{query}").status_code == 200


@pytest.mark.parametrize("path", ["import/", "import/template/?type=x", "export/"])
def test_agents_neither_import_nor_export(path):
    client = Client()
    client.force_login(UserFactory(role="agent", scope="all"))
    assert client.get(f"/tickets/{path}").status_code == 403
