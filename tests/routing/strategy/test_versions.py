"""Drafts, publishing, gradual release, going back; and who did it."""

import uuid

import pytest
from auditlog.models import LogEntry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lingxi.errors import Conflict, Invalid
from routing.models import StrategyVersion, VersionState
from routing.strategy import decide, versions
from routing.strategy.deciding import in_share
from routing.strategy.problem import errors_of
from tests.factories import AgentFactory, SkillGroupFactory, UserFactory
from tests.routing.strategy.made import GONE, act, rule
from tests.routing.strategy.test_rules import LIKE_RULES, MUTATED

pytestmark = pytest.mark.django_db
TAGS = [{"id": "a", **rule(act("tag", tag="甲"))}]
OTHERS = [{"id": "a", **rule(act("tag", tag="乙"))}]


@pytest.fixture
def by():
    return UserFactory(role="supervisor", first_name="主管甲")


@pytest.fixture
def strategy():
    return versions.strategy_of("conversation")


def draft(strategy, by, rules=TAGS):
    found = versions.draft_of(strategy, by)
    return versions.save_draft(strategy, rules, by, found.revision)


def published(strategy, by, rules=TAGS, **more):
    return versions.publish(strategy, by, draft(strategy, by, rules).revision, **more)


def test_a_strategy_is_made_once():
    one, two = versions.strategy_of("conversation"), versions.strategy_of("conversation")
    assert one == two
    assert one.name == "会话路由策略"


class TestDraft:
    def test_each_save_is_a_new_revision(self, strategy, by):
        first = versions.draft_of(strategy, by)
        saved = versions.save_draft(strategy, TAGS, by, first.revision)
        assert (saved.pk, saved.revision) == (first.pk, first.revision + 1)
        assert (saved.edited_by, saved.state) == (by, VersionState.DRAFT)
        assert saved.rules[0]["when"] == {"match": "all", "items": []}  # in the one form

    def test_a_new_draft_begins_with_what_is_in_force(self, strategy, by):
        made = published(strategy, by)
        found = versions.draft_of(strategy, by)
        assert (found.rules, found.based_on) == (made.rules, made)

    def test_saving_over_another_revision_is_a_conflict(self, strategy, by):
        saved = draft(strategy, by)
        with pytest.raises(Conflict, match="他人修改"):
            versions.save_draft(strategy, OTHERS, by, saved.revision - 1)
        saved.refresh_from_db()
        assert saved.rules[0]["then"][0]["params"] == {"tag": "甲"}

    def test_a_page_opened_before_publishing_does_not_fit_the_next_draft(self, strategy, by):
        seen = versions.draft_of(strategy, by).revision
        published(strategy, by)
        versions.draft_of(strategy, by)
        with pytest.raises(Conflict):
            versions.save_draft(strategy, OTHERS, by, seen)

    def test_saving_what_was_published_meanwhile_is_a_conflict(self, strategy, by):
        seen = draft(strategy, by)
        versions.publish(strategy, by, seen.revision)
        with pytest.raises(Conflict, match="已被发布或放弃"):
            versions.save_draft(strategy, OTHERS, by, seen.revision)

    def test_revision_0_makes_the_draft_unless_there_is_one(self, strategy, by):
        assert versions.save_draft(strategy, TAGS, by, 0).rules[0]["id"] == "a"
        with pytest.raises(Conflict):
            versions.save_draft(strategy, OTHERS, by, 0)

    def test_errors_are_refused_with_the_rule_and_the_reason(self, strategy, by):
        found = versions.draft_of(strategy, by)
        bad = [{"id": "b", **rule(act("enqueue", group=GONE))}]
        with pytest.raises(Invalid, match="技能组已删除") as caught:
            versions.save_draft(strategy, TAGS + bad, by, found.revision)
        assert caught.value.fields == {"rules.1.then": ["第 2 条：“进入技能组”：技能组已删除"]}
        found.refresh_from_db()
        assert found.rules == []

    def test_it_can_be_discarded(self, strategy, by):
        draft(strategy, by)
        versions.discard_draft(strategy, by)
        assert not strategy.versions.exists()
        versions.discard_draft(strategy, by)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(LIKE_RULES, MUTATED))
def test_junk_is_saved_clean_or_refused_and_nothing_else(strategy, by, junk):
    found = versions.draft_of(strategy, by)
    if errors_of(versions.problems_of(junk)):
        with pytest.raises(Invalid) as caught:
            versions.save_draft(strategy, junk, by, found.revision)
        assert caught.value.fields
    else:
        saved = versions.save_draft(strategy, junk, by, found.revision)
        saved.refresh_from_db()
        assert versions.problems_of(saved.rules) == versions.problems_of(junk)


class TestPublish:
    def test_to_all(self, strategy, by):
        made = published(strategy, by, note="第一版")
        strategy.refresh_from_db()
        assert (strategy.current, strategy.candidate, strategy.percent) == (made, None, 0)
        assert (made.number, made.state, made.published_by, made.note) == (
            1, VersionState.PUBLISHED, by, "第一版"
        )  # fmt: skip
        assert published(strategy, by, OTHERS).number == 2

    def test_to_a_share(self, strategy, by):
        first, second = published(strategy, by), published(strategy, by, OTHERS, percent=10)
        strategy.refresh_from_db()
        assert (strategy.current, strategy.candidate, strategy.percent) == (first, second, 10)

    def test_only_the_revision_that_was_seen(self, strategy, by):
        seen = draft(strategy, by).revision
        draft(strategy, by, OTHERS)
        with pytest.raises(Conflict):
            versions.publish(strategy, by, seen)
        strategy.refresh_from_db()
        assert strategy.current is None

    def test_not_without_a_draft(self, strategy, by):
        with pytest.raises(Conflict):
            versions.publish(strategy, by, 1)

    def test_not_while_another_is_being_released(self, strategy, by):
        published(strategy, by, percent=10)
        seen = draft(strategy, by, OTHERS).revision
        with pytest.raises(Conflict, match="灰度"):
            versions.publish(strategy, by, seen)

    def test_errors_that_came_since_saving_are_refused(self, strategy, by):
        group = SkillGroupFactory(name="售前")
        AgentFactory(groups=[group])
        seen = draft(strategy, by, [rule(act("enqueue", group=str(group.id)))])
        group.delete()
        with pytest.raises(Invalid, match="技能组已删除"):
            versions.publish(strategy, by, seen.revision)
        assert not strategy.versions.filter(state=VersionState.PUBLISHED).exists()

    @pytest.mark.parametrize("percent", [0, 101, -1, True, "5", None, 1.5])
    def test_odd_percentages_are_refused(self, strategy, by, percent):
        with pytest.raises(Invalid):
            published(strategy, by, percent=percent)

    @pytest.mark.parametrize("note", ["长" * 201, None, "a\x00"])
    def test_odd_notes_are_refused(self, strategy, by, note):
        with pytest.raises(Invalid):
            published(strategy, by, note=note)


class TestRelease:
    def test_promote(self, strategy, by):
        published(strategy, by)
        second = published(strategy, by, OTHERS, percent=10)
        versions.promote(strategy, by, 50)
        strategy.refresh_from_db()
        assert (strategy.candidate, strategy.percent) == (second, 50)
        versions.promote(strategy, by)
        strategy.refresh_from_db()
        assert (strategy.current, strategy.candidate, strategy.percent) == (second, None, 0)

    def test_withdraw(self, strategy, by):
        first = published(strategy, by)
        published(strategy, by, OTHERS, percent=10)
        versions.withdraw(strategy, by)
        strategy.refresh_from_db()
        assert (strategy.current, strategy.candidate, strategy.percent) == (first, None, 0)

    def test_neither_without_a_release(self, strategy, by):
        published(strategy, by)
        for step in (versions.promote, versions.withdraw):
            with pytest.raises(Conflict, match="没有正在灰度"):
                step(strategy, by)

    def test_numbers_go_on_after_a_withdrawal(self, strategy, by):
        published(strategy, by, percent=10)
        versions.withdraw(strategy, by)
        assert published(strategy, by).number == 2


class TestRollBack:
    def test_the_rules_come_back_under_a_new_number(self, strategy, by):
        first = published(strategy, by)
        published(strategy, by, OTHERS)
        made = versions.roll_back(strategy, first, by)
        strategy.refresh_from_db()
        assert (made.number, made.rules, made.based_on) == (3, first.rules, first)
        assert strategy.current == made
        assert made.note == "回滚到 v1"

    def test_a_release_ends(self, strategy, by):
        first = published(strategy, by)
        published(strategy, by, OTHERS, percent=10)
        versions.roll_back(strategy, first, by)
        strategy.refresh_from_db()
        assert (strategy.candidate, strategy.percent) == (None, 0)

    def test_the_draft_stays(self, strategy, by):
        first = published(strategy, by)
        seen = draft(strategy, by, OTHERS)
        versions.roll_back(strategy, first, by)
        assert versions.draft_of(strategy, by) == seen

    def test_not_to_a_draft_nor_to_another_strategy(self, strategy, by):
        published(strategy, by)
        other = versions.strategy_of("ticket")
        with pytest.raises(Conflict):
            versions.roll_back(strategy, versions.draft_of(strategy, by), by)
        with pytest.raises(Conflict):
            versions.roll_back(strategy, published(other, by), by)

    def test_not_to_what_cannot_work_any_more(self, strategy, by):
        group = SkillGroupFactory()
        AgentFactory(groups=[group])
        first = published(strategy, by, [rule(act("enqueue", group=str(group.id)))])
        published(strategy, by)
        group.delete()
        with pytest.raises(Invalid, match="技能组已删除"):
            versions.roll_back(strategy, first, by)


def test_who_did_what_is_in_the_audit_log(strategy, by):
    first = published(strategy, by, note="第一版")
    published(strategy, by, OTHERS, percent=20)
    versions.promote(strategy, by, 40)
    versions.withdraw(strategy, by)
    versions.roll_back(strategy, first, by)
    entries = LogEntry.objects.get_for_object(strategy).filter(additional_data__has_key="strategy")
    told = [
        (entry.additional_data["strategy"], entry.changes, entry.actor)
        for entry in entries.order_by("id")
        if entry.additional_data["strategy"] != "save_draft"
    ]
    assert told == [
        ("publish", {"current": [None, 1]}, by),
        ("publish", {"candidate": [None, 2], "percent": [0, 20]}, by),
        ("promote", {"percent": [20, 40]}, by),
        ("withdraw", {"candidate": [2, None], "percent": [40, 0]}, by),
        ("roll_back", {"current": [1, 3]}, by),
    ]
    assert entries.order_by("id")[1].additional_data["note"] == "第一版"


VERSION, ANOTHER = uuid.UUID(int=5), uuid.UUID(int=6)
SAME = [False, True, True, False, False, False, False, False]
ITEMS = [uuid.UUID(int=n * 7919) for n in range(20_000)]


class TestShare:
    @pytest.mark.parametrize("percent", [1, 10, 50, 99])
    def test_it_is_near_what_was_asked(self, percent):
        share = sum(in_share(item, VERSION, percent) for item in ITEMS) / len(ITEMS)
        assert share == pytest.approx(percent / 100, abs=0.015)

    def test_nobody_and_everybody(self):
        assert not any(in_share(item, VERSION, 0) for item in ITEMS)
        assert all(in_share(item, VERSION, 100) for item in ITEMS)

    def test_a_larger_share_contains_a_smaller_one(self):
        assert all(in_share(item, VERSION, 60) for item in ITEMS if in_share(item, VERSION, 30))

    def test_another_version_gets_other_items(self):
        both = sum(in_share(i, VERSION, 50) and in_share(i, ANOTHER, 50) for i in ITEMS)
        assert both / len(ITEMS) == pytest.approx(0.25, abs=0.02)

    def test_it_is_the_same_in_every_process(self):
        assert [in_share(item, VERSION, 50) for item in ITEMS[:8]] == SAME


class TestInForce:
    def decide(self, item_id=None, **more):
        return decide("conversation", item_id or uuid.uuid4(), {}, self.group, **more)

    @pytest.fixture(autouse=True)
    def _group(self):
        self.group = SkillGroupFactory()

    def test_without_a_strategy(self):
        found = self.decide()
        assert (found.group_id, found.version_id) == (self.group.id, None)
        assert found.explanation["version"] is None

    def test_a_draft_decides_nothing(self, strategy, by):
        draft(strategy, by)
        assert self.decide().tags == ()

    def test_the_current_version(self, strategy, by):
        made = published(strategy, by)
        found = self.decide()
        assert (found.tags, found.version_id) == (("甲",), made.pk)
        assert found.explanation["version"] == {
            "id": str(made.pk), "number": 1, "strategy": "会话路由策略"
        }  # fmt: skip
        published(strategy, by, OTHERS)
        assert self.decide().tags == ("乙",)

    def test_another_kind_of_work_has_its_own(self, by):
        published(versions.strategy_of("ticket"), by)
        assert self.decide().tags == ()

    def test_what_runs_keeps_its_version(self, strategy, by):
        first = published(strategy, by)
        published(strategy, by, OTHERS)
        assert self.decide(version=first).tags == ("甲",)

    def test_a_release_decides_on_its_share_and_ends(self, strategy, by):
        published(strategy, by)
        second = published(strategy, by, OTHERS, percent=30)
        items = [uuid.UUID(int=n * 7919) for n in range(60)]
        chosen = [item for item in items if in_share(item, second.pk, 30)]
        assert 5 < len(chosen) < 35
        for _ in range(2):
            assert [item for item in items if self.decide(item).tags == ("乙",)] == chosen
        versions.promote(strategy, by, 60)
        more = [item for item in items if self.decide(item).tags == ("乙",)]
        assert set(chosen) < set(more)
        versions.withdraw(strategy, by)
        assert {self.decide(item).tags for item in items} == {("甲",)}

    def test_a_published_version_is_compiled_once(self, strategy, by, monkeypatch):
        from routing.strategy import deciding

        compiled = []
        real = deciding.compile_rules
        monkeypatch.setattr(
            deciding, "compile_rules", lambda *a, **k: compiled.append(1) or real(*a, **k)
        )
        made = published(strategy, by)
        for _ in range(3):
            self.decide()
        assert len(compiled) == 1
        self.decide(version=StrategyVersion.objects.get(pk=made.pk))
        assert len(compiled) == 1

    def test_a_draft_that_is_tried_is_always_compiled_anew(self, strategy, by):
        found = draft(strategy, by)
        assert self.decide(version=found).tags == ("甲",)
        found = draft(strategy, by, OTHERS)
        assert self.decide(version=found).tags == ("乙",)


class TestCompare:
    def rules(self, *tags):
        return [{"id": tag, "name": tag, **rule(act("tag", tag=tag))} for tag in tags]

    def test_the_same(self):
        assert versions.compare(self.rules("a", "b"), self.rules("a", "b")) == []

    def test_added_removed_and_changed(self):
        before, after = self.rules("a", "b"), self.rules("b", "c")
        after[0]["enabled"] = False
        found = versions.compare(before, after)
        assert [(one.rule_id, one.kind) for one in found] == [
            ("a", "removed"), ("b", "changed"), ("c", "added")
        ]  # fmt: skip
        assert found[0].before == "所有情况下，打上标签“a”"
        assert found[1].after == "（已停用）所有情况下，打上标签“b”"
        assert found[2].as_dict()["before"] == ""

    def test_what_moved_is_the_least_that_did(self):
        found = versions.compare(self.rules("a", "b", "c", "d"), self.rules("d", "a", "b", "c"))
        assert [(one.rule_id, one.kind) for one in found] == [("d", "moved")]

    def test_what_is_missing_in_one_form_only_is_no_change(self):
        assert versions.compare([{**one, "enabled": True} for one in TAGS], TAGS) == []

    def test_junk_compares_as_nothing(self):
        assert versions.compare(None, 5) == []
