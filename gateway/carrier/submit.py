"""A stored MT as a SubmitReq, and a carrier's answer as an outcome. Pure.

The same stored message gives the same bytes each time (promise P8), so that an attempt that is repeated after a lost
answer is a retransmission that the carrier can recognise: TransactionID, TimeStamp and boundary are the message's own.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from gateway.carrier.link import CarrierLink
from gateway.delivery.http import HttpAnswer
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.mm7 import Address, AddressKind, Content, Encoded, Leaf, Multipart, Recipients, Unreadable, read, write
from gateway.mm7.addresses import classify
from gateway.mm7.dialect import Dialect
from gateway.mm7.envelope import Envelope
from gateway.mm7.findings import printable
from gateway.mm7.messages import Fault, SubmitReq
from gateway.mm7.status import Verdict, describe, judge
from gateway.mm7.times import write_time
from gateway.router.submitted import SubmitAnswer
from gateway.store.records import Message, Part, Recipient

CONTENT_ID = "content"
_SMIL = "application/smil"
#: elements that a face may have asked for and that go out as they are
_PASSED = ("service_code", "message_class", "priority", "read_reply", "earliest_delivery_time", "applic_id")
#: HTTP answers without SOAP that say the message was not taken, and might be another time
# 502 is none of them: a proxy says it too when the carrier took the request and died before it answered.
_LATER = frozenset({401, 403, 404, 407, 408, 421, 425, 429, 503})
_DENIED = MappingProxyType(
    {
        401: "the carrier's user name or password is wrong or missing in our configuration",
        403: "the carrier does not let us in: is our address on its list, are user name and password right?",
        407: "the proxy wants a user name and password",
    }
)
#: characters of a carrier's text that a reason quotes
_QUOTED = 200


def build(message: Message, content: Sequence[tuple[Part, bytes]], link: CarrierLink) -> Encoded:
    """The SubmitReq of a message. Raises Unwritable where the carrier's schema has no place for it."""
    fields: dict[str, Any] = json.loads(message.fields)
    submit = SubmitReq(
        mm7_version=link.dialect.version,
        vasp_id=link.vaspid,
        vas_id=link.vasid,
        sender=classify(message.sender),
        recipients=_recipients(message.recipients),
        linked_id=message.linked_id,
        time_stamp=write_time(message.accepted_at),
        expiry_date=write_time(message.expires_at) if message.expires_at is not None else None,
        # The carrier is always asked: what an account wants to be told is the account's affair (decision 8).
        delivery_report=True,
        subject=message.subject,
        content=Content(f"cid:{CONTENT_ID}") if content else None,
        **{name: fields[name] for name in _PASSED if fields.get(name) is not None},
    )
    boundary = message.transaction_id.replace("-", "")
    return write(
        submit, message.transaction_id, link.dialect, content=_content(content, link.dialect), boundary=boundary
    )


def _recipients(recipients: Sequence[Recipient]) -> Recipients:
    lists: dict[str, list[Address]] = {"to": [], "cc": [], "bcc": []}
    for recipient in recipients:
        kind = AddressKind.RFC2822 if "@" in recipient.number else AddressKind.NUMBER
        lists[recipient.kind].append(Address(kind, recipient.number, True if recipient.display_only else None))
    return Recipients(tuple(lists["to"]), tuple(lists["cc"]), tuple(lists["bcc"]))


def _content(content: Sequence[tuple[Part, bytes]], dialect: Dialect) -> Leaf | Multipart | None:
    leaves = tuple(
        Leaf(part.media_type, data, part.content_id or f"part{part.position}", part.content_location or "")
        for part, data in content
    )
    if not leaves:
        return None
    if len(leaves) == 1 and dialect.single_part_bare:
        return Leaf(leaves[0].media_type, leaves[0].data, CONTENT_ID, leaves[0].content_location)
    start = next((leaf.content_id for leaf in leaves if leaf.media_type.startswith(_SMIL)), "")
    return Multipart(leaves, content_id=CONTENT_ID, start=start, start_type=_SMIL)


def read_answer(answer: HttpAnswer, transaction_id: str, dialect: Dialect) -> Outcome:
    """What became of a submit: the SOAP content decides, and the HTTP status where there is none (interop H1)."""
    retry_after = _retry_after(answer.headers)
    if answer.cut:
        return InDoubt(f"HTTP {answer.status} and an answer that is too long or broke off")
    if not answer.body.strip():
        return _without_soap(answer, "an empty body", retry_after, dialect)
    try:
        envelope, _ = read(answer.body, answer.headers.get("Content-Type"), dialect)
    except Unreadable as problem:
        return _without_soap(answer, problem.rule.id, retry_after, dialect)
    key = envelope.transaction_key
    if key and key != transaction_id:
        return InDoubt("the answer has the TransactionID of another exchange")
    code, status_text, message_id = _status(envelope)
    if code is None:
        if isinstance(envelope.message, Fault):
            return _bare_fault(envelope.message, retry_after)
        return InDoubt(f"{envelope.operation or 'the answer'} has no StatusCode")
    reply = SubmitAnswer(status_code=code, status_text=status_text, message_id=message_id)
    return _judged(reply, retry_after, dialect)


def _judged(answer: SubmitAnswer, retry_after: float | None, dialect: Dialect) -> Outcome:
    code = answer.status_code
    reason = f"{code} {describe(code).text}"
    if answer.status_text and answer.status_text != describe(code).text:
        reason += f": {_quoted(answer.status_text)}"
    match judge(code, dialect.retryable, dialect.permanent):
        case Verdict.ACCEPTED:
            return Delivered(answer)
        case Verdict.RETRYABLE:
            return Deferred(reason, retry_after)
        case Verdict.PERMANENT:
            return Refused(reason, answer)


def _status(envelope: Envelope) -> tuple[int | None, str | None, str | None]:
    message = envelope.message.error if isinstance(envelope.message, Fault) else envelope.message
    code = getattr(message, "status_code", None)
    return code, getattr(message, "status_text", None), getattr(message, "message_id", None)


def _bare_fault(fault: Fault, retry_after: float | None) -> Outcome:
    """A Fault without a StatusCode: SOAP 1.1 §4.4.1 says whose fault it is, and that a Server's may pass."""
    server = "server" in fault.fault_code.lower()
    reason = f"a Fault without StatusCode: {_quoted(f'{fault.fault_code}: {fault.fault_string}')}"
    return Deferred(reason, retry_after) if server else Refused(reason)


def _without_soap(answer: HttpAnswer, why: str, retry_after: float | None, dialect: Dialect) -> Outcome:
    """No SOAP: the HTTP status may still say that nothing was taken. What says neither is in doubt (decision 7)."""
    reason = f"HTTP {answer.status} and no SOAP answer: {_DENIED.get(answer.status, why)}"
    if 200 <= answer.status < 300 and not answer.body.strip() and dialect.blank_answer_accepts:
        return Delivered(SubmitAnswer(status_code=1000))
    if answer.status in _LATER:
        return Deferred(reason, retry_after)
    if 300 <= answer.status < 500:
        return Refused(reason)
    return InDoubt(reason)


def _quoted(text: str) -> str:
    """A carrier's text in a reason: in quotation marks and at its end, so that the log can leave it out."""
    return f'"{printable(" ".join(text.split()))[:_QUOTED]}"'


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; the form with a date is not taken, as our clock and theirs may differ."""
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) <= 6 else None
