"""Random rules and facts for property tests, and a naive evaluator to compare with.

The evaluator is written from the description in docs/routing.md, not from the product's code:
straightforward loops over plain data, nothing folded, nothing kept.
"""

from typing import Any

from hypothesis import strategies as st

from tests.routing.strategy.made import DEFAULT, SALES, SERVICE, act, cond, to

TEXTS = st.sampled_from(["", "a", "A", "ab", "aB", "b", "abc", "vip", "/VIP/1", "退款"])
WORDS = TEXTS.filter(bool)
NUMBERS = st.one_of(st.integers(-3, 6), st.sampled_from([0.5, 2.5]))
LEVELS = st.sampled_from(["gold", "silver", "1"])
MANY_WORDS = st.lists(WORDS, min_size=1, max_size=3)
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)


def conditions_on(fact: str, subject: str = "") -> Any:
    """Any condition on one of the tests' facts."""

    def of(operators: list[str], operand: Any) -> Any:
        return st.builds(cond, st.just(fact), st.sampled_from(operators), operand, st.just(subject))

    texts = [
        of(["contains", "not_contains", "prefix", "is", "is_not"], WORDS),
        of(["contains_any", "in", "not_in"], MANY_WORDS),
        of(["is_empty", "is_set"], st.none()),
    ]
    numbers = [of([">", ">=", "<", "<="], NUMBERS), of(["between"], PAIRS)]
    return {
        "t_page": st.one_of(texts),
        "t_pages": st.one_of(*numbers, of(["is", "is_not"], NUMBERS)),
        "t_level": st.one_of(
            of(["is", "is_not"], LEVELS),
            of(["in", "not_in"], st.lists(LEVELS, min_size=1, max_size=2)),
        ),
        "t_tags": st.one_of(
            of(["has_any", "has_all", "has_none"], MANY_WORDS),
            of(["is_empty", "is_set"], st.none()),
        ),
        "t_back": of(["is_true", "is_false"], st.none()),
        "t_field": st.one_of(*texts, *numbers, of(["is_true", "is_false"], st.none())),
    }[fact]


CONDITIONS = st.one_of(
    *(conditions_on(fact) for fact in ("t_page", "t_pages", "t_level", "t_tags", "t_back")),
    conditions_on("t_field", "f"),
    st.just(cond("gone", "is", "a")),
)
SAME = st.sampled_from(["t_page", "t_pages", "t_level", "t_tags", "t_back", "t_field"]).flatmap(
    lambda fact: st.tuples(*[conditions_on(fact, "f" if fact == "t_field" else "")] * 2)
)  # two conditions on one fact
MATCH = st.sampled_from(["all", "any"])
NESTED = st.fixed_dictionaries(
    {"match": MATCH, "items": st.lists(CONDITIONS, min_size=1, max_size=3)}
)
WHEN = st.fixed_dictionaries(
    {"match": MATCH, "items": st.lists(st.one_of(CONDITIONS, NESTED), max_size=3)}
)
PLACES = st.sampled_from([to(SALES), to(SERVICE, min_level=30), act("leave_to_bot")])
EXTRAS = st.one_of(
    st.integers(-10, 10).filter(bool).map(lambda by: act("priority", by=by)),
    WORDS.filter(lambda text: len(text) < 30).map(lambda text: act("tag", tag=text)),
    WORDS.map(lambda text: act("send_text", text=text)),
)


@st.composite
def then(draw: Any) -> list[Any]:
    """Actions: at most one place and one priority, at least one action."""
    extras = draw(st.lists(EXTRAS, max_size=2, unique_by=lambda one: one["action"]))
    places = draw(st.lists(PLACES, min_size=0 if extras else 1, max_size=1))
    return draw(st.permutations(extras + places))


RULES = st.lists(
    st.fixed_dictionaries({"enabled": st.booleans(), "when": WHEN, "then": then()}), max_size=6
).map(lambda rules: [{"id": f"r{n}", **one} for n, one in enumerate(rules)])
VALUES = {
    "t_page": st.one_of(TEXTS, st.none()),
    "t_pages": st.one_of(NUMBERS, st.none(), st.just("3")),
    "t_level": st.one_of(LEVELS, st.none(), st.just(1)),
    "t_tags": st.lists(TEXTS, max_size=3),
    "t_back": st.one_of(st.booleans(), st.sampled_from(["yes", "no", ""])),
    "t_fields": st.fixed_dictionaries(
        {}, optional={"f": st.one_of(TEXTS, NUMBERS, st.booleans(), st.just("2"))}
    ),
}
FIELDS = {"t_fields": VALUES.pop("t_fields")}
FACTS = st.fixed_dictionaries(FIELDS, optional=VALUES)
FULL_FACTS = st.fixed_dictionaries({**FIELDS, **VALUES})


def naive(rules: list[Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What the rules decide, in the plainest way."""
    found: dict[str, Any] = {
        "group": str(DEFAULT.id), "level": 0, "priority": 0, "outcome": "queue",
        "tags": [], "texts": [], "matched": [],
    }  # fmt: skip
    for rule in rules:
        if not rule["enabled"] or not holds(rule["when"], facts):
            continue
        found["matched"].append(rule["id"])
        for one in rule["then"]:
            _do(one["action"], one["params"], found)
        if {one["action"] for one in rule["then"]} & {"enqueue", "leave_to_bot"}:
            break
    return found


def _do(action: str, params: Any, found: dict[str, Any]) -> None:
    if action == "enqueue":
        found["group"], found["level"] = params["group"], params.get("min_level", 0)
    elif action == "leave_to_bot":
        found["outcome"] = "bot"
    elif action == "priority":
        found["priority"] += params["by"]
    else:
        kind, value = ("tags", params["tag"]) if action == "tag" else ("texts", params["text"])
        if value not in found[kind]:
            found[kind].append(value)


def holds(when: Any, facts: dict[str, Any]) -> bool:
    """Whether a condition, or a group of them, holds."""
    if "items" not in when:
        return _compares(when, facts)
    if not when["items"]:
        return True
    each = [holds(item, facts) for item in when["items"]]
    return all(each) if when["match"] == "all" else any(each)


def _compares(one: Any, facts: dict[str, Any]) -> bool:
    fact, operator, operand = one["fact"], one["operator"], one["value"]
    if fact == "t_field":
        value = facts["t_fields"].get(one["subject"])
    elif fact not in facts:
        return False
    else:
        value = facts[fact]
    if fact == "t_pages" or (fact == "t_field" and operator in (">", ">=", "<", "<=", "between")):
        return _number(value, operator, operand)
    if operator in ("is_true", "is_false"):
        yes = value not in (None, False, "", "no", 0, "0")
        return yes == (operator == "is_true")
    if fact == "t_tags":
        return _labels({tag.lower() for tag in value}, operator, operand)
    lower = fact != "t_level"
    return _text("" if value is None else str(value), operator, operand, lower=lower)


def _number(value: Any, operator: str, operand: Any) -> bool:
    if value is None or isinstance(value, bool):
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    if operator == "between":
        return operand[0] <= number <= operand[1]
    return {
        ">": number > operand, ">=": number >= operand, "<": number < operand,
        "<=": number <= operand, "is": number == operand, "is_not": number != operand,
    }[operator]  # fmt: skip


def _labels(tags: set[str], operator: str, operand: Any) -> bool:
    if operator in ("is_empty", "is_set"):
        return bool(tags) == (operator == "is_set")
    wanted = {tag.lower() for tag in operand}
    if operator == "has_all":
        return all(tag in tags for tag in wanted)
    return any(tag in tags for tag in wanted) == (operator == "has_any")


def _text(value: str, operator: str, operand: Any, *, lower: bool) -> bool:
    if operator in ("is_empty", "is_set"):
        return (value != "") == (operator == "is_set")
    many = operand if isinstance(operand, list) else [operand]
    if lower:
        value, many = value.lower(), [one.lower() for one in many]
    if operator in ("contains", "contains_any"):
        return any(one in value for one in many)
    if operator == "not_contains":
        return many[0] not in value
    if operator == "prefix":
        return value[: len(many[0])] == many[0]
    same = any(value == one for one in many)
    return same == (operator in ("is", "in"))
