"""The fewest that work, found in few attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allocator.program.search import fewest


@given(least=st.integers(0, 300), most=st.integers(0, 300))
def test_the_least_that_works_is_found_with_what_it_gave(least: int, most: int) -> None:
    found = fewest(lambda n: f"{n} works" if n >= least else None, most)
    assert found == ((least, f"{least} works") if least <= most else None)


def test_it_doubles_then_halves() -> None:
    tried: list[int] = []

    def attempt(n: int) -> bool | None:
        tried.append(n)
        return True if n >= 11 else None

    assert fewest(attempt, 100) == (11, True)
    assert tried == [0, 1, 2, 4, 8, 16, 12, 10, 11]
