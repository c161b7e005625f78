"""zeep, a SOAP client that shares no code with us, takes our WSDLs as they are: we read what it builds, and it
reads what we answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import zeep
from aiohttp import web
from aiohttp.test_utils import TestServer
from lxml import etree

from gateway.mm7 import Dialect, Level, Release, contract, read, write
from gateway.mm7.messages import Fault, Message, RSErrorRsp, SubmitReq, SubmitRsp
from gateway.mm7.model import Direction, Operation, operation_of, operations_in
from gateway.mm7.table import FROM_5_2, FROM_6_1, Kind
from gateway.mm7.versions import VERSIONS
from tests import oracle, shared, strategies
from tests.integration.running import HANDSET, SHORT_CODE, House
from tests.plain import Plain, by_kind, plain

WSDL_DIRECTORY = Path(__file__).resolve().parents[2] / "wsdl"
PORTS = {Direction.TO_RELAY: "MM7RelayServer", Direction.TO_VASP: "MM7VASP"}
#: How many random messages of each operation zeep builds; it takes a millisecond for one.
RANDOM = 5

every_pair = pytest.mark.parametrize(
    ("release", "operation"),
    [pytest.param(*pair, id=f"{pair[0].suffix}-{pair[1].name}") for pair in strategies.pairs()],
)


def client_at(wsdl: Path) -> Any:  # noqa: ANN401
    client: Any = zeep.Client  # untyped
    return client(str(wsdl))


@lru_cache(maxsize=len(Release))
def client_of(release: Release) -> Any:  # noqa: ANN401
    return client_at(WSDL_DIRECTORY / f"mm7-{release.suffix}.wsdl")


def as_zeep_wants_it(message: Plain, release: Release) -> Plain:
    """A plain message as zeep's arguments: texts and what may repeat stand under `_value_1`."""
    return {name: _argument(name, value, release) for name, value in message.items()}


def _argument(name: str, value: Any, release: Release) -> Any:  # noqa: ANN401
    if name == "Details":
        details = etree.Element(f"{{{release.uri}}}Text")
        details.text = value
        return {"_value_1": [details]}
    if isinstance(value, list):
        return [_argument(name, item, release) for item in value]
    if not isinstance(value, dict):
        return value
    inner = as_zeep_wants_it(value, release)
    if name in ("Recipients", "To", "Cc", "Bcc"):
        return {"_value_1": [{name: item} for name, items in inner.items() for item in items]}
    return {"_value_1" if name == "text" else name: item for name, item in inner.items()}


def with_defaults(message: Message, release: Release) -> Message:
    """A message with the attributes that zeep fills in, as the schema names what their absence means."""
    filled: Message = _filled(message, release)
    elements = operation_of(message).elements  # type: ignore[arg-type]
    if release in FROM_5_2 or not any(element.row.kind is Kind.SENDER_ADDRESS for element in elements):
        return filled
    sender: Any = getattr(message, "sender")  # noqa: B009  # a text then, which has no attributes
    return replace(filled, sender=sender)


def _filled(value: Any, release: Release) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return tuple(_filled(item, release) for item in value)
    if not is_dataclass(value):
        return value
    changes = {field.name: _filled(getattr(value, field.name), release) for field in fields(value)}
    defaults = {"display_only": False} | ({"allow_adaptations": True} if release in FROM_6_1 else {})
    absent = {name for name in defaults if name in changes and changes[name] is None}
    return replace(value, **changes | {name: defaults[name] for name in absent})  # type: ignore[type-var]


def messages(release: Release, operation: Operation) -> Iterator[Message]:
    rng = Random(f"zeep {release.suffix} {operation.name}")
    yield strategies.smallest(release, operation)
    yield strategies.fullest(release, operation)
    for _ in range(RANDOM):
        yield strategies.message(rng, release, operation)


@pytest.mark.requirement("C-03", "M-02")
@every_pair
def test_zeep_builds_every_message_from_our_wsdl_and_we_read_it(release: Release, operation: Operation) -> None:
    element = client_of(release).get_element(f"{{{release.uri}}}{operation.name}")

    for message in map(by_kind, messages(release, operation)):
        around = etree.Element("around")
        element.render(around, element(**as_zeep_wants_it(plain(message, release), release)))

        envelope, _ = read(etree.tostring(around[0]), "text/xml")

        assert envelope.message == with_defaults(message, release)
        if not release.inferred and shared.find() is not None:
            assert oracle.official(release.suffix).why(around[0]) == ""


@pytest.mark.requirement("C-03", "M-02")
@pytest.mark.parametrize("release", Release, ids=lambda release: release.suffix)
def test_zeep_sends_each_request_with_its_transaction_id_and_no_soap_action(release: Release) -> None:
    client = client_of(release)
    for operation in operations_in(release):
        if not operation.is_request:
            continue
        message = by_kind(strategies.fullest(release, operation))
        service = client.bind("MM7", PORTS[operation.direction])
        arguments = as_zeep_wants_it(plain(message, release), release)

        sent = client.create_message(service, operation.name, **arguments, _soapheaders={"TransactionID": "txn-1"})
        envelope, findings = read(etree.tostring(sent), "text/xml; charset=utf-8")

        assert (envelope.operation, envelope.transaction_id, envelope.release) == (operation.name, "txn-1", release)
        assert envelope.message == with_defaults(message, release)
        # zeep sends no content along.
        assert {finding.rule.id for finding in findings if finding.rule.level > Level.INFO} <= {"content.missing"}
        assert service._binding.get(operation.name).soapaction == ""


# --- over HTTP


async def relay(request: web.Request) -> web.Response:
    """A Relay/Server in five lines: it accepts a SubmitReq, and refuses one that has no Subject."""
    envelope, _ = read(await request.read(), request.headers["Content-Type"])
    assert isinstance(envelope.message, SubmitReq)
    assert envelope.release is not None
    assert request.headers["SOAPAction"] == '""'
    dialect = Dialect(release=envelope.release, version=str(envelope.message.mm7_version))
    message_id = "msg-1" if envelope.release >= Release.R5_1 else None
    answer: Message = SubmitRsp(dialect.version, 1000, "Success", message_id=message_id)
    if envelope.message.subject is None:
        answer = Fault("Client", "refused", RSErrorRsp(dialect.version, 2007, "Message format corrupt", "no Subject"))
    encoded = write(answer, envelope.transaction_id, dialect)
    status = 500 if isinstance(answer, Fault) else 200
    return web.Response(body=encoded.body(), status=status, headers={"Content-Type": encoded.headers["Content-Type"]})


@pytest.fixture
async def relay_url() -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/mm7", relay)
    async with TestServer(application) as server:
        yield str(server.make_url("/mm7"))


def submit(wsdl: Path, release: Release, **elements: Any) -> Any:  # noqa: ANN401
    """Submits with a zeep client made of a WSDL at a path; what zeep makes of the answer."""
    service = client_at(wsdl).bind("MM7", "MM7RelayServer")
    to = {"_value_1": [{"To": {"_value_1": [{"Number": "15555550100"}, {"RFC2822Address": "a@customer.example"}]}}]}
    return service.SubmitReq(
        MM7Version=VERSIONS[release][0],
        SenderIdentification={"VASPID": "vasp", "VASID": "vas"},
        Recipients=to,
        **elements,
        _soapheaders={"TransactionID": "txn-7"},
    )


@pytest.mark.requirement("C-03", "M-01")
@pytest.mark.parametrize("release", Release, ids=lambda release: release.suffix)
async def test_zeep_submits_and_understands_our_answer(release: Release, relay_url: str, tmp_path: Path) -> None:
    wsdl = tmp_path / "mm7.wsdl"
    wsdl.write_bytes(contract.wsdl(release, relay_url))

    answer = await asyncio.to_thread(submit, wsdl, release, Subject="Grüße & Küsse")

    assert answer.body.Status.StatusCode == 1000
    assert answer.body.Status.StatusText == "Success"
    assert getattr(answer.body, "MessageID", "msg-1") == "msg-1"
    header = answer.header.TransactionID
    assert (header if release < Release.R5_2 else header["_value_1"]) == "txn-7"


@pytest.mark.requirement("C-03", "M-02")
@pytest.mark.parametrize("release", Release, ids=lambda release: release.suffix)
async def test_zeep_sees_our_refusal_as_a_fault_with_its_detail(
    release: Release, relay_url: str, tmp_path: Path
) -> None:
    wsdl = tmp_path / "mm7.wsdl"
    wsdl.write_bytes(contract.wsdl(release, relay_url))

    with pytest.raises(zeep.exceptions.Fault) as refusal:
        await asyncio.to_thread(submit, wsdl, release)

    assert (refusal.value.code, refusal.value.message) == ("env:Client", "refused")
    error = client_of(release).get_element(f"{{{release.uri}}}RSErrorRsp")
    detail = refusal.value.detail
    assert detail is not None
    parsed = error.parse(detail[0], client_of(release).wsdl.types)
    assert (parsed.Status.StatusCode, parsed.Status.StatusText) == (2007, "Message format corrupt")


def report(wsdl: Path, message_id: str) -> Any:  # noqa: ANN401
    """Reports with a zeep client that a message was retrieved; what zeep makes of the answer."""
    return (
        client_at(wsdl)
        .bind("MM7", "MM7VASP")
        .DeliveryReportReq(
            MM7Version="6.8.0",
            MessageID=message_id,
            Recipient={"Number": HANDSET},
            Sender={"ShortCode": SHORT_CODE},
            Date="2026-01-31T12:00:00Z",
            MMStatus="Retrieved",
            _soapheaders={"TransactionID": "txn-of-zeep"},
        )
    )


@pytest.mark.requirement("C-02", "C-03", "M-01")
async def test_zeep_reports_to_the_gateway(house: House, tmp_path: Path) -> None:
    """Given a message that its carrier took, when zeep reports, then it gets 1000, and the application N102."""
    tracking_id = await house.submit()
    await house.application.told("N101")
    wsdl = tmp_path / "mm7.wsdl"
    wsdl.write_bytes(contract.wsdl(Release.R6_4, f"{house.url}/carrier/acme"))

    answer = await asyncio.to_thread(report, wsdl, "acme-1")

    assert answer.body.Status.StatusCode == 1000
    assert answer.header.TransactionID["_value_1"] == "txn-of-zeep"
    assert (await house.application.told("N102"))["tracking-id"] == tracking_id
