"""Files: what is taken, what is refused, who may send them on, and who gets the bytes."""

import datetime as dt
import io
import time
import uuid
import zipfile

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from conversations import attachments
from conversations.actors import SYSTEM, Actor
from conversations.attachments import checks
from conversations.attachments.links import LIFETIME
from conversations.attachments.names import clean_name
from conversations.models import Attachment
from conversations.principals import agent_token, visitor_token
from lingxi.errors import Forbidden, Invalid, NotFound, TooLong, UnsupportedMedia
from tests.factories import (
    AgentFactory,
    AttachmentFactory,
    ChannelFactory,
    ConversationFactory,
    CustomerFactory,
    SkillGroupFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(40, 30), **options):
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, kind, **options)
    return data.getvalue()


def archive(*names, content=b"x"):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name in names:
            file.writestr(name, content)
    return data.getvalue()


WORD = archive("[Content_Types].xml", "word/document.xml")
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"
EXE = b"MZ\x90\x00" + b"\x00" * 200
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 200
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


def receive(name, data, **owner):
    owner = owner or {"customer_id": CustomerFactory().id}
    return attachments.receive(SimpleUploadedFile(name, data, "image/png"), **owner)


class TestTaken:
    @pytest.mark.parametrize(
        ("name", "data", "media_type", "stored_name"),
        [
            ("a.png", picture(), "image/png", "a.png"),
            ("a.JPG", picture("JPEG"), "image/jpeg", "a.JPG"),
            ("a.gif", picture("GIF"), "image/gif", "a.gif"),
            ("a.webp", picture("WEBP"), "image/webp", "a.webp"),
            ("phone.png", picture("JPEG"), "image/jpeg", "phone.jpg"),
            ("image", picture(), "image/png", "image.png"),
            ("合同.pdf", PDF, "application/pdf", "合同.pdf"),
            ("a.txt", "你好".encode(), "text/plain", "a.txt"),
            ("a.csv", "姓名,电话".encode("gb18030"), "text/csv", "a.csv"),
            ("README", b"just words", "text/plain", "README.txt"),
            ("a.zip", archive("b.txt", "c/d.png"), "application/zip", "a.zip"),
            ("a.docx", WORD, checks._OFFICE["word/"], "a.docx"),
            ("a.mp3", b"ID3\x03\x00" + b"\x00" * 100, "audio/mpeg", "a.mp3"),
            ("a.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4", "a.mp4"),
        ],
    )
    def test_by_content(self, name, data, media_type, stored_name):
        kept = receive(name, data)
        assert (kept.media_type, kept.name, kept.size) == (media_type, stored_name, len(data))
        with kept.file.open() as file:
            assert file.read() == data

    def test_the_size_of_pictures_is_known(self):
        kept = receive("a.png", picture(size=(40, 30)))
        assert (kept.width, kept.height) == (40, 30)

    def test_the_size_is_as_shown(self):
        turned = Image.Exif()
        turned[0x0112] = 6
        kept = receive("a.jpg", picture("JPEG", size=(40, 30), exif=turned))
        assert (kept.width, kept.height) == (30, 40)

    def test_the_name_on_disk_says_nothing(self):
        kept = receive("secret-name.png", picture())
        assert "secret" not in kept.file.name
        assert kept.file.path.startswith(str(settings.MEDIA_ROOT))


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.exe", EXE),
            ("a.png", EXE),
            ("a.txt", EXE),
            ("a", ELF),
            ("a.svg", SVG),
            ("a.png", SVG),
            ("a.txt", SVG),
            ("a.html", HTML),
            ("a.png", HTML),
            ("a.txt", HTML),
            ("a.txt", b"<?xml version='1.0'?><x/>"),
            ("a.txt", b"#!/bin/sh\nrm -rf /"),
            ("a.txt", b"<?php system($_GET[0]);"),
            ("a.txt", b"a\x00b"),
            ("a.js", b"alert(1)"),
            ("a.bat", b"del *.*"),
            ("a.sh", b"echo"),
            ("a.html.png", picture()),
            ("a.php.jpg", picture("JPEG")),
            ("a.png.exe", picture()),
            ("invoice.pdf.exe", PDF),
            ("a.pdf", picture()),
            ("a.png", PDF),
            ("a.docx", archive("a.txt")),
            ("a.zip", WORD),
            ("a.zip", archive("setup.exe")),
            ("a.zip", archive("x/run.BAT")),
            ("a.zip", archive("META-INF/MANIFEST.MF", "A.class")),
            ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
            ("a.zip", archive("a.txt")[:40]),
            ("a.png", picture()[:60]),
            ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
            ("a.png", picture() + HTML),
            ("a.jpg", picture("JPEG") + archive("A.class")),
            ("a.gif", b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)"),
            ("a.pdf", PDF + archive("A.class")),
            ("a.bmp", picture("BMP")),
            ("a.tiff", picture("TIFF")),
            ("a.bin", bytes(range(256)) * 4),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_by_name_or_content(self, name, data):
        with pytest.raises(UnsupportedMedia):
            receive(name, data)
        assert not Attachment.objects.exists()

    def test_empty(self):
        with pytest.raises(Invalid):
            receive("a.txt", b"")

    def test_too_big(self, monkeypatch):
        monkeypatch.setitem(settings.LINGXI, "MAX_UPLOAD_BYTES", 10)
        with pytest.raises(TooLong):
            receive("a.txt", b"a" * 11)

    def test_a_bomb(self, monkeypatch):
        monkeypatch.setattr(checks, "MAX_IMAGE_PIXELS", 1000)
        with pytest.raises(UnsupportedMedia, match="尺寸"):
            receive("a.png", picture(size=(40, 30)))

    def test_a_bomb_by_pillows_own_measure(self, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
        with pytest.raises(UnsupportedMedia):
            receive("a.png", picture(size=(40, 30)))


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("<img src=x onerror=alert(1)>.png", "_img src=x onerror=alert(1)_.png"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("\u202egnp.exe", "gnp.exe"),
        ('"; rm -rf.txt', "__ rm -rf.txt"),
        ("...", "file"),
        ("", "file"),
        ("合同 最终版.pdf", "合同 最终版.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_names(given, cleaned):
    assert clean_name(given) == cleaned


class TestBinding:
    def test_it_works(self):
        conversation = ConversationFactory()
        kept = receive("a.png", picture(), customer_id=conversation.customer_id)
        actor = Actor.visitor(conversation.customer_id)
        content = attachments.bind(str(kept.id), conversation.id, actor, "image")
        assert content == {
            "type": "image",
            "attachment": str(kept.id),
            "name": "a.png",
            "size": kept.size,
            "media_type": "image/png",
            "width": 40,
            "height": 30,
        }
        kept.refresh_from_db()
        assert kept.conversation_id == conversation.id
        assert attachments.bind(kept.id, conversation.id, actor, "image") == content

    def test_an_agents(self):
        agent = AgentFactory()
        kept = AttachmentFactory(customer=None, uploaded_by_user_id=agent.user_id)
        conversation = ConversationFactory()
        assert attachments.bind(kept.id, conversation.id, Actor.agent(agent))["type"] == "file"
        with pytest.raises(NotFound):
            attachments.bind(kept.id, conversation.id, Actor.agent(AgentFactory()))

    def test_not_somebody_elses(self):
        kept, conversation = AttachmentFactory(), ConversationFactory()
        visitor = Actor.visitor(conversation.customer_id)
        for actor in (visitor, Actor.agent(AgentFactory()), SYSTEM):
            with pytest.raises(NotFound):
                attachments.bind(kept.id, conversation.id, actor)

    def test_not_in_two_conversations(self):
        kept = AttachmentFactory()
        actor = Actor.visitor(kept.customer_id)
        attachments.bind(kept.id, ConversationFactory(customer=kept.customer).id, actor)
        other = ConversationFactory(customer=kept.customer)
        with pytest.raises(Forbidden):
            attachments.bind(kept.id, other.id, actor)

    @pytest.mark.parametrize("pk", ["x", "", None, uuid.uuid4()])
    def test_not_what_there_is_not(self, pk):
        with pytest.raises(NotFound):
            attachments.bind(pk, uuid.uuid4(), Actor.visitor(uuid.uuid4()))

    def test_a_file_is_no_image(self):
        kept = AttachmentFactory()
        conversation = ConversationFactory(customer=kept.customer)
        with pytest.raises(Invalid):
            attachments.bind(kept.id, conversation.id, Actor.visitor(kept.customer_id), "image")


class TestDownload:
    @pytest.fixture
    def image(self):
        conversation = ConversationFactory(state="serving")
        kept = receive("图.png", picture(size=(2000, 1000)), customer_id=conversation.customer_id)
        kept.conversation = conversation
        kept.save()
        return kept

    def get(self, url, **extra):
        return Client(raise_request_exception=False).get(url, **extra)

    def plain(self, kept):
        return f"/files/{kept.id}/a.png"

    def test_a_signed_link_works_without_anything_else(self, image):
        answer = self.get(attachments.signed_url(image.id, image.name))
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")

    def test_nothing_in_it_can_run(self, image):
        answer = self.get(attachments.signed_url(image.id, image.name))
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"] == "inline; filename*=UTF-8''%E5%9B%BE.png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"].startswith("private")

    def test_other_files_are_downloaded(self):
        kept = receive("a.txt", b"words")
        answer = self.get(attachments.signed_url(kept.id))
        assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''a.txt"
        assert answer["Content-Type"] == "text/plain; charset=utf-8"

    def test_a_thumbnail(self, image):
        content = {"attachment": str(image.id), **attachments.describe(image)}
        answer = self.get(attachments.links(content)["thumbnail"])
        with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as small:
            assert (small.format, small.size) == ("WEBP", (640, 320))
        assert default_storage.exists(f"{image.file.name}.thumbnail")

    def test_no_thumbnail_of_a_text(self):
        kept = receive("a.txt", b"words")
        assert self.get(attachments.signed_url(kept.id, "thumbnail")).status_code == 404

    def test_a_link_ends(self, image, monkeypatch):
        url = attachments.signed_url(image.id)
        later = time.time() + 2 * LIFETIME + 1
        monkeypatch.setattr("time.time", lambda: later)
        assert self.get(url).status_code == 404

    def test_a_link_is_for_one_file(self, image):
        _, _, query = attachments.signed_url(image.id).partition("?")
        assert self.get(f"{self.plain(receive('b.png', picture()))}?{query}").status_code == 404

    @pytest.mark.parametrize(
        "query", ["", "?s=x", "?e=99999999999&s=x", "?e=x&s=y", "?e=%D9%A1&s=y"]
    )
    def test_without_a_right_link_there_is_no_such_file(self, image, query):
        answer = self.get(self.plain(image) + query)
        assert answer.status_code == 404
        assert "Traceback" not in answer.content.decode()

    def test_what_there_is_not(self):
        assert self.get(attachments.signed_url(uuid.uuid4())).status_code == 404
        assert self.get("/files/x/a.png").status_code == 404

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("visitor", 200),
            ("other visitor", 404),
            ("agent", 200),
            ("agent of another group", 404),
            ("auditor", 200),
            ("partner", 404),
            ("forged", 404),
        ],
    )
    def test_by_bearer(self, image, who, status):
        channel = image.conversation.channel
        tokens = {
            "visitor": lambda: visitor_token(image.conversation.customer, channel),
            "other visitor": lambda: visitor_token(CustomerFactory(), ChannelFactory()),
            "agent": lambda: agent_token(image.conversation.agent.user),
            "agent of another group": lambda: agent_token(
                AgentFactory(groups=[SkillGroupFactory()]).user
            ),
            "auditor": lambda: agent_token(UserFactory(role="auditor", scope="all")),
            "partner": lambda: agent_token(UserFactory(role="partner", scope="all")),
            "forged": lambda: "a.b.c",
        }
        answer = self.get(self.plain(image), HTTP_AUTHORIZATION=f"Bearer {tokens[who]()}")
        assert answer.status_code == status

    def test_by_cookie(self, image):
        for user, status in ((image.conversation.agent.user, 200), (AgentFactory().user, 404)):
            client = Client()
            client.force_login(user)
            assert client.get(self.plain(image)).status_code == status


def test_what_was_never_sent_is_removed():
    day = dt.timedelta(days=1)
    old = receive("a.png", picture())
    new, sent = receive("b.png", picture()), AttachmentFactory(conversation=ConversationFactory())
    Attachment.objects.exclude(pk=new.pk).update(created_at=timezone.now() - day * 2)
    assert attachments.remove_unused(day) == 1
    assert set(Attachment.objects.values_list("pk", flat=True)) == {new.pk, sent.pk}
    assert not default_storage.exists(old.file.name)


@pytest.mark.django_db(transaction=True)
async def test_the_real_server_streams_it():
    from lingxi.asgi import application

    data = b"words\n" * 100_000
    kept = await sync_to_async(receive)("a.txt", data)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        answer = await client.get(attachments.signed_url(kept.id, kept.name))
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["content-length"] == str(len(data))
