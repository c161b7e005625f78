"""How a submit ended, for people and for programs, and what will become of the message by itself."""

from dataclasses import dataclass

from gateway.cli.common import Failed, print_json
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.mm7.findings import printable
from gateway.router.submitted import SubmitAnswer

ACCEPTED = (1000, 1100)


@dataclass(frozen=True, slots=True)
class Sent:
    """How a submit ended, of a message that the store has or of one that nothing keeps."""

    tracking_id: str
    transaction_id: str
    outcome: Outcome
    stored: bool

    @property
    def answer(self) -> SubmitAnswer | None:
        answer = getattr(self.outcome, "answer", None)
        return answer if isinstance(answer, SubmitAnswer) else None


def show(sent: Sent, *, as_json: bool) -> int:
    """Prints it; returns the exit status. Raises Failed with the line for people where it was not accepted."""
    answer = sent.answer
    accepted = isinstance(sent.outcome, Delivered) and answer is not None and answer.status_code in ACCEPTED
    if as_json:
        print_json(
            {
                "accepted": accepted,
                "stored": sent.stored,
                "message_id": answer.message_id if answer is not None else None,
                "status_code": answer.status_code if answer is not None else None,
                "status_text": answer.status_text if answer is not None else None,
                "tracking_id": sent.tracking_id,
                "transaction_id": sent.transaction_id,
                "reason": getattr(sent.outcome, "reason", None),
            }
        )
        return 0 if accepted else 1
    if accepted and answer is not None:
        print(f"MessageID      {printable(answer.message_id or '– (the answer of the carrier has none)')}")
        print(f"status         {answer.status_code} {printable(answer.status_text or '')}".rstrip())
        print(f"TransactionID  {sent.transaction_id}")
        print(f"tracking id    {sent.tracking_id}")
        return 0
    raise Failed(f"{printable(_why(sent.outcome))} ({_kept(sent)})")


def _why(outcome: Outcome) -> str:
    match outcome:
        case Refused(reason):
            return f"refused: {reason}"
        case Deferred(reason):
            return f"not accepted yet: {reason}"
        case InDoubt(reason):
            return f"in doubt, the carrier may have it: {reason}"
        case Delivered():
            return "the carrier answered without a StatusCode"


def _kept(sent: Sent) -> str:
    """What there is of it now, and what will become of it by itself."""
    if not sent.stored:
        return "nothing is stored"
    match sent.outcome:
        case Deferred():
            return f"stored as {sent.tracking_id}: a running gateway tries it again"
        case InDoubt():
            return f"stored as {sent.tracking_id}: it is held, and not sent again by itself"
        case _:
            return f"stored as {sent.tracking_id}: it is not sent again"
