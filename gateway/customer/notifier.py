"""Does the work of kind `notify`: one attempt at telling an account of an event. HTTP 200 in 10 s, or again (P-02)."""

from gateway.clock import Clock
from gateway.customer.postback import body_of
from gateway.delivery.http import HttpAnswer, HttpSender, LinkSettings, NotConnected, SendError, StillOurs
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.router.events import Event
from gateway.router.match import Accounts
from gateway.store.records import Account, Work

#: seconds to connect, and to answer (M-10)
CONNECT_SECONDS = ANSWER_SECONDS = 10.0
#: connections to one host, where several URLs may lie: each URL has one attempt under way and so needs one
CONNECTIONS = 100


class Notifier:
    """A `delivery.line.Handler`. `public_url` is where an account reaches us for content, without a slash behind it."""

    def __init__(self, sender: HttpSender, accounts: Accounts, public_url: str, clock: Clock) -> None:
        self._sender = sender
        self._accounts = accounts
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def reached_at(self, public_url: str) -> None:
        """Where we are reached turns out only when we listen, if the system chooses the port."""
        self._public_url = public_url.rstrip("/")

    def reload(self, accounts: Accounts) -> None:
        """From the next attempt on."""
        self._accounts = accounts

    async def __call__(self, work: Work, still_ours: StillOurs) -> Outcome:
        account = self._accounts.named(work.account)
        if account is None:
            return Deferred(f"no account named {work.account} is configured")
        try:
            body = body_of(Event.from_json(work.event), self._public_url)
        except (ValueError, KeyError) as error:
            return Refused(f"the stored event can't be read: {error}")
        if body is None:
            return Delivered()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": work.event_id,
            "webhook-timestamp": str(self._clock.now() // 1000),
        }
        try:
            answer = await self._sender.post(
                work.destination,
                headers,
                [body],
                link=_link(account),
                peer=f"account {account.name}",
                still_ours=still_ours,
            )
        except NotConnected as error:
            return Deferred(f"not connected: {error}")
        except SendError as error:
            return InDoubt(f"no answer: {error}")
        return _judged(answer)


def _link(account: Account) -> LinkSettings:
    return LinkSettings(
        connections=CONNECTIONS,
        connect_timeout=CONNECT_SECONDS,
        response_timeout=ANSWER_SECONDS,
        username=account.callback_username,
        password=account.callback_password,
        client_cert=account.callback_client_cert,
        client_key_file=account.callback_client_key,
        ca_file=account.callback_ca,
    )


def _judged(answer: HttpAnswer) -> Outcome:
    """By the status alone: what a body says, and whether it comes to its end, is the account's affair."""
    if answer.status == 200:
        return Delivered()
    value = answer.headers.get("Retry-After", "").strip()
    return Deferred(f"HTTP {answer.status}", float(value) if value.isascii() and value.isdigit() else None)
