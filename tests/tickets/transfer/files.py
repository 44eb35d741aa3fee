"""Types, people and files for the tests of import and export."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lingxi.jobs.models import Job, Upload
from lingxi.jobs.runner import work_on
from tests.factories import UserFactory
from tests.tickets.factories import TicketTypeFactory
from tickets.transfer import importing, uploads

SHENZHEN = {"value": "sz", "label": "深圳"}
FORM: list[dict[str, Any]] = [
    {"key": "order", "type": "order_number", "label": "订单号", "required": True},
    {"key": "amount", "type": "money", "label": "退款金额", "min": 0},
    {
        "key": "reason",
        "type": "choice",
        "label": "原因",
        "options": [{"value": "late", "label": "太慢"}, {"value": "bad", "label": "质量，差"}],
    },
    {
        "key": "area",
        "type": "cascade",
        "label": "地区",
        "levels": [
            {"value": "gd", "label": "广东", "children": [{"value": "sz", "label": "深圳"}]}
        ],
    },
    {
        "key": "parts",
        "type": "multi_choice",
        "label": "部件",
        "options": [{"value": "a", "label": "屏幕"}, {"value": "b", "label": "电池"}],
    },
    {"key": "paid_on", "type": "date", "label": "付款日期"},
    {"key": "vip", "type": "boolean", "label": "会员"},
    {"key": "id_card", "type": "text", "label": "证件号", "sensitive": True},
    {"key": "secret", "type": "text", "label": "内部说明", "visible": ["admin"]},
]


def refund_type(**more: Any) -> Any:
    """A type with a field of each kind."""
    return TicketTypeFactory(name="退款", form=FORM, **more)


def supervisor() -> Any:
    """Somebody who may import and export, and sees everything."""
    return UserFactory(role="supervisor", scope="all")


def csv_of(*rows: str, header: str = "标题,订单号") -> bytes:
    """A CSV file of these lines."""
    return "\n".join([header, *rows, ""]).encode("utf-8-sig")


def uploaded(data: bytes, type: Any, user: Any, name: str = "工单.csv") -> Upload:
    """The file as it is kept, its columns guessed."""
    return uploads.receive(SimpleUploadedFile(name, data), type, user)


def imported(upload: Upload, user: Any, **how: bool) -> Job:
    """The job, done."""
    job = importing.begin(upload, user, **how)
    work_on(job.pk)
    job.refresh_from_db()
    return job
