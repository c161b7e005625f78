"""What a message becomes before it is made durable."""

import pytest

from gateway.clock import CountingIds
from gateway.router import accept
from gateway.router.accept import NoRecipient, NoRoute
from gateway.router.events import Event, EventKind, EventPart
from gateway.router.incoming import Address, Exchange, NewMO, NewMT
from gateway.router.match import Accounts
from gateway.router.routes import Route
from gateway.store.records import Account, Media, Recipient
from gateway.store.states import MoState
from tests.unit.making import NOW, SHOP

ACCOUNTS = Accounts([Account(name="shop", senders=("28444",), postback_url=SHOP)])
PICTURE = Media(media_type="image/jpeg", data=memoryview(b"\xff\xd8picture"), name="a.jpg", content_id="img")
TEXT = Media(media_type="text/plain; charset=utf-8", data=b"hello")

MO = NewMO(
    exchange=Exchange("acme", "DeliverReq", "txn-7"),
    sender="+15555550100/TYPE=PLMN",
    recipients=(Address("28444"), Address("+15555550101", "cc", display_only=True)),
    media=(PICTURE, TEXT),
    message_id="acme-77",
    linked_id="linked-1",
    subject="Grüße",
    operator_id="op-1",
    fields='{"priority":"Normal"}',
)

MT = NewMT(
    account="shop",
    sender="28444",
    recipients=(Address("+1 555 555 0100"), Address("15555550101")),
    media=(PICTURE,),
    subject="sale",
    client_reference="order-9",
)

ROUTES = [Route(to="1*", sender="*", carrier="acme"), Route(to="44*", sender="*", carrier="other")]


@pytest.mark.requirement("P-03")
def test_an_mo_is_stored_for_the_account_of_its_short_code_which_is_told() -> None:
    accepted = accept.mo(MO, ACCOUNTS, CountingIds(), NOW)

    message = accepted.message
    assert (message.direction, message.account, message.carrier, message.state) == (
        "MO",
        "shop",
        "acme",
        MoState.RECEIVED,
    )
    assert (message.sender, message.transaction_id, message.message_id) == ("15555550100", "txn-7", "acme-77")
    assert [(who.number, who.kind, who.display_only) for who in message.recipients] == [
        ("28444", "to", False),
        ("15555550101", "cc", True),
    ]
    assert [(part.token, part.media) for part in accepted.content] == [
        ("msg-000001.0.token-000002", PICTURE),
        ("msg-000001.1.token-000003", TEXT),
    ]
    (work,) = accepted.work
    assert (work.kind, work.destination, work.account, work.event_id) == ("notify", SHOP, "shop", "msg-000004")
    assert Event.from_json(work.event) == Event(
        kind=EventKind.MO_RECEIVED,
        tracking_id="msg-000001",
        account="shop",
        sender="15555550100",
        to=("28444",),
        copy_to=("15555550101",),
        at=NOW,
        subject="Grüße",
        parts=(
            EventPart("msg-000001.0.token-000002", "image/jpeg", "a.jpg", 9),
            EventPart("msg-000001.1.token-000003", "text/plain; charset=utf-8", None, 5),
        ),
        transaction_id="txn-7",
        message_id="acme-77",
        linked_id="linked-1",
        operator_id="op-1",
    )


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("recipients", [(), (Address("99999"),)])
def test_an_mo_that_nobody_claims_is_stored_without_an_event(recipients: tuple[Address, ...]) -> None:
    unclaimed = NewMO(exchange=MO.exchange, sender="15555550100", recipients=recipients)
    accepted = accept.mo(unclaimed, ACCOUNTS, CountingIds(), NOW)
    assert (accepted.message.account, accepted.work) == (None, ())


def test_an_mt_comes_with_the_work_of_submitting_it() -> None:
    accepted = accept.mt(MT, ROUTES, CountingIds(), NOW)

    message = accepted.message
    assert (message.direction, message.account, message.carrier, message.sender) == ("MT", "shop", "acme", "28444")
    assert message.recipients == (
        Recipient(position=0, number="15555550100", changed_at=NOW),
        Recipient(position=1, number="15555550101", changed_at=NOW),
    )
    assert (message.transaction_id, message.client_reference) == ("txn-000002", "order-9")
    (work,) = accepted.work
    assert (work.kind, work.destination, work.tracking_id, work.created_at) == ("submit", "acme", "msg-000001", NOW)
    assert work.expires_at == message.expires_at == NOW + 3 * 24 * 3600 * 1000


def test_an_mt_goes_where_it_says_without_asking_the_routes() -> None:
    named = NewMT(account=None, sender="28444", recipients=(Address("99"),), carrier="mine", expires_at=NOW + 5)
    accepted = accept.mt(named, [], CountingIds(), NOW)
    assert (accepted.message.carrier, accepted.message.expires_at) == ("mine", NOW + 5)


def test_an_mt_without_recipient_or_route_is_refused() -> None:
    ids = CountingIds()
    with pytest.raises(NoRecipient):
        accept.mt(NewMT(account="shop", sender="28444", recipients=()), ROUTES, ids, NOW)
    with pytest.raises(NoRoute):
        accept.mt(NewMT(account="shop", sender="28444", recipients=(Address("99"),)), ROUTES, ids, NOW)
    both = (Address("15555550100"), Address("447700900100"))
    with pytest.raises(NoRoute, match="several carriers"):
        accept.mt(NewMT(account="shop", sender="28444", recipients=both), ROUTES, ids, NOW)
