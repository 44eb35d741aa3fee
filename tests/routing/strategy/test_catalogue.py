"""Everything comes from the declarations: the catalogue, the documentation, and a new fact."""

import pytest

from lingxi.errors import Invalid
from routing import kinds
from routing.management.commands.document_routing import document, filled
from routing.strategy import actions, facts, operators, parse, sentence, versions
from routing.strategy.catalogue import describe, markdown
from routing.strategy.checks import problems_of
from routing.strategy.values import TYPES
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.strategy.made import ALL, NAMES, SALES, cond, decided, rule, to


@pytest.fixture
def _only_the_products():
    for fact in ALL:
        facts.unregister(fact.name)
    yield
    for fact in ALL:
        facts.register(fact)


@pytest.mark.usefixtures("_only_the_products")
def test_the_page_says_what_is_declared():
    page = document().read_text()
    assert page == filled(page), "run: python manage.py document_routing --write"


@pytest.mark.usefixtures("_only_the_products")
def test_every_fact_of_the_brief_is_there():
    wanted = """channel channel_kind entry_page referrer utm_source utm_medium utm_campaign utm_term
    utm_content pages_seen seconds_on_site intent message_text language customer_tags customer_level
    custom_field returning time weekday holiday make_up_day business_hours group_waiting
    group_longest_wait agents_ready group_load""".split()
    assert set(wanted) <= {fact.name for fact in facts.all_facts()}
    done = """enqueue priority designated_agent last_agent supervisor leave_to_bot tag
    offline_message send_text notify""".split()
    assert set(done) == {action.name for action in actions.all_actions()}


def test_every_operator_is_of_some_type_and_the_other_way_round():
    used = {name for kind in TYPES.values() for name in kind.operators}
    assert used == {one.name for one in operators.all_operators()}


@pytest.mark.django_db
def test_the_catalogue():
    group = SkillGroupFactory(name="售前")
    agent = AgentFactory(name="王丽")
    AgentFactory(name="已离职", user__is_active=False)
    found = describe()
    by_name = {fact["name"]: fact for fact in found["facts"]}
    assert by_name["t_level"]["choices"][0] == {"value": "gold", "label": "金卡"}
    assert by_name["t_pages"]["operators"] == [">=", ">", "<=", "<", "between", "is", "is_not"]
    assert by_name["group_waiting"]["subject"] == "group"
    by_name = {action["name"]: action for action in found["actions"]}
    enqueue = by_name["enqueue"]["params"][0]
    assert enqueue["choices"] == [{"value": str(group.id), "label": "售前"}]
    assert (enqueue["type"], enqueue["required"]) == ("group", True)
    wish = by_name["designated_agent"]["params"]
    assert wish[0]["choices"] == [{"value": str(agent.id), "label": "王丽"}]
    assert (wish[1]["required"], wish[1]["default"], wish[1]["limits"]) == (
        False, 60, {"minimum": 5, "maximum": 3600, "unit": "秒"}
    )  # fmt: skip


def test_a_fact_is_one_class():
    class Phase(facts.Fact):
        name, label, label_en = "t_moon", "月相", "Phase of the moon"
        help = "新月、满月。"
        type = facts.CHOICE
        choices = (("new", "新月"), ("full", "满月"))

    facts.register(Phase)
    try:
        full = rule(to(SALES), when=cond("t_moon", "is", "full"))
        assert parse([full]).problems == []
        assert sentence(full, NAMES) == "当 月相 是 满月 时，进入 售前 组"
        assert decided(full, facts={"t_moon": "full"}).group_id == SALES.id
        assert (
            "| `t_moon` | 月相 | choice | 新月、满月。（`new` 新月 / `full` 满月） |" in markdown()
        )
    finally:
        facts.unregister("t_moon")


def test_an_action_is_one_class():
    from routing.strategy.actions.params import TextParam

    class Sing(actions.Action):
        name, label, label_en, help = "t_sing", "唱歌", "Sing", "唱一首歌。"
        params = (TextParam("song", "歌名"),)

        def apply(self, effects, params, moment):
            effects.texts.append(f"♪ {params['song']}")

        def phrase(self, params, names):
            return f"唱“{params['song']}”"

    actions.register(Sing)
    try:
        one = rule({"action": "t_sing", "params": {"song": "茉莉花"}})
        assert sentence(one, NAMES) == "所有情况下，唱“茉莉花”"
        assert decided(one).texts == ("♪ 茉莉花",)
        assert "| `t_sing` | 唱歌 | `song` | 唱一首歌。 |" in markdown()
    finally:
        actions.unregister("t_sing")


def test_incomplete_declarations_are_refused():
    class Nameless(facts.Fact):
        label = "x"

    class Twice(facts.Fact):
        name, label, label_en, help, type = "t_page", "x", "x", "x", facts.TEXT

    class Helpless(actions.Action):
        name, label, label_en = "x", "x", "x"

    class Again(actions.Action):
        name, label, label_en, help = "enqueue", "x", "x", "x"

    for register, bad in (
        (facts.register, Nameless),
        (facts.register, Twice),
        (actions.register, Helpless),
        (actions.register, Again),
    ):
        with pytest.raises(ValueError, match=r"needs|declared already"):
            register(bad)


@pytest.fixture
def errand():
    kinds.declare(kinds.Kind("errand", "跑腿", capacity=5))

    class Distance(facts.Fact):
        name, label, label_en = "t_distance", "距离", "Distance"
        help, type, kinds = "要跑多远。", facts.NUMBER, frozenset({"errand"})

    facts.register(Distance)
    yield
    facts.unregister("t_distance")
    kinds.forget("errand")


@pytest.mark.django_db
@pytest.mark.usefixtures("errand")
def test_rules_for_a_kind_of_work_name_what_that_kind_knows():
    group = SkillGroupFactory()
    AgentFactory(groups=[group])
    ours = [rule(to(group), when=cond("t_distance", ">", 3))]
    assert problems_of(ours, "errand") == []
    theirs = [rule(to(group), when=cond("entry_page", "contains", "/vip"))]
    assert problems_of(theirs, "conversation") == []
    (refused,) = problems_of(theirs, "errand")
    assert (refused.level, refused.message) == (
        "error", "第 1 条：条件项“入口页面”不适用于跑腿"
    )  # fmt: skip
    (refused,) = problems_of(ours, "conversation")
    assert refused.message == "第 1 条：条件项“距离”不适用于会话"
    assert problems_of([rule(to(group), when=cond("workday", "is_true"))], "errand") == []


@pytest.mark.usefixtures("errand")
@pytest.mark.parametrize("name", ["leave_to_bot", "offline_message", "send_text"])
def test_nobody_reads_along_at_the_other_end_of_an_errand(name):
    params = {"text": "你好"}
    one = rule({"action": name, "params": params})
    assert [problem.message for problem in parse([one], "conversation").problems] == []
    (refused,) = parse([one], "errand").problems
    assert "不适用于跑腿" in refused.message
    assert name not in {action.name for action in actions.all_actions("errand")}


@pytest.mark.django_db
@pytest.mark.usefixtures("errand")
def test_the_catalogue_of_a_kind_of_work():
    both = ("errand", "conversation")
    names = {kind: {one["name"] for one in describe(kind)["facts"]} for kind in both}
    assert "t_distance" in names["errand"] - names["conversation"]
    assert "entry_page" in names["conversation"] - names["errand"]
    assert {"time", "group_waiting"} <= names["errand"] & names["conversation"]
    assert "### Facts (条件项), only for 跑腿" in markdown()


@pytest.mark.usefixtures("errand")
def test_a_fact_can_be_shared_by_kinds():
    before = facts.get("customer_tags").kinds
    facts.share("errand", "customer_tags", "time")
    try:
        shared = {fact.name for fact in facts.all_facts("errand")}
        assert "customer_tags" in shared
        assert facts.get("time").kinds == frozenset()  # known to all is known to all
    finally:
        facts.get("customer_tags").kinds = before


@pytest.mark.django_db
@pytest.mark.usefixtures("errand")
def test_a_strategy_refuses_what_its_kind_does_not_know():
    group = SkillGroupFactory()
    AgentFactory(groups=[group])
    theirs = [rule(to(group), when=cond("entry_page", "contains", "/vip"))]
    leader = UserFactory(role="supervisor")
    with pytest.raises(Invalid, match="不适用于跑腿"):
        versions.save_draft(versions.strategy_of("errand"), theirs, leader, 0)
    versions.save_draft(versions.strategy_of("conversation"), theirs, leader, 0)
