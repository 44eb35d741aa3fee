"""Several processes at once, some killed with -9: nobody twice, nobody too many, nobody forgotten.

Trigger functions in the database watch every single write, so a violation shows even when the
next write would hide it.
"""

import random
import subprocess
import sys
import time

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.models import Conversation, State
from conversations.tasks import sweep
from lingxi.events.models import Event
from routing.members import Verdict, members_of
from routing.models import Agent, SkillGroup, WorkItem, WorkState
from routing.picking import Wanted
from tests import factories
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, STEPS, KILLED = 4, 30, 2

_WATCH = """
CREATE TABLE above_capacity (agent_id uuid, held int, capacity int);
CREATE FUNCTION watch_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held int; most int;
BEGIN
    IF NEW.agent_id IS NOT NULL AND NEW.state IN ('offered', 'assigned')
       AND (TG_OP = 'INSERT' OR OLD.state = 'waiting') THEN
        SELECT count(*) INTO held FROM routing_workitem
         WHERE agent_id = NEW.agent_id AND state IN ('offered', 'assigned');
        SELECT capacity INTO most FROM routing_agent WHERE id = NEW.agent_id;
        IF held > most THEN INSERT INTO above_capacity VALUES (NEW.agent_id, held, most); END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watch_capacity AFTER INSERT OR UPDATE ON routing_workitem
    FOR EACH ROW EXECUTE FUNCTION watch_capacity();
"""
_UNWATCH = """
DROP TRIGGER watch_capacity ON routing_workitem;
DROP FUNCTION watch_capacity();
DROP TABLE above_capacity;
"""


@pytest.fixture
def watched():
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
        yield cursor
        cursor.execute(_UNWATCH)


def people_and_channels():
    """Two groups with all that makes assignment hard: offers, limits, bursts, shared agents."""
    first = factories.SkillGroupFactory(offer_seconds=1, picking="round_robin")
    second = factories.SkillGroupFactory(picking="saturation", burst_limit=2, burst_seconds=1)
    for group in (first, second):
        factories.ChannelFactory(group=group)
    for number in range(6):
        groups = [first] if number < 2 else [second] if number < 4 else [first, second]
        factories.AgentFactory(groups=groups, ready=True, capacity=2)
    factories.CustomerFactory.create_batch(30)


def run_and_kill(seed):
    """Start the processes, kill some on their way, wait for the rest; what the rest said."""
    dice = random.Random(seed)
    command = [sys.executable, "-m", "tests.routing.restless"]
    running = [
        subprocess.Popen(
            [*command, str(seed + number), str(STEPS)],
            env=environment(LINGXI_LOG_LEVEL="ERROR"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for one in running[:KILLED]:
        one.stdout.read(dice.randint(3, STEPS // 2))  # so many steps, then the end
        one.kill()
    for one in running[KILLED:]:
        said, errors = one.communicate(timeout=120)
        assert one.returncode == 0, errors[-3000:]
        assert len(said) == STEPS
        assert said.count(".") > STEPS / 3, said  # not all of it was refused
    for one in running[:KILLED]:
        one.communicate()


def check_rows(cursor):
    """What must hold after any kill, before anything was repaired."""
    cursor.execute("SELECT * FROM above_capacity")
    assert cursor.fetchall() == []
    for conversation in Conversation.objects.all():
        items = WorkItem.objects.filter(item_id=conversation.id)
        held = [item for item in items if item.state == WorkState.ASSIGNED]
        pending = [item for item in items if item.is_pending]
        served = conversation.state in {State.SERVING, State.TRANSFERRING}
        assert [item.agent_id for item in held] == ([conversation.agent_id] if served else [])
        waits = conversation.state in {State.QUEUED, State.OFFLINE, State.TRANSFERRING}
        assert len(pending) == int(waits), (conversation, list(items))
        if conversation.state == State.CLOSED:
            assert not held
    handed = Event.objects.filter(type="handoff.to_agent").count()
    assert handed == WorkItem.objects.exclude(assigned_at=None).count()


def check_nobody_forgotten():
    """After the sweeps, whoever waits has nobody who could take them now."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (left := forgotten()):
        sweep()
        time.sleep(0.2)  # bursts and offers of this test last a second
    assert not left, left


def forgotten():
    """Waiting items that some member could be given now."""
    now = timezone.now()
    found = []
    for group in SkillGroup.objects.all():
        free = [one for one in members_of(group, now) if one.verdict(group) is Verdict.READY]
        candidates = [one.candidate(group) for one in free]
        for item in WorkItem.objects.waiting().filter(group=group):
            wanted = Wanted(item.channel_kind, declined=frozenset(item.declined_by))
            found += [(item, one.name) for one in candidates if wanted.suits(one)]
    return found


@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6))
def test_random_arrivals_readiness_capacity_and_kills(watched, seed):
    people_and_channels()
    run_and_kill(seed)
    check_rows(watched)
    check_nobody_forgotten()
    check_rows(watched)
    forget_all()


def forget_all():
    """The next example starts from nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE routing_workitem, conversations_conversation, conversations_channel,"
            " conversations_customer, routing_agent, routing_skillgroup, events_event CASCADE"
        )


def test_the_watch_notices_one_too_many(watched):
    """The control: without respect for capacity the trigger must speak."""
    one = factories.AgentFactory(ready=True, capacity=1)
    factories.WorkItemFactory(agent=one, state="assigned")
    factories.WorkItemFactory(agent=one, state="assigned")
    watched.execute("SELECT held, capacity FROM above_capacity")
    assert watched.fetchall() == [(2, 1)]


@pytest.mark.parametrize("step", range(12))
def test_a_queue_does_not_stay_stuck_wherever_its_assigner_dies(step):
    """The stuck queue: an assigner killed at any statement leaves what the next can take.

    The locks are the transaction's, so they go with it; there is no flag to be left behind.
    """
    group = factories.SkillGroupFactory()
    channel = factories.ChannelFactory(group=group)
    factories.AgentFactory(groups=[group], ready=True)
    waiting = factories.ConversationFactory(channel=channel)
    assert Agent.objects.count() == 1
    die_after(step)
    sweep()
    waiting.refresh_from_db()
    assert waiting.state == State.SERVING


def die_after(step):
    """Assign, but be gone after so many statements, as a killed process is: nothing committed."""
    from routing.assignment import assign_everywhere

    left = step

    def count(execute, sql, params, many, context):
        nonlocal left
        if left == 0:
            raise ConnectionAbortedError
        left -= 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        try:
            assign_everywhere()
        except (ConnectionAbortedError, transaction.TransactionManagementError):
            connection.close()
