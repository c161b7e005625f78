"""A carrier on the desk: takes submits, gives MessageIDs, sends delivery reports, and sends MOs when told to.

It speaks whatever version the submit is in, keeps what it took in an inbox, and sends to one VASP. Faults on demand,
magic numbers and a web page come with the conformance kit.
"""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
from aiohttp import web

from gateway.clock import Clock, Ids
from gateway.mm7 import Address, Content, Dialect, Envelope, Leaf, Multipart, Recipients, Unreadable, read, write
from gateway.mm7.answers import Answer, Refusal, accepted, first_error, refusal_for, refused
from gateway.mm7.body import BodyCollector
from gateway.mm7.limits import MAX_BODY
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, Request, SubmitReq
from gateway.mm7.times import write_time

ANSWER_SECONDS = 10.0
#: submits that the inbox keeps, with their content: the last ones
MOST_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MmscSettings:
    """`vasp_url` is where reports and MOs go, with Basic credentials where `username` is set. Times are seconds."""

    vasp_url: str
    dialect: Dialect
    username: str | None = None
    password: str = field(default="", repr=False)
    report_status: str = "Retrieved"
    report_delay: float = 0.5
    relay_server_id: str = "simulated-mmsc"


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submit of the inbox."""

    message_id: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the VASP answered to something that the MMSC sent it; HTTP status 0: no answer came."""

    operation: str
    transaction_id: str
    http_status: int
    answer: Envelope | None


Listener = Callable[[Submitted | Delivered], None]


class SimulatedMmsc:
    """`routes()` into an aiohttp application; `start` and `stop` around its life."""

    def __init__(self, settings: MmscSettings, clock: Clock, ids: Ids, listener: Listener = lambda _seen: None) -> None:
        self.inbox: deque[Submitted] = deque(maxlen=MOST_KEPT)
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._listener = listener
        self._client: aiohttp.ClientSession | None = None
        self._reports: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/mm7", self.handle), web.post("/", self.handle)]

    async def start(self) -> None:
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS))

    async def stop(self) -> None:
        for report in self._reports:
            report.cancel()
        await asyncio.gather(*self._reports, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
        except Unreadable as problem:
            answer = self._unreadable(problem)
        else:
            answer = self._answer(body, request.headers.get("Content-Type"))
        response = web.Response(
            status=answer.http_status, body=answer.body, headers={"Content-Type": answer.content_type}
        )
        if answer.http_status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            response.force_close()  # the rest of the body is not read
        return response

    def _answer(self, body: bytes, content_type: str | None) -> Answer:
        dialect = self._settings.dialect
        try:
            envelope, findings = read(body, content_type, dialect)
        except Unreadable as problem:
            return self._unreadable(problem)
        error = first_error(findings, dialect)
        if error is not None:
            return refused(refusal_for(error, dialect), dialect, from_relay=True, request=envelope)
        if not isinstance(envelope.message, SubmitReq):
            refusal = Refusal(4003, f"{envelope.operation} is not simulated", "operation.unsupported")
            return refused(refusal, dialect, from_relay=True, request=envelope)
        submitted = Submitted(self._ids.tracking_id(), envelope)
        self.inbox.append(submitted)
        self._listener(submitted)
        self._spawn(self._report(submitted, envelope.message))
        return accepted(envelope, dialect, message_id=submitted.message_id)

    def _unreadable(self, problem: Unreadable) -> Answer:
        dialect = self._settings.dialect
        return refused(refusal_for(problem, dialect), dialect, from_relay=True, problem=problem)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _report(self, submitted: Submitted, submit: SubmitReq) -> None:
        """One report for each recipient who is not only displayed (TS 23.140 §8.7.4)."""
        if submit.delivery_report is False or submit.recipients is None:
            return
        await asyncio.sleep(self._settings.report_delay)
        for recipient in submit.recipients.all():
            if recipient.display_only:
                continue
            report = DeliveryReportReq(
                mm7_version=self._settings.dialect.version,
                mms_relay_server_id=self._settings.relay_server_id,
                message_id=submitted.message_id,
                recipient=recipient,
                sender=submit.sender or recipient,
                date=write_time(self._clock.now()),
                mm_status=self._settings.report_status,
            )
            try:
                await self.send(report)
            except (aiohttp.ClientError, TimeoutError):
                self._listener(Delivered(type(report).__name__, "", 0, None))

    async def send_mo(
        self, sender: Address, recipient: Address, content: Leaf | Multipart, subject: str | None = None
    ) -> Delivered:
        """A message from a phone to the VASP."""
        mo = DeliverReq(
            mm7_version=self._settings.dialect.version,
            mms_relay_server_id=self._settings.relay_server_id,
            linked_id=self._ids.tracking_id(),
            sender=sender,
            recipients=Recipients(to=(recipient,)),
            time_stamp=write_time(self._clock.now()),
            priority="Normal",
            subject=subject,
            content=Content("cid:content"),
        )
        return await self.send(mo, content)

    async def send(self, message: Request, content: Leaf | Multipart | None = None) -> Delivered:
        """Sends a request to the VASP, once. Raises aiohttp.ClientError, TimeoutError."""
        assert self._client is not None, "start() comes first"
        settings = self._settings
        transaction_id = self._ids.transaction_id()
        boundary = transaction_id.replace("-", "")
        encoded = write(message, transaction_id, settings.dialect, content=content, boundary=boundary)
        headers = encoded.headers | _authorization(settings)
        async with self._client.post(settings.vasp_url, data=encoded.body(), headers=headers) as response:
            body = await response.content.read(MAX_BODY)
            answer = _read_answer(body, response.headers.get("Content-Type"), settings.dialect)
            delivered = Delivered(type(message).__name__, transaction_id, response.status, answer)
        self._listener(delivered)
        return delivered


async def _body(request: web.Request) -> bytes:
    """Raises Unreadable for one that is larger than MAX_BODY."""
    collector = BodyCollector(MAX_BODY, request.content_length or 0)
    async for chunk in request.content.iter_any():
        collector.feed(chunk)
    return collector.close()


def _read_answer(body: bytes, content_type: str | None, dialect: Dialect) -> Envelope | None:
    try:
        return read(body, content_type, dialect)[0]
    except Unreadable:
        return None


def _authorization(settings: MmscSettings) -> dict[str, str]:
    if settings.username is None:
        return {}
    token = base64.b64encode(f"{settings.username}:{settings.password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {token}"}
