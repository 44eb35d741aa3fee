"""Asking the bot for a human: the words, and what they set in motion."""

import pytest

from conversations.handoff import asks_for_human


@pytest.mark.parametrize(
    "text",
    [
        "人工",
        "转人工！",
        "人工客服",
        "我要人工",
        "客服",
        "客服在吗",
        "在线客服",
        "请帮我转人工客服，谢谢",
        "机器人没用，转人工",
        "能不能给我转个人工",
        "你好，我要转人工",
        "怎么转人工",
        "叫人工客服来",
        "我想找人工客服处理退款",
        "找真人",
        "human",
        "Human!",
        "agent",
        "human agent",
        "a real person please",
        "I want to talk to a human",
        "speak to an agent please",
        "can I talk to someone",
        "transfer me to customer service representative",
    ],
)
def test_asks_for_a_human(text):
    assert asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "我的订单还没有到",
        "人工智能怎么用",
        "人工费怎么算",
        "不要转人工",
        "不用人工了",
        "我不想找人工",
        "没必要找人工",
        "你们的客服电话是多少",
        "客服态度太差",
        "你们客服昨天说给我退款",
        "user agent",
        "human resources",
        "is this agent software free",
        "don't transfer me to an agent",
        "转人工" + "很长的故事" * 50,
    ],
)
def test_does_not_ask_for_a_human(text):
    assert not asks_for_human(text)
