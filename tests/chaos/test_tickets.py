"""The checker of tickets: it says nothing of what is right, and names what is wrong."""

from tests.chaos.tickets import Book, Stored, check


def book() -> Book:
    return Book(asked={"a", "b"}, given={"a": "T1", "b": "T2"}, begun={"a"})


RIGHT = [Stored("a", "T1", "open", 1), Stored("b", "T2", "new", 1)]


def broken(stored, told=()):
    return {name: cases for name, cases in check(book(), stored, list(told))[0].items() if cases}


def test_what_is_right_is_passed_over():
    told = [("T1", "ticket.created", 1), ("T1", "ticket.updated", 1), ("T2", "ticket.created", 1)]
    assert broken(RIGHT, told) == {}


def test_every_wrong_is_named():
    assert broken(RIGHT[:1]) == {"tickets_wrong": ["b was answered with T2, and there is none"]}
    twice = [*RIGHT, Stored("b", "T3", "new", 1)]
    assert "b made 2 tickets" in broken(twice)["tickets_wrong"]
    unmoved = [Stored("a", "T1", "new", 1), RIGHT[1]]
    assert broken(unmoved) == {"tickets_wrong": ["a was begun, and is new"]}
    silent = [Stored("a", "T1", "open", 0), RIGHT[1]]
    assert broken(silent) == {"tickets_wrong": ["a has 0 events of its making"]}
    assert broken(RIGHT, [("T1", "ticket.created", 2)]) == {
        "tickets_untold": ["T1: ticket.created was told 2 times"]
    }
