"""What reports do to the message they are about."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import CountingIds
from gateway.router import reports
from gateway.router.events import Event, EventKind
from gateway.router.incoming import Exchange, NewReport
from gateway.router.match import Accounts
from gateway.store import states
from gateway.store.records import Account, Changes, Message, Report
from gateway.store.states import ReadState, RecipientState
from tests.unit import making
from tests.unit.making import NOW, SHOP

ACCOUNTS = Accounts([Account(name="shop", postback_url=SHOP)])
SENT = making.submitted(making.mt())


def decide(message: Message, *found: Report) -> Changes:
    return reports.decide(message, found, accounts=ACCOUNTS, ids=CountingIds(), now=NOW)


def events(changes: Changes) -> list[Event]:
    return [Event.from_json(work.event) for work in changes.work]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Retrieved", RecipientState.RETRIEVED),
        ("RETRIEVED", RecipientState.RETRIEVED),
        ("Third:User Retrieved", RecipientState.RETRIEVED),
        ("1000", RecipientState.RETRIEVED),
        ("Expired", RecipientState.EXPIRED),
        ("Rejected", RecipientState.REJECTED),
        ("Deferred", RecipientState.DEFERRED),
        ("Forwarded", RecipientState.FORWARDED),
        ("Indeterminate", RecipientState.INDETERMINATE),
        ("Unreachable", RecipientState.UNREACHABLE),
        ("Unrecognised", RecipientState.UNRECOGNISED),
        ("Unrecognized", RecipientState.UNRECOGNISED),
        ("NotSupported", RecipientState.NOT_SUPPORTED),
        ("Not Supported", RecipientState.NOT_SUPPORTED),
        ("DeliveryConditionNotMet", RecipientState.CONDITION_NOT_MET),
        ("NotRetrieved", RecipientState.INDETERMINATE),
        ("anything else", RecipientState.INDETERMINATE),
        ("", RecipientState.INDETERMINATE),
    ],
)
def test_carriers_words_are_understood_and_unknown_ones_are_indeterminate(word: str, outcome: RecipientState) -> None:
    assert reports.outcome_of(word) is outcome


@pytest.mark.requirement("U-04", "P-03")
def test_a_report_moves_its_recipient_and_the_account_is_told() -> None:
    changes = decide(SENT, making.report())

    (who,) = changes.recipients
    assert (who.state, who.mm_status, who.status_text, who.changed_at) == (
        RecipientState.RETRIEVED,
        "Retrieved",
        "said so",
        NOW - 1000,
    )
    (work,) = changes.work
    assert (work.kind, work.destination, work.account, work.created_at) == ("notify", SHOP, "shop", NOW)
    assert events(changes) == [
        Event(
            kind=EventKind.DELIVERED,
            tracking_id="mt-1",
            account="shop",
            sender="28444",
            to=("15555550100",),
            at=NOW - 1000,
            message_id="acme-1",
            transaction_id="txn-of-report",
            client_reference="order-9",
            mm_status="Retrieved",
            status_text="said so",
            ua_prof="http://handset.example/profile.xml",
        )
    ]


@pytest.mark.requirement("U-04")
def test_the_same_report_twice_makes_one_event() -> None:
    changes = decide(SENT, making.report(), making.report())
    assert len(changes.work) == 1
    assert len(changes.recipients) == 1


@pytest.mark.requirement("U-04")
def test_a_lower_report_after_a_higher_one_changes_nothing() -> None:
    delivered = replace(SENT, recipients=decide(SENT, making.report()).recipients)
    changes = decide(delivered, making.report(mm_status="Expired"))
    assert changes.recipients == delivered.recipients
    assert changes.work == ()


@pytest.mark.requirement("U-04")
@given(st.lists(st.sampled_from(["Deferred", "Forwarded", "Expired", "Rejected", "Retrieved", "Unreachable", "?"])))
def test_any_run_of_reports_ends_in_the_highest_and_tells_of_each_step_up(words: list[str]) -> None:
    ranks = [states.RANK[reports.outcome_of(word)] for word in words]
    changes = decide(SENT, *(making.report(mm_status=word) for word in words))
    steps = [rank for at, rank in enumerate(ranks) if rank > max([1, *ranks[:at]])]
    assert len(changes.work) == len(steps)
    if words:
        assert states.RANK[changes.recipients[0].state] == max(ranks)


@pytest.mark.requirement("U-04")
def test_of_recipients_that_share_an_id_the_number_decides() -> None:
    several = making.submitted(making.mt(numbers=("15555550100", "15555550101", "15555550102")))
    changes = decide(several, making.report(recipient="15555550101"))
    assert [who.number for who in changes.recipients] == ["15555550101"]
    assert events(changes)[0].to == ("15555550101",)


@pytest.mark.requirement("U-04")
def test_where_an_id_stands_for_one_recipient_the_number_may_be_written_otherwise() -> None:
    (who,) = decide(SENT, making.report(recipient="5555550100")).recipients
    assert who.state is RecipientState.RETRIEVED


@pytest.mark.requirement("U-04")
def test_a_report_about_nobody_we_know_changes_nothing() -> None:
    several = making.submitted(making.mt(numbers=("15555550100", "15555550101")))
    assert decide(several, making.report(recipient="15555550199")) == Changes()


@pytest.mark.requirement("U-04")
def test_parked_reports_that_found_their_message_are_named() -> None:
    parked = [replace(making.report(mm_status=word), id=number) for number, word in ((7, "Deferred"), (9, "Retrieved"))]
    changes = decide(SENT, *parked)
    assert changes.matched == (7, 9)
    assert [event.kind for event in events(changes)] == [EventKind.DEFERRED, EventKind.DELIVERED]


def test_who_does_not_want_reports_is_not_told_and_the_state_changes_all_the_same() -> None:
    changes = decide(replace(SENT, wants_reports=False), making.report())
    assert changes.work == ()
    assert changes.recipients[0].state is RecipientState.RETRIEVED


@pytest.mark.requirement("U-04")
def test_read_replies_have_a_state_of_their_own() -> None:
    read = replace(making.report(mm_status="Read"), kind="read")
    changes = decide(SENT, read, read)
    (who,) = changes.recipients
    assert (who.read, who.state, who.mm_status) == (ReadState.READ, RecipientState.ACCEPTED, None)
    assert [event.kind for event in events(changes)] == [EventKind.READ]
    later = replace(SENT, recipients=changes.recipients)
    assert decide(later, replace(read, mm_status="Deleted")).work == ()


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Deleted", EventKind.READ_DELETED), ("odd", EventKind.READ_INDETERMINATE), ("Fourth:User Read", EventKind.READ)],
)
def test_read_replies_words(word: str, kind: EventKind) -> None:
    changes = decide(SENT, replace(making.report(mm_status=word), kind="read"))
    assert [event.kind for event in events(changes)] == [kind]


def test_a_report_is_recorded_with_its_number_in_normal_form_and_its_words_as_they_are() -> None:
    new = NewReport(
        exchange=Exchange("acme", "DeliveryReportReq", "txn-8"),
        kind="delivery",
        message_id="00042",
        recipient="+15555550100/TYPE=PLMN",
        mm_status="Third:User Retrieved",
    )
    assert reports.record(new, NOW) == Report(
        kind="delivery",
        carrier="acme",
        message_id="00042",
        recipient="15555550100",
        mm_status="Third:User Retrieved",
        received_at=NOW,
        at=NOW,
        transaction_id="txn-8",
    )
    assert reports.record(replace(new, at=5), NOW).at == 5
