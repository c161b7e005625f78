"""The router with a real store: from a face's message to work in a line, and back."""

import pytest

from gateway.clock import CountingIds, FixedClock
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Refused
from gateway.router.accept import NoRoute
from gateway.router.events import Event, EventKind
from gateway.router.match import Accounts
from gateway.router.router import Address, Exchange, NewMO, NewMT, NewReport, Router
from gateway.router.routes import Route
from gateway.router.submitted import SubmitAnswer
from gateway.store.records import Account, Buried, Finished, Held, Media, Postponed, Work
from gateway.store.sqlite import SqliteStore
from gateway.store.states import MoState, RecipientState
from gateway.store.store import Lease
from tests.unit.making import NOW, SHOP

LEASE = Lease("me", NOW + 30_000)


@pytest.fixture
def router(store: SqliteStore) -> Router:
    accounts = Accounts([Account(name="shop", senders=("28444",), postback_url=SHOP)])
    return Router(store, FixedClock(), CountingIds(), [Route(to="1*", sender="*", carrier="acme")], accounts)


def new_mo() -> NewMO:
    media = (Media(media_type="text/plain", data=b"hello"),)
    exchange = Exchange("acme", "DeliverReq", "txn-7")
    return NewMO(exchange=exchange, sender="+15555550100", recipients=(Address("28444"),), media=media)


def new_mt() -> NewMT:
    media = (Media(media_type="text/plain", data=b"hello"),)
    return NewMT(account="shop", sender="28444", recipients=(Address("+15555550100"),), media=media)


def new_report(mm_status: str = "Retrieved") -> NewReport:
    exchange = Exchange("acme", "DeliveryReportReq", "txn-8")
    return NewReport(
        exchange=exchange, kind="delivery", message_id="acme-1", recipient="15555550100", mm_status=mm_status
    )


async def events(store: SqliteStore) -> list[EventKind]:
    return [Event.from_json(work.event).kind for work in await store.take("notify", SHOP, NOW, LEASE, 99)]


async def submit_of(store: SqliteStore, router: Router) -> Work:
    await router.accept_mt(new_mt())
    (work,) = await store.take("submit", "acme", NOW, LEASE, 1)
    await store.begin(work, NOW, LEASE)
    return work


async def state_of(store: SqliteStore, tracking_id: str) -> RecipientState:
    message = await store.message(tracking_id)
    assert message is not None
    return message.recipients[0].state


@pytest.mark.requirement("U-01")
async def test_an_accepted_mo_is_stored_with_its_content_and_its_event(store: SqliteStore, router: Router) -> None:
    accepted = await router.accept_mo(new_mo())
    assert accepted.account == "shop"
    message = await store.message(accepted.tracking_id)
    assert message is not None
    assert message.state is MoState.RECEIVED
    (work,) = await store.take("notify", SHOP, NOW, LEASE, 1)
    event = Event.from_json(work.event)
    found = await store.part(event.parts[0].token)
    assert found is not None
    assert found[1] == b"hello"


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize(
    ("verdict", "state"),
    [(Finished(), MoState.HANDED_OVER), (Buried("gone"), MoState.DEAD), (Postponed(NOW, "503"), MoState.RECEIVED)],
)
async def test_an_mos_state_follows_its_notification(
    store: SqliteStore, router: Router, verdict: Finished | Buried | Postponed, state: MoState
) -> None:
    accepted = await router.accept_mo(new_mo())
    (work,) = await store.take("notify", SHOP, NOW, LEASE, 1)
    await store.settle(work, verdict, router.settle(work, Delivered(), verdict))
    message = await store.message(accepted.tracking_id)
    assert message is not None
    assert message.state is state


async def test_an_mt_that_no_route_takes_leaves_nothing(store: SqliteStore, router: Router) -> None:
    with pytest.raises(NoRoute):
        await router.accept_mt(NewMT(account="shop", sender="28444", recipients=(Address("99"),)))
    assert await store.depth() == {}


@pytest.mark.requirement("U-04", "P-03")
async def test_submit_answer_and_report_make_an_event_each(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    outcome = Delivered(SubmitAnswer(status_code=1000, message_id="acme-1"))
    await store.settle(work, Finished(), router.settle(work, outcome, Finished()))
    assert await state_of(store, work.tracking_id) is RecipientState.SUBMITTED

    assert await router.accept_report(new_report()) == work.tracking_id

    assert await state_of(store, work.tracking_id) is RecipientState.RETRIEVED
    assert await events(store) == [EventKind.SUBMITTED, EventKind.DELIVERED]


@pytest.mark.requirement("U-04")
async def test_a_report_before_the_submits_answer_waits_for_it(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    assert await router.accept_report(new_report()) is None
    assert len(await store.parked()) == 1

    outcome = Delivered(SubmitAnswer(status_code=1000, message_id="acme-1"))
    await store.settle(work, Finished(), router.settle(work, outcome, Finished()))

    assert await state_of(store, work.tracking_id) is RecipientState.RETRIEVED
    assert await events(store) == [EventKind.SUBMITTED, EventKind.DELIVERED]
    assert await store.parked() == []


@pytest.mark.requirement("U-04")
async def test_the_same_report_again_is_kept_and_makes_no_second_event(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    outcome = Delivered(SubmitAnswer(status_code=1000, message_id="acme-1"))
    await store.settle(work, Finished(), router.settle(work, outcome, Finished()))
    for word in ("Retrieved", "Retrieved", "Expired"):
        await router.accept_report(new_report(word))
    assert [report.mm_status for report in await store.reports(work.tracking_id)] == [
        "Retrieved",
        "Retrieved",
        "Expired",
    ]
    assert await events(store) == [EventKind.SUBMITTED, EventKind.DELIVERED]


@pytest.mark.requirement("U-03")
async def test_a_lost_answer_leaves_the_recipient_in_doubt(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    verdict = Held("no answer")
    await store.settle(work, verdict, router.settle(work, InDoubt("no answer"), verdict))
    assert await state_of(store, work.tracking_id) is RecipientState.IN_DOUBT
    assert await store.depth() == {("submit", "held"): 1}


@pytest.mark.requirement("P-03")
async def test_a_refusal_fails_and_tells(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    verdict = Buried("2002")
    await store.settle(work, verdict, router.settle(work, Refused("2002", SubmitAnswer(status_code=2002)), verdict))
    assert await state_of(store, work.tracking_id) is RecipientState.FAILED
    assert await events(store) == [EventKind.FAILED]


@pytest.mark.requirement("M-08")
async def test_accounts_and_routes_change_from_the_next_message_on(store: SqliteStore, router: Router) -> None:
    router.reload([Route(to="*", sender="*", carrier="new")], Accounts([Account(name="shop", senders=("28444",))]))
    accepted = await router.accept_mo(new_mo())
    message = await store.message(accepted.tracking_id)
    assert message is not None
    assert message.account == "shop"
    assert await store.depth() == {}
    await router.accept_mt(NewMT(account="shop", sender="28444", recipients=(Address("99"),)))
    assert await store.due("submit", NOW, "me") == ["new"]


async def test_a_submit_that_will_be_tried_again_is_as_it_was(store: SqliteStore, router: Router) -> None:
    work = await submit_of(store, router)
    verdict = Postponed(NOW + 5000, "busy")
    await store.settle(work, verdict, router.settle(work, Deferred("busy"), verdict))
    assert await state_of(store, work.tracking_id) is RecipientState.ACCEPTED
