"""Parents, children, merged tickets and conversations."""

import itertools

import pytest

from lingxi.errors import Conflict, Forbidden, Invalid, NotFound
from lingxi.events.models import Event
from tests import factories as base
from tests.routing.at_once import at_once
from tests.tickets import factories
from tickets.models import Approval, Comment, Entry, Link, Ticket
from tickets.service import SYSTEM, By, comment, link, merge, set_parent, unlink, watch
from tickets.service.relating import MAX_DEPTH

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(supervisor):
    return By.staff(supervisor)


@pytest.fixture
def family(type):
    """Four tickets, each under the one before."""
    made = [factories.ticket(type, title=f"第{number}代") for number in range(4)]
    for parent, child in itertools.pairwise(made):
        set_parent(child.pk, parent.pk, SYSTEM)
    return made


def circles():
    """Tickets that are above themselves."""
    found = []
    for one in Ticket.objects.all():
        above, seen = one.parent_id, set()
        while above is not None and above not in seen:
            seen.add(above)
            above = Ticket.objects.get(pk=above).parent_id
        if one.pk in seen:
            found.append(one)
    return found


class TestParents:
    """A tree, and nothing but a tree."""

    def test_both_can_be_told_and_taken_back(self, type, by):
        parent, child = factories.ticket(type), factories.ticket(type)
        set_parent(child.pk, parent.pk, by)
        assert list(parent.children.all()) == [child]
        entry = Entry.objects.get(ticket=child, kind="parent")
        assert entry.data["changes"]["parent"]["to"] == parent.reference
        assert set_parent(child.pk, None, by).parent is None

    @pytest.mark.parametrize("below", [0, 1, 2, 3])
    def test_no_ticket_comes_under_itself_or_one_below_it(self, family, below):
        with pytest.raises(Invalid):
            set_parent(family[0].pk, family[below].pk, SYSTEM)
        assert circles() == []

    def test_a_tree_is_so_deep_and_no_deeper(self, type):
        parent = factories.ticket(type)
        for _ in range(MAX_DEPTH - 1):
            child = factories.ticket(type)
            set_parent(child.pk, parent.pk, SYSTEM)
            parent = child
        with pytest.raises(Invalid):
            set_parent(factories.ticket(type).pk, parent.pk, SYSTEM)

    def test_one_that_was_merged_is_no_parent(self, type):
        gone, kept, child = (factories.ticket(type) for _ in range(3))
        merge(gone.pk, kept.pk, SYSTEM)
        with pytest.raises(Forbidden):
            set_parent(child.pk, gone.pk, SYSTEM)

    def test_what_one_may_not_see_is_no_parent(self, type, agent):
        other = factories.ticket(factories.TicketTypeFactory())
        with pytest.raises(NotFound):
            set_parent(factories.ticket(type).pk, other.pk, By.staff(agent.user))


@pytest.mark.django_db(transaction=True)
def test_two_who_would_close_a_circle_together_do_not(type):
    a, b, c, d = (factories.ticket(type) for _ in range(4))
    set_parent(b.pk, a.pk, SYSTEM)
    set_parent(d.pk, c.pk, SYSTEM)
    answers = at_once(lambda pair: set_parent(*pair, SYSTEM), [(a.pk, d.pk), (c.pk, b.pk)])
    assert [one for one in answers if isinstance(one, Invalid)]
    assert circles() == []


class TestMerging:
    """One goes on, the other points to it."""

    def test_everything_goes_over_and_the_other_is_closed(self, type, customer, by, agent):
        source = factories.ticket(type, requester=customer)
        target = factories.ticket(type)
        child = factories.ticket(type)
        set_parent(child.pk, source.pk, SYSTEM)
        said = comment(source.pk, by, "快一点", is_public=True)
        watch(source.pk, by, agent.user)
        watch(target.pk, by, agent.user)
        watch(source.pk, by)
        chat = base.ConversationFactory(customer=customer)
        link(source.pk, chat, SYSTEM)
        merge(source.pk, target.pk, by)
        for one in (source, target, child, said):
            one.refresh_from_db()
        assert (source.merged_into, source.category) == (target, "closed")
        assert (said.ticket, child.parent, target.requester) == (target, target, customer)
        assert set(target.watchers.values_list("user_id", flat=True)) == {
            agent.user_id,
            by.user.pk,
        }
        assert Link.objects.get().ticket == target
        assert Entry.objects.filter(kind="merged").count() == 2
        assert Event.objects.filter(type="ticket.closed").count() == 1

    def test_not_with_itself(self, type, by):
        one = factories.ticket(type)
        with pytest.raises(Invalid):
            merge(one.pk, one.pk, by)

    @pytest.mark.parametrize(("source", "target"), [(0, 1), (1, 0), (0, 2), (0, 3), (2, 0)])
    def test_not_with_its_own_parent_or_child_however_far(self, family, by, source, target):
        with pytest.raises(Invalid):
            merge(family[source].pk, family[target].pk, by)
        assert circles() == []
        assert not Ticket.objects.exclude(merged_into=None).exists()

    def test_not_of_two_customers(self, type, by, customer):
        mine = factories.ticket(type, requester=customer)
        other = factories.ticket(type, requester=base.CustomerFactory())
        with pytest.raises(Invalid):
            merge(mine.pk, other.pk, by)

    def test_not_twice_and_not_into_one_that_is_gone(self, type, by):
        one, two, three = (factories.ticket(type) for _ in range(3))
        merge(one.pk, two.pk, by)
        for pair in ((one, three), (three, one)):
            with pytest.raises(Conflict):
                merge(pair[0].pk, pair[1].pk, by)

    def test_not_under_approval(self, type, by):
        one, two = factories.ticket(type), factories.ticket(type)
        Approval.objects.create(ticket=one, transition="close")
        with pytest.raises(Conflict):
            merge(one.pk, two.pk, by)

    def test_not_by_who_sees_only_one_of_them(self, type, agent):
        other = factories.ticket(factories.TicketTypeFactory())
        for pair in ((factories.ticket(type), other), (other, factories.ticket(type))):
            with pytest.raises(NotFound):
                merge(pair[0].pk, pair[1].pk, By.staff(agent.user))

    def test_a_ticket_that_goes_on_elsewhere_is_read_only(self, type, by):
        one, two = factories.ticket(type), factories.ticket(type)
        merge(one.pk, two.pk, by)
        with pytest.raises(Forbidden):
            comment(one.pk, by, "还在吗")
        assert not Comment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_merged_into_each_other_at_once_leave_one(type):
    one, two = factories.ticket(type), factories.ticket(type)
    pairs = [(one.pk, two.pk), (two.pk, one.pk)]
    answers = at_once(lambda pair: merge(*pair, SYSTEM), pairs)
    assert [one.__class__ for one in answers if not isinstance(one, Ticket)] == [Conflict]
    assert Ticket.objects.filter(merged_into=None).count() == 1


class TestConversations:
    """Links both ways."""

    @pytest.fixture
    def chat(self, customer, agent, group):
        return base.ConversationFactory(customer=customer, agent=agent, group=group)

    def test_a_link_is_told_once_and_can_be_taken_away(self, type, chat, by):
        ticket = factories.ticket(type)
        first, again = link(ticket.pk, chat, by), link(ticket.pk, chat, by)
        assert first == again
        assert Entry.objects.filter(kind="linked").count() == 1
        unlink(ticket.pk, chat.pk, by)
        assert not Link.objects.exists()
        with pytest.raises(NotFound):
            unlink(ticket.pk, chat.pk, by)

    def test_the_conversation_it_was_made_from_stays(self, type, chat, by):
        ticket = factories.ticket(type, conversation=chat)
        with pytest.raises(Conflict):
            unlink(ticket.pk, chat.pk, by)

    def test_a_conversation_out_of_sight_cannot_be_linked(self, type, agent):
        elsewhere = base.ConversationFactory(group=base.SkillGroupFactory())
        with pytest.raises(NotFound):
            link(factories.ticket(type).pk, elsewhere, By.staff(agent.user))
