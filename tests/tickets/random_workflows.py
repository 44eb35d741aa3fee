"""Random workflows: some that work, some that do not, and what is no workflow at all."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

CATEGORIES = ("new", "open", "pending", "on_hold", "resolved", "closed")
ROLES = ("agent", "supervisor", "admin")
RELATIONS = ("assignee", "creator", "watcher", "group", "customer", "rule")
KEYS = ("a", "b", "c", "d", "e", "f")

garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(
        ["statuses", "transitions", "a", "new", "open", "resolved", "\x00", "\ud800"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "statuses initial transitions approvals key name category to from roles relations "
                "required comment approval steps mode approvers kind value when field fact "
                "operator hours x".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


def _some(of: tuple[str, ...], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), unique=True, max_size=most)


@st.composite
def contents(draw: Any) -> dict[str, Any]:
    """Of the right shape: it may work or not."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=2, max_size=6, unique=True))
    statuses = [
        {"key": key, "name": f"状态{key}", "category": draw(st.sampled_from(CATEGORIES))}
        for key in keys
    ]
    ends = (*keys, "gone") if draw(st.integers(0, 9)) == 0 else tuple(keys)
    transitions = [
        {
            "key": f"t{number}",
            "name": f"流转{number}",
            "from": draw(_some(ends)),
            "to": draw(st.sampled_from(ends)),
            "roles": draw(_some(ROLES, 2)),
            "relations": draw(_some(RELATIONS, 2)),
            "comment": False,
        }
        for number in range(draw(st.integers(0, 8)))
    ]
    return {
        "statuses": statuses,
        "initial": draw(st.sampled_from(ends)),
        "transitions": transitions,
    }


@st.composite
def working(draw: Any) -> dict[str, Any]:
    """What passes: the first status is new, the last closed, and there is a way through all."""
    content = draw(contents())
    statuses = content["statuses"]
    statuses[0]["category"], statuses[-1]["category"] = "new", "closed"
    keys = [one["key"] for one in statuses]
    content["initial"] = keys[0]
    kept = [
        one
        for one in content["transitions"]
        if {*one["from"], one["to"]} <= set(keys) and set(one["from"]) != {one["to"]}
    ]
    steps = [
        {"key": f"way{at}", "name": f"前进{at}", "from": [a], "to": b}
        for at, (a, b) in enumerate(pairwise(keys))
    ]
    return {**content, "transitions": [*kept, *steps]}
