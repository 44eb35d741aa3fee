"""Learning everything anew, as a job: after the way of counting was changed, or to be sure."""

from typing import Any

from lingxi.jobs import Work, register
from tickets.classification import learning
from tickets.models import Lesson, LessonState

NAME = "tickets.classification.rebuild"


@register(NAME, title="重新学习问题分类", permission="tickets.manage")
def rebuild(work: Work) -> dict[str, Any]:
    """Empty the counts and learn all tickets that are done; goes on where it was killed.

    Until it is done, what is suggested comes from keywords and from what was learned so far.
    """
    if not work.checkpoint.get("emptied"):
        with work.step():
            learning.forget_all()
            work.checkpoint["emptied"] = True
            work.total = Lesson.objects.filter(state=LessonState.PENDING).count()
    while True:
        with work.step():
            learned = learning.learn_batch()
            work.done = min(work.total, work.done + learned)
        if not learned:
            break
    return {"学习的工单": work.done}
