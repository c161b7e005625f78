"""`POST /carrier/NAME`: a carrier's DeliverReq, DeliveryReportReq and ReadReplyReq; durable before it is answered.

Promise: 1000 only after `accept` returned. Everything else is refused with the code that says why, is counted and
logged without numbers or bodies, and leaves nothing stored. The south face answers 3GPP codes, whatever the profile
(decision 12).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import HttpVersion11, web

from gateway.carrier.incoming import Incomplete, new_mo, new_report
from gateway.carrier.link import CarrierLink
from gateway.log import Event, Log, where
from gateway.metrics import Metrics
from gateway.mm7 import Dialect, Envelope, Unreadable, read
from gateway.mm7.answers import Answer, Refusal, accepted, first_error, refusal_for, refused
from gateway.mm7.dialect import Codes
from gateway.mm7.limits import MAX_BODY
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, ReadReplyReq, SubmitReq
from gateway.mm7.model import OPERATIONS
from gateway.router.router import Router
from gateway.store.store import StoreBusy, StoreFailed
from gateway.web.access import Network, Verdict, speaker
from gateway.web.bodies import read_body
from gateway.web.listener import RECORDED
from gateway.web.memory import Memory, Overloaded, Share

FACE = "carrier"
#: bytes of a body, and of an envelope, above which it is read in a thread: the event loop stands still for about a
#: millisecond at most (base64 of the one size, elements without end of the other)
LARGE, LARGE_ENVELOPE = 384 * 1024, 16 * 1024
#: seconds that a whole body may take to arrive
BODY_SECONDS = 60.0
#: bytes of bodies that are held at a time, until they are stored
MOST_HELD = 256 * 1024 * 1024
RETRY_AFTER_SECONDS = 5

_WRONG_CREDENTIALS = Refusal(4001, "user name or password is wrong or missing", "access.credentials", http_status=401)
_WRONG_NETWORK = Refusal(
    4007, "this address is not on the carrier's list of networks", "access.network", http_status=403
)
_BUSY = Refusal(4006, "too much is waiting to be stored: try again", "store.busy", peers_fault=False, http_status=503)
_FAILED = Refusal(
    3000, "the message could not be stored: try again", "store.failed", peers_fault=False, http_status=500
)


@dataclass(frozen=True, slots=True)
class _Result:
    """An answer, and what may be said of the exchange in the log."""

    answer: Answer
    operation: str = ""
    transaction_id: str = ""
    tracking_id: str | None = None
    rule: str | None = None


class CarrierEndpoint:
    """`proxies` are the networks whose X-Forwarded-For is believed; a body may take `body_seconds` to arrive."""

    def __init__(
        self,
        links: Mapping[str, CarrierLink],
        router: Router,
        log: Log,
        metrics: Metrics,
        *,
        proxies: Sequence[Network] = (),
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._links: dict[str, CarrierLink] = {}
        self._router = router
        self._log = log
        self._metrics = metrics
        self._proxies = proxies
        self._body_seconds = body_seconds
        self._memory = Memory(MOST_HELD)
        self.reload(links)

    def reload(self, links: Mapping[str, CarrierLink]) -> None:
        """From the next request on."""
        self._links = {
            name: replace(link, dialect=replace(link.dialect, codes=Codes.GPP)) for name, link in links.items()
        }

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/carrier/{name}", self.handle, expect_handler=self.expect)]

    async def expect(self, request: web.Request) -> None:
        """`Expect: 100-continue`: go on, but not with a body that `handle` refuses before it reads it."""
        if request.headers.get("Expect", "").lower() != "100-continue":
            raise web.HTTPExpectationFailed(text="of expectations only 100-continue is known\n")
        link = self._links.get(request.match_info["name"])
        wanted = link is not None and self._verdict(request, link) is Verdict.ALLOWED
        if wanted and (request.content_length or 0) <= MAX_BODY and request.version >= HttpVersion11:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # the answer has not begun

    async def handle(self, request: web.Request) -> web.Response:
        link = self._links.get(request.match_info["name"])
        if link is None:
            return web.Response(status=404, text="no carrier of this name is configured\n")
        started = asyncio.get_running_loop().time()
        try:
            with self._memory.share() as share:
                result = await self._answer(request, link, share)
        except web.HTTPException:
            raise
        except ConnectionError:
            # Whoever was speaking has gone in the middle of the body: there is nobody to answer.
            self._metrics.rejected.labels(FACE, "gone").inc()
            self._log(Event.EXCHANGE_REJECTED, carrier=link.name, rule="http.body-cut")
            raise
        except Exception as error:  # noqa: BLE001  # a bug of ours: the peer is told to try again, and nobody what it sent
            self._log(Event.HANDLER_FAILED, kind=FACE, carrier=link.name, reason=where(error))
            result = _refused(_FAILED, link.dialect)
        self._record(link, result, asyncio.get_running_loop().time() - started)
        request[RECORDED] = True
        return _response(result.answer)

    async def _answer(self, request: web.Request, link: CarrierLink, share: Share) -> _Result:
        verdict = self._verdict(request, link)
        if verdict is not Verdict.ALLOWED:
            refusal = _WRONG_NETWORK if verdict is Verdict.WRONG_NETWORK else _WRONG_CREDENTIALS
            return _refused(refusal, link.dialect)
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await read_body(request, MAX_BODY, share)
            content_type = request.headers.get("Content-Type")
            reading: tuple[Any, ...] = (body, content_type, link.dialect)
            envelope, findings = read(*reading) if _is_quick(body) else await asyncio.to_thread(read, *reading)
        except Unreadable as problem:
            return _refused(refusal_for(problem, link.dialect), link.dialect, problem=problem)
        except Overloaded:
            return _refused(_BUSY, link.dialect)
        except TimeoutError as error:
            raise web.HTTPRequestTimeout(text=f"the body did not arrive within {self._body_seconds:g} s\n") from error
        for seen in findings:
            self._metrics.findings.labels(link.name, seen.rule.id).inc()
        finding = first_error(findings, link.dialect)
        if finding is not None:
            return _refused(refusal_for(finding, link.dialect), link.dialect, request=envelope)
        return await self._accept(envelope, link, request.headers)

    def _verdict(self, request: web.Request, link: CarrierLink) -> Verdict:
        forwarded_for = ",".join(request.headers.getall("X-Forwarded-For", ()))
        peer = speaker(request.remote or "", forwarded_for, self._proxies)
        return link.inbound.check(peer, request.headers.get("Authorization"))

    async def _accept(self, envelope: Envelope, link: CarrierLink, headers: Mapping[str, str]) -> _Result:
        message = envelope.message
        tracking_id: str | None
        message_id: str | None = None
        unmatched: Event | None
        try:
            match message:
                case DeliverReq() | SubmitReq():
                    mo = await self._router.accept_mo(new_mo(link.name, envelope, message, headers))
                    tracking_id = mo.tracking_id
                    unmatched = Event.MO_UNCLAIMED if mo.account is None else None
                    message_id = tracking_id if isinstance(message, SubmitReq) else None
                case DeliveryReportReq() | ReadReplyReq():
                    tracking_id = await self._router.accept_report(new_report(link.name, envelope, message))
                    unmatched = Event.REPORT_PARKED if tracking_id is None else None
                case _:
                    text = f"{envelope.operation} is not for a VASP: DeliverReq, DeliveryReportReq and ReadReplyReq are"
                    return _refused(Refusal(4003, text, "operation.unsupported"), link.dialect, request=envelope)
        except Incomplete as error:
            rule = f"element.missing:{error.element}"
            return _refused(Refusal(4004, str(error), rule), link.dialect, request=envelope)
        except StoreBusy:
            return _refused(_BUSY, link.dialect, request=envelope)
        except StoreFailed as error:
            self._log(Event.STORE_FAILED, carrier=link.name, reason=str(error))
            return _refused(_FAILED, link.dialect, request=envelope)
        self._metrics.accepted.labels(FACE, envelope.operation).inc()
        if unmatched is not None:
            self._metrics.unmatched.labels(link.name, envelope.operation).inc()
            self._log(unmatched, carrier=link.name, operation=envelope.operation, tracking_id=tracking_id)
        answer = accepted(envelope, link.dialect, message_id=message_id)
        return _Result(answer, envelope.operation, envelope.transaction_key, tracking_id)

    def _record(self, link: CarrierLink, result: _Result, seconds: float) -> None:
        operation = result.operation or "unknown"
        self._metrics.answered.labels(FACE, operation, str(result.answer.code)).inc()
        self._metrics.answer_seconds.labels(FACE, operation).observe(seconds)
        self._log(
            Event.EXCHANGE_ANSWERED if result.rule is None else Event.EXCHANGE_REJECTED,
            carrier=link.name,
            operation=operation,
            transaction_id=result.transaction_id[:64],
            tracking_id=result.tracking_id,
            code=result.answer.code,
            http_status=result.answer.http_status,
            rule=result.rule,
            ms=round(seconds * 1000, 2),
        )


def _is_quick(body: bytes) -> bool:
    """Whether a body can be read at once: it is small, or not large, with an envelope that ends early."""
    return len(body) <= LARGE_ENVELOPE or (len(body) <= LARGE and body.find(b"Envelope>", 0, LARGE_ENVELOPE) >= 0)


def _refused(
    refusal: Refusal, dialect: Dialect, *, request: Envelope | None = None, problem: Unreadable | None = None
) -> _Result:
    answer = refused(refusal, dialect, from_relay=False, request=request, problem=problem)
    source = request or problem
    # A name that is not ours is the peer's text: neither a label nor a word for the log.
    operation = source.operation if source is not None and source.operation in OPERATIONS else ""
    transaction_id = ((source.transaction_id if source is not None else None) or "").strip()
    return _Result(answer, operation or "", transaction_id, rule=refusal.rule)


def _response(answer: Answer) -> web.Response:
    response = web.Response(status=answer.http_status, body=answer.body, headers={"Content-Type": answer.content_type})
    if answer.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="MM7", charset="UTF-8"'
    elif answer.http_status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    elif answer.http_status == 413:
        # The rest of the body is not read, so the connection is of no further use.
        response.force_close()
    return response
