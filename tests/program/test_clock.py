"""One limit of time around a whole solve, kept by all within it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from allocator.errors import StoppedError
from allocator.program import clock


@dataclass
class Watch:
    """A clock that a test turns."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "time", watch)
    return watch


def test_what_is_left_runs_down_and_never_below_0(watch: Watch) -> None:
    with clock.within(60.0):
        assert clock.left() == 60.0
        clock.keep_to()
        watch.now += 59.5
        assert clock.left() == 0.5
        clock.keep_to()
        watch.now += 0.5
        assert clock.left() == 0.0
        watch.now += 10.0
        assert clock.left() == 0.0


def test_a_limit_inside_another_can_only_be_tighter(watch: Watch) -> None:
    with clock.within(60.0):
        with clock.within(90.0):
            assert clock.left() == 60.0
        with clock.within(10.0):
            assert clock.left() == 10.0
        with clock.within(None):
            assert clock.left() == 60.0
        assert clock.left() == 60.0


def test_a_limit_ends_with_its_block_also_where_the_block_fails(watch: Watch) -> None:
    with pytest.raises(KeyError), clock.within(5.0):
        raise KeyError
    assert clock.left() == math.inf
    clock.keep_to()


def test_when_no_time_is_left_a_loop_stops_and_says_what_to_do(watch: Watch) -> None:
    with clock.within(0.0), pytest.raises(StoppedError) as caught:
        clock.keep_to()
    (fault,) = caught.value.faults
    assert (fault.code, fault.remedy) == ("stopped", "allow more time")
    assert fault.found == "stopped before any answer was found"
