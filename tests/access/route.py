"""One line of the table of URLs, and what it means for each person. Part of the oracle."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.access.oracle import DESKS, KNOWN, LEADERS, VISITORS, may_find, owns, sees, sees_group

OK = "ok"
LOGIN = "login"  # sent to the page to log in
ELSEWHERE = "elsewhere"  # sent to the admin's front page: there is no such thing for you
TAKEN = 409  # entitled, but what is asked for does not fit the state any more
FILE = "file"  # the body is a file
Answers = set[Any]


@dataclass(frozen=True)
class Route:
    """One method of one URL.

    `who` may use it; `needs` is the conversation or customer in it, which they must see besides;
    `only` are those of them whom the action is left to. `shows` lists canaries (kind, name) that
    each who may find them must find in the answer.
    """

    path: str
    who: frozenset[str]
    method: str = "GET"
    kind: str = "page"  # page, api, visitor, visitor file, file, public or one of the admin's
    needs: str = ""
    only: frozenset[str] | None = None
    desk: bool = False  # it takes an agent's desk
    taken: bool = False  # refused to those who may, for the state it is in
    reveals: str = ""  # the customer whose phone number it is there to show
    shows: tuple[tuple[str, str], ...] = ()
    things: tuple[tuple[str, str], ...] = ()  # parameters of the path and what they name
    url: str = ""  # what is asked for, when that is more than the path
    body: Any = field(default=None, compare=False)

    def answers(self, who: str, *, by_token: bool = False) -> Answers:
        """What they may be answered: `OK`, `LOGIN`, `ELSEWHERE` or a status."""
        if by_token and self.kind not in {"api", "file", "public", "visitor", "visitor file"}:
            who = "anonymous"  # pages know cookies only
        return _ANSWERS[self.kind](self, who)

    def may_change(self, who: str) -> bool:
        """Whether the database may be another one after they asked."""
        entitled = {"admin list post": "admin", "excused": "page"}.get(self.kind, self.kind)
        return OK in _ANSWERS[entitled](self, who)

    def must_show(self, who: str) -> list[tuple[str, str]]:
        """The canaries they must find."""
        if self.needs and not sees(who, self.needs) and self.kind == "excusing":
            return []
        return [(kind, name) for kind, name in self.shows if may_find(who, kind, name)]

    def __str__(self) -> str:
        return f"{self.method} /{self.url or self.path} {self.needs}".strip()


def _page(route: Route, who: str) -> Answers:
    return _known(route, who) if who in KNOWN else {LOGIN}


def _home(route: Route, who: str) -> Answers:
    if who not in KNOWN:
        return {LOGIN}
    return {OK} if who in route.who else {403}


def _excusing(route: Route, who: str) -> Answers:
    """What is hidden is left out, and a word of excuse put in its place."""
    return {OK if answer == 404 else answer for answer in _page(route, who)}


def _excused(route: Route, who: str) -> Answers:
    """The form is shown again with what is wrong; nothing is changed."""
    answers = _page(route, who)
    return answers | {OK, 404} if who in route.who and sees(who, route.needs) else answers


def _left(route: Route, who: str) -> Answers:
    """A message left belongs to group a: its people, and those who see everything."""
    if who in KNOWN and who in route.who and not sees_group(who, "a"):
        return {403, 404} if route.desk and who not in DESKS else {404}
    return _page(route, who)


def _of(owner: str) -> Callable[[Route, str], Answers]:
    """Their own; for others it does not exist."""
    return lambda route, who: {404} if who in route.who - {owner} else _page(route, who)


def _api(route: Route, who: str) -> Answers:
    return _known(route, who) if who in KNOWN else {401}


def _known(route: Route, who: str) -> Answers:
    if who not in route.who:
        return {403}
    no_desk = route.desk and who not in DESKS
    if route.needs and not sees(who, route.needs):
        return {403, 404} if no_desk else {404}
    if no_desk:
        return {403}
    if route.taken:
        return {403, TAKEN}
    return {OK} if route.only is None or who in route.only else {403}


def _visitor(route: Route, who: str) -> Answers:
    if who not in VISITORS:
        return {401}
    if route.needs and not sees(who, route.needs):
        return {404}
    return {TAKEN} if route.taken else {OK}


def _visitor_file(route: Route, who: str) -> Answers:
    if who not in VISITORS:
        return {401}
    return {OK} if owns(who, route.needs) else {404}


def _file(route: Route, who: str) -> Answers:
    """Files belong to their customer; for others who may not see them there are none."""
    return {OK} if who in route.who and may_find(who, "bytes", route.needs) else {404}


def _admin(route: Route, who: str) -> Answers:
    if who not in LEADERS:
        return {LOGIN}
    if who not in route.who:
        return {403, 404, ELSEWHERE}
    if route.needs and not sees(who, route.needs):
        return {404, ELSEWHERE}
    return {OK}


def _taken(route: Route, who: str) -> bool:
    return route.taken and who in route.who


def _admin_list_post(route: Route, who: str) -> Answers:
    """An action that is not offered is passed over with the list shown again."""
    return _admin(route, who) | ({OK} if who in LEADERS else set())


def _admin_login(route: Route, who: str) -> Answers:
    if who not in KNOWN:
        return {LOGIN}
    return {ELSEWHERE} if who in LEADERS else {403}


_ANSWERS: dict[str, Callable[[Route, str], Answers]] = {
    "public": lambda route, who: {OK},
    "logout": lambda route, who: {LOGIN},
    "home": _home,
    "page": _page,
    "excusing": _excusing,
    "left": _left,
    "of agent": _of("agent"),
    "of supervisor": _of("supervisor"),
    "excused": _excused,
    "api": _api,
    "visitor": _visitor,
    "visitor file": _visitor_file,
    "file": _file,
    "admin": _admin,
    "admin json": lambda route, who: {TAKEN} if _taken(route, who) else _admin(route, who),
    "admin list post": _admin_list_post,
    "admin login": _admin_login,
    "admin logout": lambda route, who: {LOGIN} if who in LEADERS else {ELSEWHERE},
    "admin missing": lambda route, who: {404} if who in LEADERS else {LOGIN},
}
