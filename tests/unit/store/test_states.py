"""The tables of states, each pair of them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store import states
from gateway.store.states import (
    NOTIFY,
    QUIET,
    MoEvent,
    MoState,
    ReadState,
    RecipientState,
    Submit,
    WorkEvent,
    WorkState,
)

LIFE = [RecipientState.ACCEPTED, *states.REPORTED]
EVENTS = [*Submit, *states.REPORTED]


@pytest.mark.requirement("U-04")
def test_the_ranks_are_those_of_decision_8() -> None:
    low = {RecipientState.DEFERRED, RecipientState.FORWARDED}
    unsure = {RecipientState.INDETERMINATE, RecipientState.UNREACHABLE}
    final = set(states.REPORTED) - low - unsure - {RecipientState.RETRIEVED}
    assert [{states.RANK[state] for state in group} for group in (low, unsure, final)] == [{2}, {3}, {4}]
    assert states.RANK[RecipientState.RETRIEVED] == 5


@pytest.mark.requirement("U-04")
@pytest.mark.parametrize(("before", "outcome"), list(itertools.product(RecipientState, states.REPORTED)))
def test_a_report_replaces_what_ranks_lower_and_only_that(before: RecipientState, outcome: RecipientState) -> None:
    after, effects = states.recipient(before, outcome)
    if states.RANK[outcome] > states.RANK[before]:
        assert (after, effects) == (outcome, NOTIFY)
    else:
        assert (after, effects) == (before, QUIET)


@pytest.mark.requirement("U-04")
@given(st.lists(st.sampled_from(states.REPORTED), min_size=1))
def test_reports_in_any_order_end_in_the_highest_rank(outcomes: list[RecipientState]) -> None:
    def end(order: list[RecipientState]) -> int:
        state = RecipientState.SUBMITTED
        for outcome in order:
            state, _ = states.recipient(state, outcome)
        return states.RANK[state]

    assert end(outcomes) == end(outcomes[::-1]) == end(sorted(outcomes)) == max(map(states.RANK.__getitem__, outcomes))


@given(st.lists(st.sampled_from([event for event in EVENTS if event is not Submit.RETRY])))
def test_without_a_retry_no_state_ever_ranks_lower_than_before(events: list[states.RecipientEvent]) -> None:
    state = RecipientState.ACCEPTED
    for event in events:
        after, effects = states.recipient(state, event)
        assert states.RANK[after] >= states.RANK[state]
        assert not effects or after is not state
        state = after


def test_every_recipient_state_can_be_reached_and_left_for_an_end() -> None:
    reached = {RecipientState.ACCEPTED} | {after for after, _ in states.RECIPIENT.values()}
    assert reached == set(RecipientState)
    ends = {state for state in RecipientState if not any(before is state for before, _ in states.RECIPIENT)}
    assert ends == {RecipientState.RETRIEVED}  # whatever else was said, a phone that has it has it


@pytest.mark.requirement("U-03")
def test_in_doubt_is_left_by_an_answer_a_report_a_decision_or_time() -> None:
    assert states.recipient(RecipientState.ACCEPTED, Submit.IN_DOUBT) == (RecipientState.IN_DOUBT, QUIET)
    left = {event for state, event in states.RECIPIENT if state is RecipientState.IN_DOUBT}
    assert left == {Submit.ACCEPTED, Submit.REFUSED, Submit.EXPIRED, Submit.RETRY, *states.REPORTED}
    assert states.recipient(RecipientState.IN_DOUBT, Submit.EXPIRED) == (RecipientState.INDETERMINATE, NOTIFY)


@pytest.mark.requirement("U-04")
@given(st.lists(st.sampled_from(ReadState)))
def test_what_was_read_stays_read(reported: list[ReadState]) -> None:
    state = ReadState.UNREAD
    for one in reported:
        state, _ = states.read(state, one)
    assert states.READ_RANK[state] == max((states.READ_RANK[one] for one in reported), default=0)


def test_an_mo_that_was_buried_can_still_be_handed_over_and_never_the_other_way() -> None:
    assert states.mo(MoState.RECEIVED, MoEvent.BURIED) is MoState.DEAD
    assert states.mo(MoState.DEAD, MoEvent.HANDED_OVER) is MoState.HANDED_OVER
    assert states.mo(MoState.HANDED_OVER, MoEvent.BURIED) is MoState.HANDED_OVER


@pytest.mark.requirement("U-05")
def test_work_always_has_a_way_on_until_it_is_done() -> None:
    reached = {WorkState.READY}
    while True:
        further = reached | {states.work(state, event) for state in reached for event in WorkEvent}
        if further == reached:
            break
        reached = further
    assert reached == set(WorkState)
    assert {state for state in WorkState if not any(before is state for before, _ in states.WORK)} == {WorkState.DONE}


@pytest.mark.requirement("U-03")
def test_only_a_submit_whose_first_byte_may_have_left_is_held_when_its_lease_runs_out() -> None:
    assert states.work(WorkState.LEASED, WorkEvent.LEASE_OUT) is WorkState.READY
    assert states.work(WorkState.SENDING, WorkEvent.LEASE_OUT) is WorkState.HELD
