"""Quick replies in admin: import with a preview, export that no spreadsheet runs."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conversations.admin.spreadsheets import SafeText
from conversations.models import QuickReply, QuickReplyCategory
from tests.factories import QuickReplyFactory, UserFactory

pytestmark = pytest.mark.django_db
IMPORT = reverse("admin:conversations_quickreply_import")
PROCESS = reverse("admin:conversations_quickreply_process_import")
EXPORT = reverse("admin:conversations_quickreply_export")
CSV, XLSX = "0", "1"
ROWS = "快捷词,标题,分类,内容\nhi,问候,常用,您好\n/fp,发票,,请提供抬头\n"


def upload(client, data, format=CSV, name="replies.csv"):
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    return client.post(IMPORT, {"import_file": file, "format": format, "resource": "0"})


def confirm(client, preview):
    form = preview.context["confirm_form"]
    return client.post(PROCESS, {name: form.initial.get(name, "") for name in form.fields})


def kept():
    rows = QuickReply.objects.select_related("category")
    return {(one.shortcut, one.title, str(one.category or ""), one.text) for one in rows}


EXPECTED = {("hi", "问候", "常用", "您好"), ("fp", "发票", "", "请提供抬头")}


def book(*rows):
    found = openpyxl.Workbook()
    for row in rows:
        found.active.append(row)
    stream = BytesIO()
    found.save(stream)
    return stream.getvalue()


def test_nothing_is_written_before_it_is_confirmed(supervisor):
    assert supervisor.get(IMPORT).status_code == 200
    preview = upload(supervisor, ROWS)
    assert "您好" in preview.text
    assert kept() == set()
    assert not QuickReplyCategory.objects.exists()
    assert confirm(supervisor, preview).status_code == 302
    assert kept() == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_csv_as_excel_and_others_write_it(supervisor, encoding):
    confirm(supervisor, upload(supervisor, ROWS.encode(encoding)))
    assert kept() == EXPECTED


def test_a_workbook(supervisor):
    data = book(
        ["快捷词", "标题", "分类", "内容"], ["hi", "问候", "常用", "您好"], [7, "七", None, 7]
    )
    confirm(supervisor, upload(supervisor, data, XLSX, "replies.xlsx"))
    assert kept() == {("hi", "问候", "常用", "您好"), ("7", "七", "", "7")}


def test_the_same_again_changes_shared_ones_and_nobodys_own(supervisor):
    own = QuickReplyFactory(shortcut="hi", owner=UserFactory(), text="我的")
    confirm(supervisor, upload(supervisor, ROWS))
    confirm(supervisor, upload(supervisor, ROWS.replace("您好", "您好！")))
    own.refresh_from_db()
    assert own.text == "我的"
    assert QuickReply.objects.get(shortcut="hi", owner=None).text == "您好！"
    assert QuickReply.objects.count() == 3


@pytest.mark.parametrize(
    "data",
    [
        "快捷词,内容\nhi,您好\n",  # no title
        "a,b\n1,2\n",
        "",
        b"\xff\xfe\x00\x00",
        "快捷词,标题,内容\n,问候,您好\n",
        "快捷词,标题,内容\nhi,,您好\n",
        f"快捷词,标题,内容\n{'长' * 25},问候,您好\n",
        f"快捷词,标题,内容\nhi,问候,{'长' * 2001}\n",
        "快捷词,标题,内容\n" + "".join(f"h{n},问候,您好\n" for n in range(2001)),
    ],
    ids=["no-title", "other", "empty", "binary", "no-word", "blank", "long", "text", "many"],
)
def test_bad_files_are_refused_with_nothing_written(supervisor, data):
    answer = upload(supervisor, data)
    assert answer.status_code == 200
    assert "confirm_form" not in answer.context
    assert kept() == set()


def test_large_files_and_archives_of_large_files_are_refused(supervisor):
    assert "不能超过 1 MB" in upload(supervisor, b"x" * 1_000_001).text
    huge = book(["快捷词", "标题", "内容"], *[["h", "x" * 30_000, "您好"] for _ in range(700)])
    assert len(huge) < 1_000_000
    assert "解压后过大" in upload(supervisor, huge, XLSX, "bomb.xlsx").text
    assert "不是有效的 XLSX" in upload(supervisor, b"PK nonsense", XLSX, "bad.xlsx").text


def test_a_file_that_is_gone_is_asked_for_again(supervisor):
    preview = upload(supervisor, ROWS)
    from django.core.cache import cache

    cache.clear()
    answer = confirm(supervisor, preview)
    assert answer.status_code == 302
    assert answer.url == IMPORT
    assert kept() == set()


def test_markup_in_the_preview_stays_text(supervisor):
    preview = upload(supervisor, "快捷词,标题,内容\nhi,<script>x</script>,<img src=x>\n")
    assert "<script>x" not in preview.text
    assert "<img src=x>" not in preview.text


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "'好"])
def test_formulas_are_written_as_text_and_come_back_the_same(text):
    widget = SafeText()
    written = widget.render(text)
    assert not written.startswith(("=", "+", "-", "@", "\t"))
    assert widget.clean(written) == text


def test_the_export_holds_what_is_shared_and_ones_own(supervisor):
    QuickReplyFactory(shortcut="eq", text="=HYPERLINK(1)")
    QuickReplyFactory(shortcut="other", owner=UserFactory())
    answer = supervisor.post(EXPORT, {"format": "0", "resource": "0"})
    text = answer.content.decode()
    assert text.startswith("\ufeff快捷词,标题,分类,内容")
    assert "'=HYPERLINK(1)" in text
    assert "other" not in text


def test_categories_have_a_page(supervisor):
    QuickReplyCategory.objects.create(name="常用")
    page = reverse("admin:conversations_quickreplycategory_changelist")
    assert "常用" in supervisor.get(page).text
