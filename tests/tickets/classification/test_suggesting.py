"""What is suggested, and why; and when it is better to say nothing."""

import pytest

from tests import factories
from tests.tickets.classification.corpus import learned, resolved
from tests.tickets.factories import IssueTypeFactory
from tickets.classification import learning, suggest

pytestmark = pytest.mark.django_db


def test_learned_with_the_words_that_decided():
    invoice, delivery, defect = learned()
    (best, *_) = suggest("麻烦开一下发票", "抬头和税号我发给你，公司报销用")
    assert (best.issue_type, best.by) == (invoice, "learned")
    assert best.probability > 0.8
    assert best.is_sure
    shown = [word for word, _ in best.words]
    assert any("发票" in word for word in shown)
    assert all(weight > 0 for _, weight in best.words)
    assert suggest("包裹一直没到，物流没动静")[0].issue_type == delivery
    assert suggest("手机黑屏无法开机")[0].issue_type == defect


def test_a_keyword_goes_before_what_was_learned():
    invoice, delivery, _ = learned()
    delivery.keywords = ["催单"]
    delivery.save()
    found = suggest("催单：发票抬头写错了，请重新开具发票")
    assert [(one.issue_type, one.by) for one in found] == [
        (delivery, "keyword"),
        (invoice, "learned"),
    ]
    assert found[0].words == (("催单", 1.0),)


def test_more_and_longer_keywords_win_and_the_deeper_type_on_a_tie():
    money = IssueTypeFactory(name="钱", keywords=["退款", "发票"])
    below = IssueTypeFactory(name="发票", parent=money, keywords=["发票"])
    assert [one.issue_type for one in suggest("要发票")] == [below, money]
    both = suggest("退款和发票")
    assert [(one.issue_type, round(one.probability, 2)) for one in both] == [
        (money, 0.67),
        (below, 0.33),
    ]


def test_keywords_match_whatever_case_and_width():
    one = IssueTypeFactory(keywords=["VIP 卡"])
    assert suggest("请问ｖｉｐ　卡怎么办")[0].issue_type == one


def test_nothing_without_evidence():
    assert suggest("发票抬头写错了") == []
    assert suggest("") == []
    invoice = IssueTypeFactory(name="发票")
    for _ in range(25):
        resolved("发票抬头写错了", invoice)
    learning.learn()
    assert suggest("发票抬头写错了") == []  # nothing to tell it from


def test_nothing_for_words_that_were_never_learned():
    learned()
    assert suggest("天气不错，出去走走") == []


def test_an_issue_type_out_of_use_is_not_suggested():
    invoice, *_ = learned()
    text = "发票抬头写错了，请重新开具发票"
    assert suggest(text)[0].issue_type == invoice
    invoice.is_active = False
    invoice.keywords = ["发票"]
    invoice.save()
    assert invoice not in [one.issue_type for one in suggest(text)]


def test_few_queries_however_long_the_text(django_assert_max_num_queries):
    learned()
    with django_assert_max_num_queries(4):
        suggest("发票抬头写错了", "请重新开具发票，公司报销用。" * 200)


def test_a_visitors_ticket_goes_where_it_belongs_by_its_words():
    finance = factories.SkillGroupFactory(name="财务")
    IssueTypeFactory(name="发票/报销", keywords=["发票", "报销"], group=finance)
    from tests.tickets.factories import ticket

    one = ticket(title="报销要用的发票", description="请开专票")
    assert one.group == finance
