"""What the end of a submit does to the recipients, reports that came before it included."""

from dataclasses import replace

import pytest

from gateway.clock import CountingIds
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.router import submitted
from gateway.router.events import Event, EventKind
from gateway.router.match import Accounts
from gateway.router.submitted import SubmitAnswer
from gateway.store.records import Account, Buried, Change, Changes, Finished, Held, Message, Postponed, Report, Verdict
from gateway.store.states import RecipientState
from tests.unit import making
from tests.unit.making import NOW, SHOP

ACCOUNTS = Accounts([Account(name="shop", postback_url=SHOP)])
MESSAGE = making.mt(numbers=("15555550100", "15555550101"))
TAKEN = SubmitAnswer(status_code=1000, status_text="Success", message_id="acme-1")


def change(outcome: Outcome, verdict: Verdict) -> Change | None:
    return submitted.change("acme", outcome, verdict, ACCOUNTS, CountingIds(), NOW)


def changes(outcome: Outcome, verdict: Verdict, message: Message = MESSAGE, *parked: Report) -> Changes:
    decided = change(outcome, verdict)
    assert decided is not None
    return decided.decide(message, parked)


def events(made: Changes) -> list[Event]:
    return [Event.from_json(work.event) for work in made.work]


@pytest.mark.requirement("P-03")
def test_an_accepted_submit_gives_its_recipients_the_carriers_id_and_tells_of_each() -> None:
    made = changes(Delivered(TAKEN), Finished())
    assert [(who.state, who.message_id, who.changed_at) for who in made.recipients] == [
        (RecipientState.SUBMITTED, "acme-1", NOW)
    ] * 2
    assert [(event.kind, event.to, event.status_code, event.message_id) for event in events(made)] == [
        (EventKind.SUBMITTED, ("15555550100",), 1000, "acme-1"),
        (EventKind.SUBMITTED, ("15555550101",), 1000, "acme-1"),
    ]
    assert events(made)[0].transaction_id == "txn-of-mt-1"


@pytest.mark.requirement("U-04")
def test_reports_that_were_parked_for_the_new_id_are_asked_for() -> None:
    decided = change(Delivered(TAKEN), Finished())
    assert decided is not None
    assert (decided.carrier, decided.message_ids) == ("acme", ("acme-1",))


@pytest.mark.requirement("U-04")
def test_a_report_from_before_the_answer_is_applied_after_it() -> None:
    early = replace(making.report(recipient="15555550101"), id=5)
    made = changes(Delivered(TAKEN), Finished(), MESSAGE, early)
    assert [who.state for who in made.recipients] == [RecipientState.SUBMITTED, RecipientState.RETRIEVED]
    assert [event.kind for event in events(made)] == [EventKind.SUBMITTED, EventKind.SUBMITTED, EventKind.DELIVERED]
    assert made.matched == (5,)


def test_an_acceptance_without_an_id_is_an_acceptance() -> None:
    decided = change(Delivered(SubmitAnswer(status_code=1000)), Finished())
    assert decided is not None
    assert decided.message_ids == ()
    assert {who.state for who in decided.decide(MESSAGE, ()).recipients} == {RecipientState.SUBMITTED}


@pytest.mark.requirement("P-03")
def test_a_refused_submit_fails_its_recipients_with_code_and_text() -> None:
    refusal = Refused("2002", SubmitAnswer(status_code=2002, status_text="Address error"))
    made = changes(refusal, Buried("2002"))
    assert {(who.state, who.status_text) for who in made.recipients} == {(RecipientState.FAILED, "Address error")}
    assert [(event.kind, event.status_code, event.status_text) for event in events(made)] == [
        (EventKind.FAILED, 2002, "Address error")
    ] * 2


@pytest.mark.requirement("U-03")
def test_a_submit_in_doubt_is_a_state_and_no_event() -> None:
    made = changes(InDoubt("no answer"), Held("no answer"))
    assert {who.state for who in made.recipients} == {RecipientState.IN_DOUBT}
    assert made.work == ()


@pytest.mark.requirement("U-05", "P-03")
def test_a_submit_whose_time_is_over_ends_with_an_event() -> None:
    made = changes(Deferred("not connected"), Buried("not connected"))
    assert {who.state for who in made.recipients} == {RecipientState.EXPIRED}
    assert {event.kind for event in events(made)} == {EventKind.EXPIRED}


def test_a_submit_that_goes_on_changes_nothing() -> None:
    assert change(Deferred("busy"), Postponed(NOW, "busy")) is None


def test_a_message_without_an_account_has_nobody_to_tell() -> None:
    made = changes(Delivered(TAKEN), Finished(), replace(MESSAGE, account=None))
    assert made.work == ()
    assert {who.state for who in made.recipients} == {RecipientState.SUBMITTED}


def test_a_recipient_that_was_cancelled_stays_so() -> None:
    cancelled = replace(MESSAGE.recipients[0], state=RecipientState.CANCELLED)
    made = changes(Delivered(TAKEN), Finished(), replace(MESSAGE, recipients=(cancelled,)))
    assert made.recipients[0].state is RecipientState.CANCELLED
    assert made.work == ()
