"""Before and after through one simulator, and what the result says."""

from hypothesis import given

from routing.simulation.comparison import MOST_EXAMPLES, Comparison, shown
from routing.simulation.parts import AgentPlan, Arrival, Fate, GroupPlan, Placement, Seat
from routing.simulation.tally import quantile
from tests.routing.simulation.worlds import HORIZON, number, worlds

SALES, CARE = number(1), number(2)
GROUPS = [GroupPlan(SALES, "销售"), GroupPlan(CARE, "售后")]


def agents(*groups):
    return [
        AgentPlan(number(100 + index), 1, [Seat(group)], [(0, 1000)])
        for index, group in enumerate(groups)
    ]


def arrivals(count, group=SALES, **facts):
    return [Arrival(number(1000 + n), n, group, 10, facts=facts) for n in range(count)]


def compare(decide, items, people):
    comparison = Comparison(GROUPS, people, decide)
    for item in items:
        comparison.feed(item)
    return comparison.finish(1000)


def to_care(item, floor):
    return Placement(CARE, rule=("r1", "老客户"))


def figures(result, name):
    return next(one for one in result["groups"] if one["group"]["name"] == name)


def test_a_rule_that_moves_work_to_idle_people_shortens_the_queue():
    result = compare(
        lambda item, floor: to_care(item, floor) if item.item_id.int % 2 else Placement(SALES),
        arrivals(10),
        agents(SALES, CARE),
    )
    assert result["moved"] == 5
    assert result["moves"] == [
        {
            "from": {"id": str(SALES), "name": "销售"},
            "to": {"id": str(CARE), "name": "售后"},
            "rule": {"id": "r1", "name": "老客户"},
            "count": 5,
        }
    ]
    sales = figures(result, "销售")
    assert (sales["before"]["count"], sales["after"]["count"]) == (10, 5)
    assert sales["before"]["queue_p90"] == 72
    assert sales["after"]["queue_p90"] == 32
    assert figures(result, "售后")["after"]["served"] == 5
    assert result["total"]["after"]["count"] == 10


@given(worlds())
def test_rules_that_change_nothing_come_out_as_before(world):
    placed = {item.item_id: placement for item, placement in world.arrivals}
    for item, placement in world.arrivals:
        item.as_placed = placement
    comparison = Comparison(world.groups, world.agents, lambda item, _: placed[item.item_id])
    for item, _ in world.arrivals:
        comparison.feed(item)
    result = comparison.finish(HORIZON)
    assert result["total"]["before"] == result["total"]["after"]
    for group in result["groups"]:
        assert group["before"] == group["after"]


def test_what_goes_to_the_bot_or_offline_moves_and_does_not_queue():
    result = compare(lambda item, floor: Placement(SALES, outcome="bot"), arrivals(3), [])
    assert result["moves"][0]["to"] == {"id": "bot", "name": "交给机器人"}
    after = result["total"]["after"]
    assert (after["bot"], after["waiting"], after["unserved_share"]) == (3, 0, None)
    assert result["total"]["before"]["waiting"] == 3


def test_the_measured_figures_stand_beside():
    items = arrivals(4)
    for item, waited in zip(items, (1.0, 2.0, 3.0, 40.0), strict=True):
        item.fate, item.waited = Fate.SERVED, waited
    items[3].fate = Fate.ABANDONED
    actual = compare(lambda item, floor: Placement(SALES), items, [])["total"]["actual"]
    assert (actual["queue_p50"], actual["queue_p90"]) == (2, 3)
    assert actual["abandoned_share"] == 0.25


def test_a_decision_sees_the_simulated_queue():
    seen = []

    def decide(item, floor):
        seen.append((floor.lines[SALES].count, floor.lines[SALES].ready))
        return Placement(SALES)

    compare(decide, arrivals(3), agents(SALES))
    assert seen == [(0, 1), (0, 1), (1, 1)]


def test_examples_are_few_and_say_nothing_of_the_person():
    facts = {
        "channel": "demo-web",
        "entry_page": "https://a:b@shop.example.com/vip?phone=13812345678#x",
        "message_text": "我是张三 13812345678",
        "custom_fields": {"order": "77"},
        "customer_tags": ["张三"],
        "referrer": "https://mail.example.com/u/zhangsan",
        "returning": False,
        "customer_level": "",
    }
    result = compare(to_care, arrivals(MOST_EXAMPLES + 5, **facts), [])
    assert result["moved"] == MOST_EXAMPLES + 5
    assert len(result["examples"]) == MOST_EXAMPLES
    assert result["examples"][0] == {
        "item_id": str(number(1000)),
        "at": 0,
        "facts": {
            "channel": "demo-web",
            "entry_page": "shop.example.com/vip",
            "returning": False,
        },
        "rule": "老客户",
        "from": {"id": str(SALES), "name": "销售"},
        "to": {"id": str(CARE), "name": "售后"},
    }


def test_an_address_that_is_none_is_left_out():
    assert shown({"entry_page": "http://[oops/13812345678"}) == {"entry_page": ""}


def test_quantiles_are_values_that_occurred():
    assert quantile([], 0.5) is None
    assert quantile([5], 0.9) == 5
    assert quantile([1, 2, 3, 4], 0.5) == 2
    assert quantile(list(range(1, 11)), 0.9) == 9
