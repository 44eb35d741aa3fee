"""Finding: the right ones, in the right order, for the right people."""

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.archive import search
from audit.archive.indexing import index_conversations
from audit.archive.scope import reach_of
from audit.archive.search import Hit, Narrowing, Search
from conversations.models import Conversation, Message, State
from lingxi.grams import BadQuery, normalise, parse
from tests import factories
from tests.audit.conftest import Say, texts_found

pytestmark = pytest.mark.django_db


def test_newest_first(say: Say) -> None:
    for text in ("一号不错", "二号不错", "三号很好"):
        say(text)
    assert texts_found("不错") == ["二号不错", "一号不错"]


def test_all_terms_must_be_there(say: Say) -> None:
    for text in ("酒店不错", "酒店很远", "早餐不错"):
        say(text)
    assert texts_found("不错 酒店") == ["酒店不错"]


@pytest.mark.parametrize("words", ["100%", "a_b", "c\\d"])
def test_signs_mean_themselves(say: Say, words: str) -> None:
    say(f"其中 {words} 是的")
    say("其中 1000 axb c\\\\d")
    assert texts_found(words + " 是的") == [f"其中 {words} 是的"]


def page_through(query: Search, limit: int) -> list[Hit]:
    hits, after = query.page(None, limit)
    while after is not None:
        more, after = query.page(after, limit)
        assert more, "a next page was promised"
        hits += more
    return hits


@pytest.mark.parametrize("steps", [0, 3, 1000])
def test_pages_have_everything_once(say: Say, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far the walk goes, and when many were written at one moment."""
    monkeypatch.setattr(search, "FEWEST_STEPS", steps)
    now, conversation = timezone.now(), factories.ConversationFactory()
    for n in range(17):
        at = now - dt.timedelta(minutes=n // 5)
        text = "真不错" if n % 2 else "很一般"
        factories.MessageFactory(
            conversation=conversation, content={"type": "text", "text": text}, created_at=at
        )
    index_conversations([conversation.pk])
    wanted = [m for m in Message.objects.order_by("-created_at", "-pk") if m.text == "真不错"]
    hits = page_through(Search(parse("不错"), Conversation.objects.all()), 3)
    assert [hit.message_id for hit in hits] == [message.pk for message in wanted]


def test_time(say: Say) -> None:
    now = timezone.now()
    for days in range(5):
        say(f"第{days}天", created_at=now - dt.timedelta(days=days))
    narrowing = Narrowing(since=now - dt.timedelta(days=3), until=now - dt.timedelta(days=1))
    query = Search(parse("第2天"), Conversation.objects.all(), narrowing)
    assert len(query.page()[0]) == 1
    assert Search(parse("第4天"), Conversation.objects.all(), narrowing).page()[0] == []
    assert Search(parse("第1天"), Conversation.objects.all(), narrowing).page()[0] == []


def test_the_authority_decides_not_the_keys(say: Say) -> None:
    """Stale or colliding keys let through too much; nobody sees it."""
    message = say("内部的话")
    permitted = Conversation.objects.exclude(pk=message.conversation_id)
    assert Search(parse("内部"), permitted).page()[0] == []
    assert Search(parse("内部"), Conversation.objects.none()).page()[0] == []


def test_many_forbidden_ones_in_front_do_not_hide_the_permitted(say: Say) -> None:
    mine = say("一起不错", created_at=timezone.now() - dt.timedelta(days=9)).conversation
    other = factories.ConversationFactory()
    for _ in range(30):
        factories.MessageFactory(conversation=other, content={"type": "text", "text": "大家不错"})
    index_conversations([other.pk])
    query = Search(parse("不错"), Conversation.objects.filter(pk=mine.pk))
    hits, more = query.page(limit=2)
    assert [hit.conversation_id for hit in hits] == [mine.pk]
    assert more is None


WORDS = ["不错", "酒店", "没有", "13812345678", "abc", "一", "不错的酒店", "错的"]


@pytest.fixture
def crowd(db: None) -> dict[str, Any]:
    """Groups, agents and conversations in every state, some handed over, all talking."""
    chance = random.Random(7)
    groups = factories.SkillGroupFactory.create_batch(3)
    agents = [factories.AgentFactory(groups=[groups[n % 3]]) for n in range(6)]
    channels = [factories.ChannelFactory(group=group) for group in groups]
    for n in range(60):
        channel, state = chance.choice(channels), chance.choice(list(State))
        served = state in {State.SERVING, State.TRANSFERRING, State.CLOSED}
        conversation = factories.ConversationFactory(
            channel=channel, state=state, agent=chance.choice(agents) if served else None
        )
        if served and n % 3 == 0:
            factories.ParticipantFactory(conversation=conversation, agent=chance.choice(agents))
        for _ in range(3):
            text = "，".join(chance.choices(WORDS, k=3))
            factories.MessageFactory(
                conversation=conversation, content={"type": "text", "text": text}
            )
    index_conversations(Conversation.objects.values_list("pk", flat=True))
    supervisors = [
        factories.AgentFactory(
            groups=[groups[0], groups[1]],
            user=factories.UserFactory(role="supervisor", scope="group"),
        )
    ]
    people = [agent.user for agent in agents + supervisors]
    people += [
        factories.UserFactory(role=role, scope=scope)
        for role, scope in [
            ("supervisor", "all"),
            ("supervisor", "group"),
            ("auditor", "all"),
            ("inspector", "group"),
            ("partner", "all"),
            (None, None),
        ]
    ]
    return {"people": people}


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    person=st.integers(0, 12),
    words=st.lists(
        st.text("不错的酒店没有123ab一", min_size=2, max_size=4), min_size=1, max_size=2
    ),
)
def test_keys_and_index_find_what_plain_reading_finds(
    crowd: dict[str, Any], person: int, words: list[str]
) -> None:
    """For everybody and any words: the same as reading all that `visible_to` lets them see."""
    from lingxi.access.masking import mask_text

    user = crowd["people"][person]
    try:
        query = parse(" ".join(words))
    except BadQuery:
        return
    reach = reach_of(user)
    narrowing = Narrowing(keys=() if reach is None else (reach,))
    hits = page_through(Search(query, Conversation.objects.visible_to(user), narrowing), 7)
    read = [
        row.pk
        for row in Message.objects.visible_to(user).order_by("-created_at", "-pk")
        if all(term in normalise(mask_text(row.text)) for term in query.terms)
    ]
    assert [hit.message_id for hit in hits] == read


def test_both_ways_use_the_index_meant_for_them(say: Say) -> None:
    """With enough rows for the planner to care."""
    say("不错")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_indexedmessage SELECT gen_random_uuid(), gen_random_uuid(), 1,"
            " now() - n * interval '1 s', 'text ' || n, ARRAY[n, -n], ARRAY[n % 5]"
            " FROM generate_series(1, 20000) n"
        )
        cursor.execute("SELECT gin_clean_pending_list('archive_words')")
        cursor.execute("ANALYZE audit_indexedmessage")
        query = Search(parse("不错"), Conversation.objects.all(), Narrowing(keys=([1],)))
        parts = query._parts(None) | {
            "limit": search.sql.Literal(51),
            "steps": search.sql.Literal(999),
        }
        plans = []
        for way in (search._WALK, search._LOOK_UP):
            cursor.execute(search.sql.SQL("EXPLAIN ") + way.format(**parts))
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert "archive_newest" in plans[0]
    assert "archive_words" in plans[1]
