"""The carrier on the desk: what it takes, what it reports, what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from gateway.clock import CountingIds, FixedClock
from gateway.mm7 import LENIENT, Address, AddressKind, Content, Leaf, Multipart, Recipients, read, write
from gateway.mm7.dialect import Strictness
from gateway.mm7.messages import CancelReq, SubmitReq
from gateway.simulator import mmsc
from gateway.simulator.mmsc import Delivered, MmscSettings, SimulatedMmsc, Submitted
from tests.integration.running import eventually, said

NUMBER = AddressKind.NUMBER
TO = Recipients(
    to=(Address(NUMBER, "15555550100"), Address(NUMBER, "15555550101", display_only=True)),
    cc=(Address(NUMBER, "15555550102"),),
)
SUBMIT = SubmitReq(mm7_version="6.8.0", vasp_id="v", recipients=TO, delivery_report=True, content=Content("cid:c"))


class Vasp:
    """What the MMSC reports to."""

    def __init__(self) -> None:
        self.reports: list[dict[str, str]] = []
        self.authorizations: list[str | None] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers.get("Authorization"))
        body = await request.read()
        if request.headers["Content-Type"].startswith("text/xml"):
            self.reports.append(said(body))
        return web.Response(body=b"<html/>", content_type="text/html")


@asynccontextmanager
async def on_the_desk(**settings: object) -> AsyncIterator[tuple[SimulatedMmsc, Vasp, list[Submitted | Delivered]]]:
    vasp, seen = Vasp(), list[Submitted | Delivered]()
    app = web.Application()
    app.router.add_post("/", vasp.handle)
    async with TestServer(app) as server:
        values = {"vasp_url": str(server.make_url("/")), "dialect": LENIENT, "report_delay": 0.0} | settings
        simulated = SimulatedMmsc(MmscSettings(**values), FixedClock(), CountingIds(), seen.append)  # type: ignore[arg-type]
        await simulated.start()
        yield simulated, vasp, seen
        await simulated.stop()


def submitted(submit: SubmitReq | CancelReq = SUBMIT) -> tuple[bytes, str]:
    content = Leaf("image/png", b"png", "c") if isinstance(submit, SubmitReq) else None
    encoded = write(submit, "txn-1", LENIENT, content=content, boundary="b")
    return b"".join(bytes(chunk) for chunk in encoded.chunks), encoded.headers["Content-Type"]


async def test_a_submit_is_kept_answered_and_reported_for_each_who_gets_it() -> None:
    async with on_the_desk() as (simulated, vasp, seen):
        answer = said(simulated._answer(*submitted()).body)
        assert (answer["operation"], answer["StatusCode"], answer["TransactionID"]) == ("SubmitRsp", "1000", "txn-1")
        await eventually(lambda: len(vasp.reports) == 2)
        assert {report["Number"] for report in vasp.reports} == {"15555550100", "15555550102"}
        assert {report["MMStatus"] for report in vasp.reports} == {"Retrieved"}
        assert {report["MessageID"] for report in vasp.reports} == {answer["MessageID"]}
        assert simulated.inbox[0].message_id == answer["MessageID"]
        await eventually(lambda: len(seen) == 3)
        assert [type(one).__name__ for one in seen] == ["Submitted", "Delivered", "Delivered"]


async def test_who_wants_no_report_gets_none() -> None:
    async with on_the_desk() as (simulated, vasp, _):
        simulated._answer(*submitted(replace(SUBMIT, delivery_report=False)))
        while simulated._reports:
            await next(iter(simulated._reports))
        assert vasp.reports == []


async def test_credentials_are_presented_where_it_has_any() -> None:
    async with on_the_desk(username="acme", password="geheim") as (simulated, vasp, _):
        await simulated.send_mo(
            Address(NUMBER, "15555550100"), Address(AddressKind.SHORT_CODE, "28444"), Leaf("text/plain", b"x")
        )
        assert vasp.authorizations == ["Basic YWNtZTpnZWhlaW0="]
        assert "geheim" not in repr(simulated._settings)


async def test_an_answer_that_is_no_mm7_is_seen_as_that() -> None:
    async with on_the_desk() as (simulated, _, _seen):
        content = Multipart((Leaf("text/plain", b"x", "t"),), content_id="content")
        delivered = await simulated.send_mo(Address(NUMBER, "1"), Address(AddressKind.SHORT_CODE, "2"), content, "Hi")
        assert (delivered.operation, delivered.http_status, delivered.answer) == ("DeliverReq", 200, None)


async def test_a_report_that_nobody_takes_is_told_and_breaks_nothing() -> None:
    async with on_the_desk(vasp_url="http://127.0.0.1:9/") as (simulated, _, seen):
        simulated._answer(*submitted())
        await eventually(lambda: len(seen) == 3)
        assert seen[1] == Delivered("DeliveryReportReq", "", 0, None)


async def test_stopping_gives_up_what_was_to_be_reported() -> None:
    async with on_the_desk(report_delay=3600.0) as (simulated, vasp, _):
        simulated._answer(*submitted())
        await simulated.stop()
        assert vasp.reports == []
        assert not simulated._reports


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"", "text/xml", "4004"),
        (b"<html/>", "text/html", "4004"),
        (*submitted(CancelReq(mm7_version="6.8.0", message_id="m-1")), "4003"),
    ],
)
async def test_what_it_does_not_take_is_refused(body: bytes, content_type: str, code: str) -> None:
    async with on_the_desk() as (simulated, _, seen):
        answer = said(simulated._answer(body, content_type).body)
        assert (answer["operation"], answer["StatusCode"]) == ("RSErrorRsp", code)
        assert seen == []


@pytest.mark.requirement("U-09")
async def test_a_submit_that_is_too_large_is_413_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it says so before it sends or is found to be so on the way."""
    monkeypatch.setattr(mmsc, "MAX_BODY", 1000)

    async def in_chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 500

    async with on_the_desk() as (simulated, _, seen):
        app = web.Application()
        app.add_routes(simulated.routes())
        async with TestServer(app) as server, ClientSession() as client:
            for data in (b"x" * 1001, in_chunks()):
                async with client.post(server.make_url("/mm7"), data=data) as answer:
                    fault = said(await answer.read())
                assert (answer.status, fault["operation"], fault["StatusCode"]) == (413, "RSErrorRsp", "2004")
        assert seen == []


async def test_a_strict_one_refuses_what_a_lenient_one_takes() -> None:
    async with on_the_desk(dialect=replace(LENIENT, strictness=Strictness.STRICT)) as (simulated, _, seen):
        body, content_type = submitted()
        odd = body.replace(b"<DeliveryReport>true<", b"<DeliveryReport>Yes<")
        assert odd != body
        assert said(simulated._answer(odd, content_type).body)["StatusCode"] == "4004"
        assert seen == []


async def test_the_inbox_keeps_only_the_last_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmsc, "MOST_KEPT", 3)
    async with on_the_desk() as (simulated, _, _seen):
        for _ in range(5):
            simulated._answer(*submitted(replace(SUBMIT, delivery_report=False)))
        assert len(simulated.inbox) == 3


async def test_it_can_be_sent_nothing_before_it_is_started() -> None:
    simulated = SimulatedMmsc(
        MmscSettings(vasp_url="http://127.0.0.1:9/", dialect=LENIENT), FixedClock(), CountingIds()
    )
    await simulated.stop()
    envelope, _ = read(*submitted())
    assert envelope.operation == "SubmitReq"
    with pytest.raises(AssertionError, match="start"):
        await simulated.send(CancelReq(mm7_version="6.8.0", message_id="m"))
