"""Values that the tests of store, delivery and router start from."""

from dataclasses import replace

from gateway.clock import FixedClock
from gateway.store.records import Buffer, Media, Message, NewPart, NewWork, Recipient, Report, part_token
from gateway.store.states import MoState, RecipientState

NOW = FixedClock().now()
SHOP = "http://127.0.0.1:9/shop"


def mo(tracking_id: str = "mo-1") -> Message:
    return Message(
        tracking_id=tracking_id,
        direction="MO",
        account="shop",
        carrier="acme",
        sender="15555550100",
        accepted_at=NOW,
        transaction_id="txn-of-acme",
        message_id="acme-77",
        linked_id="linked-1",
        subject="Grüße",
        operator_id="op-1",
        fields='{"priority":"Normal"}',
        state=MoState.RECEIVED,
        recipients=(
            Recipient(position=0, number="28444"),
            Recipient(position=1, number="15555550101", kind="cc", display_only=True),
        ),
    )


def mt(tracking_id: str = "mt-1", numbers: tuple[str, ...] = ("15555550100",)) -> Message:
    return Message(
        tracking_id=tracking_id,
        direction="MT",
        account="shop",
        carrier="acme",
        sender="28444",
        accepted_at=NOW,
        transaction_id=f"txn-of-{tracking_id}",
        client_reference="order-9",
        expires_at=NOW + 3600_000,
        recipients=tuple(Recipient(position=at, number=number, changed_at=NOW) for at, number in enumerate(numbers)),
    )


def submitted(message: Message, message_id: str = "acme-1") -> Message:
    return replace(message, recipients=tuple(replace(who, message_id=message_id) for who in message.recipients))


def leaf(tracking_id: str, position: int = 0, data: Buffer = b"hello", media_type: str = "text/plain") -> NewPart:
    media = Media(media_type=media_type, data=data, name="a.txt", content_id="cid-a", content_location="a.txt")
    return NewPart(part_token(tracking_id, position, f"secret-{position}"), media)


def submit(message: Message) -> NewWork:
    return NewWork(
        kind="submit",
        destination=message.carrier,
        tracking_id=message.tracking_id,
        account=message.account,
        event_id=message.transaction_id,
        created_at=message.accepted_at,
        expires_at=message.expires_at,
    )


def notify(tracking_id: str, destination: str = SHOP, event: str = "{}") -> NewWork:
    return NewWork(
        kind="notify",
        destination=destination,
        tracking_id=tracking_id,
        account="shop",
        event_id=f"evt-{tracking_id}",
        event=event,
        created_at=NOW,
    )


def report(message_id: str = "acme-1", mm_status: str = "Retrieved", recipient: str = "15555550100") -> Report:
    return Report(
        kind="delivery",
        carrier="acme",
        message_id=message_id,
        recipient=recipient,
        mm_status=mm_status,
        received_at=NOW,
        at=NOW - 1000,
        status_text="said so",
        ua_prof="http://handset.example/profile.xml",
        transaction_id="txn-of-report",
    )


def doubted(message: Message) -> list[Recipient]:
    return [replace(who, state=RecipientState.IN_DOUBT) for who in message.recipients]
