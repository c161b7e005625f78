"""The published tables, to the second."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery import retry
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Refused
from gateway.delivery.retry import PUBLISHED, SUBMIT, RetryPolicy
from gateway.store.records import Buried, Finished, Held, Postponed, Verdict, Work
from gateway.store.states import WorkState
from tests.unit.making import NOW


def work(attempts: int = 0, expires_at: int | None = None) -> Work:
    return Work(
        id=1,
        kind="notify",
        destination="http://127.0.0.1/",
        tracking_id="mo-1",
        account="shop",
        event_id="evt-1",
        event="{}",
        created_at=NOW,
        expires_at=expires_at,
        state=WorkState.READY,
        attempts=attempts,
    )


def never() -> float:
    return 0.0


def always() -> float:
    return 1.0


def timetable(policy: RetryPolicy, attempts: int, dice: retry.Dice = never) -> list[float | None]:
    """Seconds after each of so many failures, None where there is no further attempt."""
    verdicts = [retry.verdict(policy, work(before), Deferred("no"), NOW, dice) for before in range(attempts)]
    return [(verdict.at - NOW) / 1000 if isinstance(verdict, Postponed) else None for verdict in verdicts]


@pytest.mark.requirement("M-11", "P-02")
def test_a_notification_is_tried_again_after_exactly_five_minutes_five_times_and_then_buried() -> None:
    assert timetable(PUBLISHED, 6) == [300, 300, 300, 300, 300, None]
    assert timetable(PUBLISHED, 6, always) == timetable(PUBLISHED, 6)


def test_a_submit_is_tried_again_soon_then_ever_later_up_to_an_hour() -> None:
    assert timetable(SUBMIT, 10) == [5, 30, 120, 300, 600, 1200, 2400, 3600, 3600, 3600]
    assert timetable(SUBMIT, 5, always) == [5.5, 33, 132, 330, 660]


@given(st.integers(1, 10**6), st.none() | st.floats(0, 10**9), st.floats(0, 1))
def test_no_delay_is_ever_longer_than_an_hour(failures: int, retry_after: float | None, chance: float) -> None:
    seconds = retry.delay(SUBMIT, failures, retry_after, lambda: chance)
    assert seconds is not None
    assert 5 <= seconds <= 3600


@pytest.mark.requirement("M-11")
@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [(None, 300), (1, 300), (0, 300), (-5, 300), (301, 301), (3600, 3600), (9999, 3600), (math.inf, 3600)],
)
def test_retry_after_lengthens_and_never_shortens_nor_goes_beyond_an_hour(
    retry_after: float | None, seconds: float
) -> None:
    assert retry.verdict(PUBLISHED, work(), Deferred("503", retry_after), NOW, never) == Postponed(
        NOW + int(seconds * 1000), "503"
    )


@pytest.mark.requirement("M-11")
def test_retry_after_buys_no_further_attempt() -> None:
    assert retry.verdict(PUBLISHED, work(5), Deferred("503", 10), NOW, never) == Buried("503")


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize(
    ("policy", "verdict"), [(SUBMIT, Held("reset")), (PUBLISHED, Postponed(NOW + 300_000, "reset"))]
)
def test_without_an_answer_a_submit_is_held_and_a_notification_repeated(policy: RetryPolicy, verdict: Verdict) -> None:
    assert retry.verdict(policy, work(), InDoubt("reset"), NOW, never) == verdict


def test_what_was_taken_is_finished_and_what_was_refused_is_buried() -> None:
    assert retry.verdict(SUBMIT, work(), Delivered(), NOW, never) == Finished()
    assert retry.verdict(SUBMIT, work(), Refused("2002"), NOW, never) == Buried("2002", certain=True)


def test_a_submit_comes_back_when_its_time_is_over_and_is_not_tried_after_it() -> None:
    end = NOW + 400_000
    assert retry.verdict(SUBMIT, work(3, end), Deferred("busy"), NOW, never) == Postponed(NOW + 300_000, "busy")
    assert retry.verdict(SUBMIT, work(4, end), Deferred("busy"), NOW, never) == Postponed(end, "busy")
    assert not retry.expired(work(4, end), end - 1)
    assert retry.expired(work(4, end), end)
    assert retry.verdict(SUBMIT, work(4, end), Deferred("busy"), end, never) == Buried("busy")
    assert not retry.expired(work(4, None), end)
