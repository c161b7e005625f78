"""Events survive the work row they lie in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import CountingIds
from gateway.router.events import Event, EventKind, EventPart, kind_of, told
from gateway.router.match import Accounts
from gateway.store import states
from gateway.store.records import Account
from gateway.store.states import RecipientState

TEXT = st.text(max_size=20)
SOME = st.none() | st.text(min_size=1, max_size=20)

EVENTS = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    tracking_id=TEXT,
    account=TEXT,
    sender=TEXT,
    to=st.lists(TEXT).map(tuple),
    at=st.integers(0, 2**50),
    copy_to=st.lists(TEXT).map(tuple),
    subject=SOME,
    parts=st.lists(st.builds(EventPart, TEXT, TEXT, st.none() | TEXT, st.integers(0))).map(tuple),
    transaction_id=SOME,
    message_id=SOME,
    linked_id=SOME,
    client_reference=SOME,
    operator_id=SOME,
    mm_status=SOME,
    status_code=st.none() | st.integers(1000, 9999),
    status_text=SOME,
    ua_prof=SOME,
)


@given(EVENTS)
def test_an_event_comes_out_of_its_row_as_it_went_in(event: Event) -> None:
    assert Event.from_json(event.to_json()) == event


def test_the_form_in_the_row_is_this_one() -> None:
    event = Event(
        kind=EventKind.MO_RECEIVED,
        tracking_id="mo-1",
        account="shop",
        sender="15555550100",
        to=("28444",),
        at=1_767_225_600_000,
        parts=(EventPart("mo-1.0.secret", "text/plain", None, 5),),
    )
    assert json.loads(event.to_json()) == {
        "kind": "mo.received",
        "tracking_id": "mo-1",
        "account": "shop",
        "from": "15555550100",
        "to": ["28444"],
        "at": 1_767_225_600_000,
        "parts": [["mo-1.0.secret", "text/plain", None, 5]],
    }


@pytest.mark.requirement("P-03")
def test_every_state_that_an_account_is_told_of_has_its_event() -> None:
    told_of = {after for after, effects in states.RECIPIENT.values() if effects}
    assert {kind_of(state) for state in told_of} == {
        kind for kind in EventKind if kind.startswith("mt.") and "read" not in kind
    }
    assert kind_of(RecipientState.RETRIEVED) is EventKind.DELIVERED


EVENT = Event(kind=EventKind.DELIVERED, tracking_id="mt-1", account="shop", sender="28444", to=("15555550100",), at=1)


def test_events_go_to_the_url_for_their_kind() -> None:
    accounts = Accounts(
        [Account(name="shop", postback_url="http://all", mo_url="http://mo", report_url="http://reports")]
    )
    mo = Event(kind=EventKind.MO_RECEIVED, tracking_id="mo-1", account="shop", sender="1", to=(), at=1)
    ids = CountingIds()
    (work,) = told(mo, accounts, ids, 7)
    assert (work.destination, work.event_id, work.created_at) == ("http://mo", "msg-000001", 7)
    assert Event.from_json(work.event) == mo
    (work,) = told(EVENT, accounts, ids, 7)
    assert (work.destination, work.event_id) == ("http://reports", "msg-000002")


@pytest.mark.parametrize(
    "account",
    [Account(name="shop"), Account(name="shop", postback_url="http://all", enabled=False), Account(name="other")],
)
def test_nobody_is_told_where_nobody_wants_to_be(account: Account) -> None:
    assert told(EVENT, Accounts([account]), CountingIds(), 7) == []
