"""Everything comes from the declarations: the catalogue, the documentation, and a new fact."""

import pytest

from routing.management.commands.document_routing import document, filled
from routing.strategy import actions, facts, operators, parse, sentence
from routing.strategy.catalogue import describe, markdown
from routing.strategy.values import TYPES
from tests.factories import AgentFactory, SkillGroupFactory
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
