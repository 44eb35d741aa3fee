"""Who sees which ticket, against a table written by hand."""

import pytest
from guardian.shortcuts import assign_perm

from lingxi.access.models import Role, Scope
from tests import factories as base
from tests.tickets import factories
from tickets.models import Approval, ApprovalAnswer, ApprovalStep, Comment, Ticket, Watcher
from tickets.service import SYSTEM, By, assign, comment, merge

pytestmark = pytest.mark.django_db

# Tickets of group 甲, unless said otherwise.
TICKETS = (
    "waiting",  # with nobody
    "held",  # by a colleague
    "mine",  # by the person
    "made",  # in group 乙, made by the person
    "watched",  # in group 乙, by the person
    "asked",  # in group 乙, put before the person for approval
    "far",  # in group 乙, with nobody
    "secret",  # of a restricted type, with nobody
    "own secret",  # of a restricted type, with the person
)
CONCERNED = {"mine", "made", "watched", "asked", "own secret"}
NEAR = {"waiting", "held"}
ALL = set(TICKETS)
SEES = {
    ("agent", "own"): CONCERNED | {"waiting"},
    ("agent", "group"): CONCERNED | NEAR,
    ("agent", "all"): ALL - {"secret"},
    ("supervisor", "own"): CONCERNED | {"waiting"},
    ("supervisor", "group"): CONCERNED | NEAR,
    ("supervisor", "all"): ALL - {"secret"},
    ("admin", "group"): CONCERNED | NEAR | {"secret"},
    ("admin", "all"): ALL,
    ("inspector", "all"): ALL - {"secret"},
    ("auditor", "all"): ALL - {"secret"},
    ("partner", "all"): set(),
}


class Desk:
    """A person in a group (甲), another group (乙), and a ticket of each kind."""

    def __init__(self, role: str, scope: str) -> None:
        self.user = base.UserFactory(role=role, scope=scope)
        near, far = base.SkillGroupFactory(), base.SkillGroupFactory()
        self.agent = base.AgentFactory(user=self.user, groups=[near])
        colleague = base.AgentFactory(groups=[near])
        self.secret = factories.TicketTypeFactory(group=near, is_restricted=True)
        here, there = (factories.TicketTypeFactory(group=one) for one in (near, far))
        types = {"secret": self.secret, "own secret": self.secret}
        types |= dict.fromkeys(("made", "watched", "asked", "far"), there)
        self.tickets = {name: factories.ticket(types.get(name, here)) for name in TICKETS}
        assign(self.tickets["held"].pk, SYSTEM, agent=colleague)
        for name in ("mine", "own secret"):
            assign(self.tickets[name].pk, SYSTEM, agent=self.agent, group=near)
        Ticket.objects.filter(pk=self.tickets["made"].pk).update(created_by=self.user)
        Watcher.objects.create(ticket=self.tickets["watched"], user=self.user)
        self._ask(self.tickets["asked"])

    def _ask(self, ticket: Ticket) -> None:
        approval = Approval.objects.create(ticket=ticket, transition="close")
        step = ApprovalStep.objects.create(approval=approval, order=0, name="主管")
        ApprovalAnswer.objects.create(step=step, user=self.user)

    def seen(self) -> set[str]:
        user = self.user.__class__.objects.get(pk=self.user.pk)
        found = set(Ticket.objects.visible_to(user).values_list("pk", flat=True))
        return {name for name, one in self.tickets.items() if one.pk in found}


@pytest.mark.parametrize(("role", "scope"), SEES)
def test_everybody_sees_what_the_table_says(role, scope):
    assert Desk(role, scope).seen() == SEES[role, scope]


def test_a_restricted_type_is_seen_by_whom_it_is_entrusted_to_within_their_scope():
    for role, scope in (("agent", "all"), ("auditor", "all"), ("supervisor", "group")):
        desk = Desk(role, scope)
        assign_perm("tickets.view_tickets", desk.user, desk.secret)
        assert desk.seen() == SEES[role, scope] | {"secret"}


def test_somebody_without_a_role_sees_nothing():
    user = base.UserFactory(role=None)
    factories.ticket()
    assert not Ticket.objects.visible_to(user).exists()


def test_what_belongs_to_a_ticket_is_seen_with_it():
    desk = Desk(Role.AGENT, Scope.OWN)
    for one in desk.tickets.values():
        comment(one.pk, By.rule("规则"), "好")
    user = desk.user.__class__.objects.get(pk=desk.user.pk)
    seen = Comment.objects.visible_to(user).values_list("ticket_id", flat=True)
    names = {name for name, one in desk.tickets.items() if one.pk in set(seen)}
    assert names == SEES["agent", "own"]


def test_it_takes_a_fixed_number_of_queries(django_assert_max_num_queries):
    desk = Desk(Role.AGENT, Scope.GROUP)
    user = desk.user.__class__.objects.get(pk=desk.user.pk)
    with django_assert_max_num_queries(6):
        list(Ticket.objects.visible_to(user))
    with django_assert_max_num_queries(2):
        list(Ticket.objects.visible_to(user))


def test_a_customer_sees_their_own_without_those_merged(customer, type):
    one, two = (factories.ticket(type, requester=customer) for _ in range(2))
    factories.ticket(type, requester=base.CustomerFactory())
    merge(one.pk, two.pk, SYSTEM)
    assert list(Ticket.objects.for_customer(customer.pk)) == [two]
