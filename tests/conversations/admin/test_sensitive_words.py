"""Sensitive words in admin: one, many, and where they were said."""

import pytest
from django.urls import reverse

from conversations import moderation
from conversations.models import SensitiveHit, SensitiveWord
from tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:conversations_sensitiveword_changelist")
ADD = reverse("admin:conversations_sensitiveword_add")
PASTE = reverse("admin:conversations_sensitiveword_paste_words")


@pytest.fixture(autouse=True)
def _forget_words():
    yield
    moderation.stale()


def paste(client, words, action="mask", direction="both"):
    said = {"_form_submitted": "1", "words": words, "action": action, "direction": direction}
    return client.post(PASTE, said)


def kept():
    return set(SensitiveWord.objects.values_list("word", "action", "direction"))


def test_a_word_is_kept_folded(administrator):
    said = {"word": " ＷｅChat ", "action": "mask", "direction": "both", "is_active": "on"}
    assert administrator.post(ADD, said).status_code == 302
    assert kept() == {("wechat", "mask", "both")}
    assert "wechat" in administrator.get(LIST).text
    assert administrator.post(ADD, said | {"word": "WECHAT"}).status_code == 200  # there already


def test_many_are_pasted_with_what_stands_beside(supervisor):
    assert supervisor.get(PASTE).status_code == 200
    paste(supervisor, "返点\n\n代开发票,拦截,坐席\nWeChat,log\n返点\n")
    assert kept() == {
        ("返点", "mask", "both"),
        ("代开发票", "block", "agent"),
        ("wechat", "log", "both"),
    }


def test_pasting_again_updates(administrator):
    paste(administrator, "返点")
    SensitiveWord.objects.update(is_active=False)
    paste(administrator, "返点", "block", "agent")
    row = SensitiveWord.objects.get()
    assert (row.action, row.direction, row.is_active) == ("block", "agent", True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", ""),
        ("好\n" + "长" * 61, "第 2 行"),
        ("词,删除", "第 1 行"),
        ("词,拦截,路人", "第 1 行"),
        ("\n".join(f"词{n}" for n in range(1001)), "最多 1000 行"),
    ],
)
def test_one_bad_line_and_nothing_is_kept(administrator, words, why):
    assert why in paste(administrator, words).text
    assert kept() == set()


def test_hits_are_shown_to_who_sees_the_conversation(administrator, supervisor, channel):
    for where in (ConversationFactory(channel=channel), ConversationFactory()):
        SensitiveHit.objects.create(
            conversation=where, word=f"词{where.pk}", action="log", author_type="visitor"
        )
    mine, other = SensitiveHit.objects.order_by("id")
    page = reverse("admin:conversations_sensitivehit_changelist")
    assert mine.word in supervisor.get(page).text
    assert other.word not in supervisor.get(page).text
    assert other.word in administrator.get(page).text
