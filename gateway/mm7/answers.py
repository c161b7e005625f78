"""What a request is answered with: the response that belongs to it, or a Fault; as messages, with their HTTP status.

TS 23.140 §8.7.8.6: success and partial success in the operation's own response; errors in a SOAP Fault with RSErrorRsp
or VASPErrorRsp in its detail; an error of the TransactionID in a Fault without detail. Decisions 12 and 13 say which
code, which HTTP status and which version.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from gateway.mm7 import findings as rules
from gateway.mm7.dialect import Codes, Dialect
from gateway.mm7.envelope import Envelope
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Finding, Level
from gateway.mm7.limits import MAX_NAMESPACE
from gateway.mm7.messages import Fault, Request, Response, RSErrorRsp, VASPErrorRsp
from gateway.mm7.model import answer_to
from gateway.mm7.names import without_no_characters
from gateway.mm7.status import GPP, SINCH, Code, describe
from gateway.mm7.versions import Release, answer_version, recognise
from gateway.mm7.writer import write_envelope

#: HTTP statuses of refusals that HTTP itself has a word for; any other is the dialect's.
_HTTP_STATUS = {2568: 401, 2000: 403, 2560: 413}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not accepted: the StatusCode, and what is said about it in Details."""

    code: int
    details: str
    rule: str
    peers_fault: bool = True
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, ready to be sent (and to be repeated byte for byte)."""

    http_status: int
    content_type: str
    body: bytes
    code: int


def first_error(findings: Iterable[Finding], dialect: Dialect) -> Finding | None:
    """The first finding that this dialect takes for an error."""
    return next((finding for finding in findings if dialect.level(finding) is Level.ERROR), None)


def refusal_for(problem: Finding | Unreadable, dialect: Dialect) -> Refusal:
    """The refusal that a finding or an unreadable body calls for; Details say what was wrong and where."""
    key = problem.key if isinstance(problem, Finding) else problem.rule.id
    details = (
        f"{without_no_characters(problem.text)} (byte {problem.offset}, {problem.rule.clause}, rule {problem.rule.id})"
    )
    status = 413 if problem.rule is rules.BODY_TOO_LARGE else None
    return Refusal(dialect.code(problem.rule, key), details, problem.rule.id, http_status=status)


def accepted(request: Envelope, dialect: Dialect, *, message_id: str | None = None, code: int = 1000) -> Answer:
    """The response that accepts a request, with its TransactionID, in its namespace and version."""
    message = cast(Request, request.message)
    release = request.release or dialect.release
    fields: dict[str, Any] = {
        "mm7_version": answer_version(release, message.mm7_version),
        "status_code": code,
        "status_text": _described(code, dialect).text,
    }
    type_ = cast("type[Response]", answer_to(message))
    if message_id is not None and hasattr(type_, "message_id"):
        fields["message_id"] = message_id
    if not hasattr(type_, "status_text"):
        del fields["status_text"]
    response = type_(**fields)
    body = write_envelope(response, request.transaction_id, in_release(dialect, release), request.namespace)
    return Answer(200, dialect.envelope_type, body, code)


def refused(
    refusal: Refusal,
    dialect: Dialect,
    *,
    from_relay: bool,
    request: Envelope | None = None,
    problem: Unreadable | None = None,
) -> Answer:
    """The Fault that refuses a request, with its TransactionID where that could be made out."""
    release, namespace = _namespace_for(dialect, request, problem)
    source = request if request is not None else problem
    transaction_id = source.transaction_id if source is not None else None
    known = _described(refusal.code, dialect)
    bare = refusal.rule == rules.TRANSACTION_ID_MISSING.id and dialect.codes is Codes.GPP
    if bare:
        fault = Fault("Client.TransactionID", f"TransactionID is missing: {refusal.details}")
    else:
        asked = request.message.mm7_version if request is not None and not isinstance(request.message, Fault) else None
        error_type = RSErrorRsp if from_relay else VASPErrorRsp
        error = error_type(answer_version(release, asked), refusal.code, known.text, refusal.details)
        fault = Fault("Client" if refusal.peers_fault else "Server", known.text, error)
    body = write_envelope(fault, transaction_id, in_release(dialect, release), namespace)
    status = refusal.http_status or _HTTP_STATUS.get(refusal.code, dialect.fault_http_status)
    return Answer(status, dialect.envelope_type, body, refusal.code)


def _described(code: int, dialect: Dialect) -> Code:
    tables = (SINCH, GPP) if dialect.codes is Codes.SINCH else (GPP, SINCH)
    return next((table[code] for table in tables if code in table), describe(code))


def _namespace_for(dialect: Dialect, request: Envelope | None, problem: Unreadable | None) -> tuple[Release, str]:
    """A Fault is in the namespace of what it answers, where that is known."""
    if request is not None:
        return request.release or dialect.release, request.namespace
    namespace = (problem.namespace or "") if problem is not None else ""
    # One that we would not read ourselves is not echoed.
    release = recognise(namespace).release if 0 < len(namespace) <= MAX_NAMESPACE else None
    return (release, namespace) if release is not None else (dialect.release, "")


@lru_cache(maxsize=256)
def in_release(dialect: Dialect, release: Release) -> Dialect:
    """The dialect, writing in another schema's release; one object for each, since encoders are kept by it."""
    if release is dialect.release:
        return dialect
    return replace(dialect, release=release, version=answer_version(release, dialect.version), namespace="")
