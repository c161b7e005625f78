"""What the end of a submit means for its recipients. Pure; the store calls the decision in a transaction.

The reports that came before the answer lie parked under the MessageID that the answer brings: they are applied in the
same transaction, so there is no moment at which a report is neither parked nor matched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from gateway.clock import Ids
from gateway.delivery.outcome import Outcome, Refused
from gateway.router import reports
from gateway.router.events import Event, kind_of, mt_event, told
from gateway.router.match import Accounts
from gateway.store import states
from gateway.store.records import Buried, Change, Changes, Finished, Held, Message, Recipient, Report, Verdict
from gateway.store.states import Effect, RecipientState, Submit


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitAnswer:
    """A SubmitRsp or Fault as the carrier room read it: the `answer` of a Delivered or Refused submit."""

    status_code: int
    status_text: str | None = None
    message_id: str | None = None


def change(carrier: str, outcome: Outcome, verdict: Verdict, accounts: Accounts, ids: Ids, now: int) -> Change | None:
    """None where the submit goes on: nothing about the message has changed."""
    answer = getattr(outcome, "answer", None)
    if not isinstance(answer, SubmitAnswer):
        answer = None
    fate = _fate(outcome, verdict)
    if fate is None:
        return None
    return Change(
        decide=partial(_decide, fate=fate, answer=answer, accounts=accounts, ids=ids, now=now),
        carrier=carrier,
        message_ids=(answer.message_id,) if answer and answer.message_id else (),
    )


def _fate(outcome: Outcome, verdict: Verdict) -> Submit | None:
    match verdict:
        case Finished():
            return Submit.ACCEPTED
        case Held():
            return Submit.IN_DOUBT
        case Buried():
            # Refused by the carrier, or still not refused when the message's time was over.
            return Submit.REFUSED if isinstance(outcome, Refused) else Submit.EXPIRED
        case _:
            return None


def _decide(
    message: Message,
    parked: tuple[Report, ...],
    *,
    fate: Submit,
    answer: SubmitAnswer | None,
    accounts: Accounts,
    ids: Ids,
    now: int,
) -> Changes:
    recipients, work = [], []
    for before in message.recipients:
        state, effects = states.recipient(before.state, fate)
        message_id = answer.message_id if answer and answer.message_id else before.message_id
        text = answer.status_text if answer and state is RecipientState.FAILED else before.status_text
        after = replace(before, state=state, message_id=message_id, status_text=text, changed_at=now)
        recipients.append(after)
        if Effect.NOTIFY in effects:
            work += told(_event(message, after, answer, now), accounts, ids, now)
    known = replace(message, recipients=tuple(recipients))
    late = reports.decide(known, parked, accounts=accounts, ids=ids, now=now)
    moved = {who.position: who for who in late.recipients}
    return Changes(
        recipients=tuple(moved.get(who.position, who) for who in recipients),
        work=(*work, *late.work),
        matched=late.matched,
    )


def _event(message: Message, who: Recipient, answer: SubmitAnswer | None, now: int) -> Event:
    code, text = (answer.status_code, answer.status_text) if answer else (None, None)
    kind = kind_of(who.state)
    return mt_event(kind, message, who, now, message.transaction_id, status_code=code, status_text=text)
