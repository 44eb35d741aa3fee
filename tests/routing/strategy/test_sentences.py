"""Rules read like sentences."""

import pytest

from routing.strategy import sentence
from tests.routing.strategy.made import GONE, NAMES, SALES, SERVICE, WANG, act, cond, rule, to

VIP = cond("t_page", "contains", "/vip")
SAID = {
    "the example of the brief": (
        rule(
            act("priority", by=3),
            to(SALES),
            when=[
                VIP,
                {
                    "match": "any",
                    "items": [cond("t_level", "is", "gold"), cond("t_tags", "has_any", ["大客户"])],
                },
            ],
        ),
        "当 页面 包含 “/vip” 且 （等级 是 金卡 或 标签 含 大客户） 时，"
        "提高优先级 3 级，进入 售前 组",
    ),
    "always": (rule(to(SERVICE, min_level=60)), "所有情况下，进入 售后 组（技能值不低于 60）"),
    "any": (
        rule(act("leave_to_bot", text="稍等"), when=[VIP, cond("t_back", "is_true")], match="any"),
        "当 页面 包含 “/vip” 或 老客 为是 时，交给机器人，并发送“稍等”",
    ),
    "a nest of one needs no brackets": (
        rule(
            act("tag", tag="甲"), when=[VIP, {"match": "any", "items": [cond("t_pages", ">", 2)]}]
        ),
        "当 页面 包含 “/vip” 且 页数 > 2 页 时，打上标签“甲”",
    ),
    "times": (
        rule(act("offline_message"), when=cond("time", "between", ["22:00", "06:00"])),
        "当 时刻 介于 22:00 到 06:00 时，转为留言",
    ),
    "days": (
        rule(to(SALES), when=cond("weekday", "in", [5, 6])),
        "当 星期 是其中之一 星期六、星期日 时，进入 售前 组",
    ),
    "live numbers of a group": (
        rule(to(SALES), when=cond("group_waiting", ">", 5, str(SERVICE.id))),
        "当 售后的排队人数 > 5 人 时，进入 售前 组",
    ),
    "live numbers of the channel's group": (
        rule(to(SALES), when=cond("group_longest_wait", ">=", 60)),
        "当 本组的最长等待 ≥ 60 秒 时，进入 售前 组",
    ),
    "a custom field": (
        rule(to(SALES), when=cond("t_field", "is", "华东", "area")),
        "当 字段「area」 是 “华东” 时，进入 售前 组",
    ),
    "persons": (
        rule(act("designated_agent", agent=str(WANG), seconds=20)),
        "所有情况下，优先分给 王丽（保留 20 秒）",
    ),
    "the last agent": (
        rule(act("last_agent", days=7)),
        "所有情况下，优先分给 7 天内接待过的坐席（保留 60 秒）",
    ),
    "a supervisor": (
        rule(act("supervisor", group=str(SALES.id))),
        "所有情况下，优先分给 售前 的主管（保留 60 秒）",
    ),
    "words": (
        rule(
            act("priority", by=-2),
            act("send_text", text="您好"),
            act("notify", to="supervisors", text="看"),
        ),
        "所有情况下，降低优先级 2 级，向访客发送“您好”，通知主管“看”",
    ),
    "switched off": (rule(to(SALES), enabled=False), "（已停用）所有情况下，进入 售前 组"),
    "gone": (rule(act("enqueue", group=GONE)), "所有情况下，进入 已删除的技能组"),
    "unknown": (
        rule(act("fly"), when=cond("moon", "is", "a")),
        "当 【失效：条件项“moon”已不存在】 时，【失效：动作“fly”已不存在】",
    ),
    "no rule": (5, "（无法识别的规则）"),
}


@pytest.mark.parametrize("case", SAID)
def test_said(case):
    one, words = SAID[case]
    assert sentence(one, NAMES) == words
