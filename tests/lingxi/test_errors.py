"""The family of errors is a contract: each has a code and a number of its own."""

from collections import Counter

from lingxi import errors
from lingxi.http import guard


def test_no_code_and_no_number_is_given_twice():
    family = list(errors.all_errors())
    assert guard.AddressNotAllowed in family
    for name in ("code", "number"):
        times = Counter(getattr(one, name) for one in family)
        assert {value for value, count in times.items() if count > 1} == set()


def test_numbers_say_whose_fault_it_is():
    for one in errors.all_errors():
        assert (one.number < 5000) == (one.status < 500)
        assert 4000 <= one.number < 6000
