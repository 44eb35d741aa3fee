"""Order, places, persons, and what is no longer there."""

import datetime as dt

import pytest

from routing.strategy import Notify, Preferred, facts
from tests.routing.strategy.made import (
    DEFAULT,
    GONE,
    LI,
    NOON,
    SALES,
    SERVICE,
    WANG,
    Floor,
    act,
    cond,
    decided,
    ready,
    rule,
    to,
)

VIP = cond("t_page", "contains", "/vip")
YES, NO = {"t_page": "/vip"}, {"t_page": "/"}
LAST = {"last_agent": str(WANG), "last_agent_at": (NOON - dt.timedelta(days=3)).isoformat()}


def test_without_rules_the_channels_group():
    found = decided()
    assert (found.group_id, found.outcome, found.priority) == (DEFAULT.id, "queue", 0)
    assert found.explanation["default"] is True
    assert found.explanation["group"] == {"id": str(DEFAULT.id), "name": "默认"}


def test_the_first_rule_that_places_ends_the_search():
    rules = [rule(to(SALES), when=VIP), rule(to(SERVICE), act("tag", tag="后"))]
    first, second = decided(*rules, facts=YES), decided(*rules, facts=NO)
    assert (first.group_id, first.tags) == (SALES.id, ())
    assert (second.group_id, second.tags) == (SERVICE.id, ("后",))


def test_rules_that_only_add_let_it_go_on():
    found = decided(
        rule(act("priority", by=3), act("tag", tag="大客户")),
        rule(act("priority", by=-1), act("send_text", text="您好"), act("tag", tag="大客户")),
        rule(act("notify", to="agent", agent=str(LI), text="快看")),
        rule(to(SALES, min_level=60), act("notify", to="supervisors", text="来了")),
    )
    assert (found.group_id, found.priority, found.min_level) == (SALES.id, 2, 60)
    assert (found.tags, found.texts) == (("大客户",), ("您好",))
    assert found.notices == (Notify("agent", LI, "快看"), Notify("supervisors", None, "来了"))
    assert [one["id"] for one in found.explanation["matched"]] == ["r1", "r2", "r3", "r4"]


def test_priority_stays_within_what_a_queue_takes():
    rules = [rule(act("priority", by=10)) for _ in range(12)]
    assert decided(*rules).priority == 100


def test_a_rule_that_is_switched_off_is_not_looked_at():
    found = decided(rule(to(SALES), enabled=False))
    assert found.group_id == DEFAULT.id
    assert found.explanation["missed"] == []


@pytest.mark.parametrize(
    ("action", "outcome"), [("leave_to_bot", "bot"), ("offline_message", "offline")]
)
def test_nobody_yet(action, outcome):
    found = decided(rule(act(action, text="请稍候")), rule(to(SALES)))
    assert (found.outcome, found.text, found.group_id) == (outcome, "请稍候", DEFAULT.id)


class TestPersons:
    def designated(self, *agents, then=(), **more):
        wish = rule(act("designated_agent", agent=str(WANG), seconds=20), *then)
        return decided(wish, rule(to(SERVICE)), live=Floor(*agents), **more)

    def test_a_ready_agent_is_preferred_in_the_channels_group(self):
        found = self.designated(ready(WANG, SALES, DEFAULT))
        assert found.preferred == Preferred(WANG, 20, "designated_agent")
        assert found.group_id == DEFAULT.id
        assert found.explanation["preferred"] == {
            "agent": str(WANG), "name": "王丽", "seconds": 20, "reason": "designated_agent"
        }  # fmt: skip

    def test_else_in_the_first_group_of_theirs(self):
        assert self.designated(ready(WANG, SALES)).group_id == SALES.id

    def test_who_is_not_ready_leaves_it_to_the_next_rule_and_nothing_of_the_rule_is_done(self):
        found = self.designated(then=[act("send_text", text="王丽马上到"), act("priority", by=2)])
        assert (found.group_id, found.preferred) == (SERVICE.id, None)
        assert (found.texts, found.priority) == ((), 0)
        assert "指定坐席 王丽 不在线或不空闲" in found.explanation["notes"]
        assert "王丽 不在线" in found.explanation["missed"][0]["why"]

    def test_with_a_group_beside_it_the_item_goes_there_all_the_same(self):
        found = self.designated(then=[to(SALES), act("priority", by=2)])
        assert (found.group_id, found.preferred, found.priority) == (SALES.id, None, 2)

    def test_who_is_not_of_that_group_is_not_preferred_there(self):
        found = self.designated(ready(WANG, DEFAULT), then=[to(SALES)])
        assert (found.group_id, found.preferred) == (SALES.id, None)
        assert "王丽 不是目标技能组的成员，不作优先" in found.explanation["notes"]

    def last(self, given, *agents, **params):
        rules = [rule(act("last_agent", **params)), rule(to(SERVICE))]
        return decided(*rules, facts=given, live=Floor(*agents))

    def test_the_last_agent(self):
        found = self.last(LAST, ready(WANG, DEFAULT), seconds=45)
        assert found.preferred == Preferred(WANG, 45, "last_agent")
        assert found.group_id == DEFAULT.id

    def test_the_last_agent_is_gone_home(self):
        found = self.last(LAST)
        assert (found.preferred, found.group_id) == (None, SERVICE.id)
        assert "上次接待的坐席 王丽 不在线或不空闲" in found.explanation["notes"]

    def test_it_was_too_long_ago(self):
        assert self.last(LAST, ready(WANG, DEFAULT), days=2).preferred is None
        assert self.last(LAST, ready(WANG, DEFAULT), days=3).preferred is not None

    @pytest.mark.parametrize(
        "given",
        [
            {},
            {"last_agent": None, "last_agent_at": None},
            {"last_agent": str(WANG)},
            {"last_agent": "x", "last_agent_at": NOON.isoformat()},
            {"last_agent": str(WANG), "last_agent_at": "2026-13-45T99:00:00"},
            {"last_agent": str(WANG), "last_agent_at": 5},
        ],
    )
    def test_nobody_served_them(self, given):
        found = self.last(given, ready(WANG, DEFAULT))
        assert (found.preferred, found.group_id) == (None, SERVICE.id)

    def supervisor(self, *agents, **params):
        return decided(rule(act("supervisor", **params)), rule(to(SERVICE)), live=Floor(*agents))

    def test_the_supervisor_with_the_least_to_do_of_the_group_first(self):
        busy = ready(WANG, DEFAULT, is_supervisor=True, load=3, capacity=5)
        other = ready(LI, SALES, is_supervisor=True, load=0, capacity=5)
        assert self.supervisor(busy, other).preferred == Preferred(WANG, 60, "supervisor")
        assert self.supervisor(other).group_id == SALES.id

    def test_of_one_group_only(self):
        of_sales = ready(LI, SALES, is_supervisor=True)
        assert self.supervisor(of_sales, group=str(SALES.id)).group_id == SALES.id
        found = self.supervisor(of_sales, group=str(SERVICE.id))
        assert (found.preferred, found.group_id) == (None, SERVICE.id)

    def test_no_supervisor_is_there(self):
        found = self.supervisor(ready(WANG, DEFAULT))
        assert (found.preferred, found.group_id) == (None, SERVICE.id)
        assert found.explanation["notes"] == ["没有在线且空闲的主管"]


class TestWhatIsGone:
    def test_a_deleted_group_is_replaced_by_the_channels(self):
        found = decided(rule(act("enqueue", group=GONE), act("priority", by=1)), rule(to(SALES)))
        assert (found.group_id, found.priority) == (DEFAULT.id, 1)
        assert found.explanation["notes"] == ["规则指定的技能组已不存在，改为渠道的技能组"]
        assert "已删除的技能组" in found.explanation["matched"][0]["sentence"]

    def test_a_deleted_agent(self):
        found = decided(
            rule(act("designated_agent", agent=GONE)),
            rule(act("notify", to="agent", agent=GONE, text="a"), to(SALES)),
        )
        assert (found.group_id, found.notices) == (SALES.id, ())

    @pytest.mark.parametrize("operator", ["is", "is_not", "not_contains", "is_empty"])
    def test_a_fact_that_no_longer_exists_never_holds_and_is_named(self, operator):
        value = None if operator == "is_empty" else "x"
        rules = [rule(to(SALES), when=cond("moon_phase", operator, value))]
        found = decided(*rules, facts={"moon_phase": "x"})
        assert found.group_id == DEFAULT.id
        assert "moon_phase" in found.explanation["missed"][0]["why"]

    def test_within_any_the_others_still_count(self):
        gone = cond("moon_phase", "is", "x")
        assert (
            decided(rule(to(SALES), when=[gone, VIP], match="any"), facts=YES).group_id == SALES.id
        )
        assert decided(rule(to(SALES), when=[gone, VIP]), facts=YES).group_id == DEFAULT.id

    def test_a_fact_that_goes_away_while_the_version_is_in_use(self):
        from routing.strategy import Live, decide_with
        from tests.routing.strategy.made import NAMES, compiled

        ready_made = compiled(rule(to(SALES), when=VIP))

        def group():
            found = decide_with(ready_made, YES, DEFAULT, live=Live(), at=NOON, names=NAMES)
            return found.group_id

        assert group() == SALES.id
        facts.unregister("t_page")
        assert group() == DEFAULT.id

    def test_an_action_that_no_longer_exists_is_left_out(self):
        found = decided(rule(act("fly"), to(SALES)))
        assert found.group_id == SALES.id
        assert "失效" in found.explanation["matched"][0]["sentence"]

    def test_junk_between_good_rules_is_left_out(self):
        from routing.strategy import Live, compile_rules, decide_with
        from tests.routing.strategy.made import NAMES

        good = {**rule(to(SALES)), "id": "a"}
        junk = compile_rules([3, None, {"id": "b", "then": "x"}, [], good])
        found = decide_with(junk, {}, DEFAULT, live=Live(), at=NOON, names=NAMES)
        assert found.group_id == SALES.id


class TestLiveNumbers:
    BUSY = rule(to(SALES), when=cond("group_waiting", ">=", 5, str(SERVICE.id)))

    def test_of_the_group_named(self):
        floor = Floor(queues={str(SERVICE.id): (5, 60)})
        assert decided(self.BUSY, live=floor).group_id == SALES.id
        assert decided(self.BUSY, live=Floor()).group_id == DEFAULT.id

    def test_of_the_channels_group(self):
        long_wait = rule(to(SALES), when=cond("group_longest_wait", ">", 30))
        floor = Floor(queues={str(DEFAULT.id): (1, 31)})
        assert decided(long_wait, live=floor).group_id == SALES.id

    def test_ready_agents(self):
        nobody = rule(to(SALES), when=cond("agents_ready", "<", 1))
        assert decided(nobody, live=Floor()).group_id == SALES.id
        assert decided(nobody, live=Floor(ready(WANG, DEFAULT))).group_id == DEFAULT.id

    def test_they_are_asked_for_once_and_only_when_it_comes_to_them(self):
        both = [cond("t_page", "is", "a"), cond("group_waiting", ">", 5)]
        floor = Floor()
        decided(rule(to(SALES), when=both), facts=NO, live=floor)
        assert floor.asked == 0
        twice = rule(act("tag", tag="a"), when=cond("group_waiting", "<", 5))
        found = decided(twice, rule(to(SALES), when=cond("group_waiting", "<", 9)), live=floor)
        assert found.group_id == SALES.id
        assert floor.asked <= 3  # once to decide, and once for each of the two that are shown

    def test_a_number_nobody_knows_never_holds(self):
        load = cond("group_load", "is_not", 5)
        assert decided(rule(to(SALES), when=load)).group_id == DEFAULT.id


class TestExplanation:
    def test_it_names_the_facts_it_matched_on_and_what_was_in_the_way(self):
        gold = [VIP, cond("t_pages", ">=", 5)]
        found = decided(
            rule(to(SERVICE), when=gold, name="贵宾"),
            rule(to(SALES), when=[VIP, cond("t_level", "is", "gold")], match="any", name="入口"),
            facts={**YES, "t_pages": 4, "t_level": "silver"},
        )
        told = found.explanation
        assert told["missed"] == [
            {"id": "r1", "name": "贵宾", "why": "需要 页数 ≥ 5 页，实际为 4 页"}
        ]
        assert told["matched"] == [
            {
                "id": "r2",
                "name": "入口",
                "sentence": "当 页面 包含 “/vip” 或 等级 是 金卡 时，进入 售前 组",
                "facts": [{"label": "页面", "value": "/vip"}],
            }
        ]
        assert (told["default"], told["group"]["name"], told["fallback"]["name"]) == (
            False, "售前", "默认"
        )  # fmt: skip

    def test_at_most_twenty_that_missed(self):
        rules = [rule(to(SALES), when=VIP) for _ in range(30)]
        assert len(decided(*rules, facts=NO).explanation["missed"]) == 20

    def test_an_unknown_value_is_called_so(self):
        why = decided(rule(to(SALES), when=VIP)).explanation["missed"][0]["why"]
        assert why.endswith("实际为 （未知）")

    def test_it_can_be_stored(self):
        import orjson

        found = decided(rule(to(SALES), when=VIP), facts={"t_page": "/vip" + "长" * 5000})
        told = found.explanation
        assert orjson.loads(orjson.dumps(told)) == told
        assert len(told["matched"][0]["facts"][0]["value"]) < 100
