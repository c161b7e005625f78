"""Bugs of three peers in reading, writing and answering, as seen: one test each that ours has them not.

Each begins with what the peer does.
"""

import base64
import re
from typing import Any, cast

import pytest
from lxml import etree

from gateway.mm7 import Dialect, Envelope, Leaf, Multipart, Unreadable, read, write
from gateway.mm7.answers import Answer, Refusal, accepted, first_error, refusal_for, refused
from gateway.mm7.capture import read_capture
from gateway.mm7.messages import (
    CancelReq,
    DeliverReq,
    DeliveryReportReq,
    Fault,
    ReadReplyReq,
    ReplaceReq,
    Request,
    RSErrorRsp,
    SubmitReq,
)
from gateway.mm7.model import OPERATIONS, answer_to
from gateway.mm7.status import GPP
from gateway.mm7.table import Address, AddressKind, Content, Recipients, ReplyCharging
from gateway.mm7.times import parse_time
from gateway.mm7.versions import Release
from tests import oracle
from tests.shared import ROOT

pytestmark = pytest.mark.requirement("M-21")

PHONE = Address(AddressKind.NUMBER, "15555550100")
PICTURE = (ROOT / "fixtures/media/light.png").read_bytes()
DIALECT = Dialect()


def read_fixture(name: str) -> Envelope:
    capture = read_capture((ROOT / f"fixtures/wire/{name}.http").read_bytes())
    return read(capture.body, capture.content_type)[0]


def submit(**more: Any) -> SubmitReq:  # noqa: ANN401
    return SubmitReq("6.8.0", vasp_id="harbour-news", recipients=Recipients(to=(PHONE,)), **more)


def there_and_back(message: Request, content: Leaf | Multipart | None = None) -> Envelope:
    encoded = write(message, "tx-1", content=content, boundary="token")
    return read(encoded.body(), encoded.headers["Content-Type"])[0]


def said(answer: Answer) -> Any:  # noqa: ANN401
    return read(answer.body, answer.content_type)[0].message


# --- what is written


def test_text_is_escaped() -> None:
    """A subject with an ampersand made a SubmitReq that nobody could read, and it was sent until it expired."""
    message = submit(subject="Rock & Roll <3 ]]> \"quoted\" 'n' all")
    assert there_and_back(message).message == message


def test_booleans_are_lower_case() -> None:
    """`True` and `False` are no xs:boolean."""
    content = Content("cid:content", allow_adaptations=False)
    body = write(submit(delivery_report=True, read_reply=False, content=content), "tx-1").body()
    assert b"<DeliveryReport>true</DeliveryReport><ReadReply>false</ReadReply>" in body
    assert b'allowAdaptations="false"' in body


def test_names_are_the_schemas() -> None:
    """EarlistDeliveryTime, AuxApplicId, and reply charging in elements of its own were sent."""
    message = submit(
        earliest_delivery_time="PT1H",
        aux_applic_info="pier=7",
        reply_charging=ReplyCharging(30_000, "P3D"),
        delivery_condition=(1,),
    )
    body = write(message, "tx-1").body()
    for expected in (
        b"<EarliestDeliveryTime>PT1H</EarliestDeliveryTime>",
        b"<AuxApplicInfo>pier=7</AuxApplicInfo>",
        b'<ReplyCharging replyChargingSize="30000" replyDeadline="P3D"/>',
        b"<DeliveryCondition><DC>1</DC></DeliveryCondition>",
    ):
        assert expected in body


def test_every_child_is_in_the_namespace(shared_dir: object) -> None:  # noqa: ARG001
    """Answers had their operation in the namespace and its children in none: clients read status 0 and no MessageID."""
    request = read_fixture("clean/SubmitReq-REL-6-MM7-1-4")
    body = accepted(request, DIALECT, message_id="mms-1").body
    root = etree.fromstring(body)
    operation = root[1][0]
    assert {etree.QName(element).namespace for element in operation.iter()} == {Release.R6_4.uri}
    assert oracle.official("REL-6-MM7-1-4").why(operation) == ""


def test_a_deliverreq_has_a_sender(shared_dir: object) -> None:  # noqa: ARG001
    """A DeliverReq was written with SenderAddress where the schema has Sender."""
    body = write(DeliverReq("6.8.0", sender=PHONE, content=Content("cid:content")), "tx-1").body()
    assert b"<Sender><Number>15555550100</Number></Sender>" in body
    assert oracle.official("REL-6-MM7-1-4").why(etree.fromstring(body)[1][0]) == ""


def test_media_are_written_whole() -> None:
    """Text beyond 256 KB and pictures beyond 2 MB were cut, and nothing said so; the end of base64 was lost."""
    sizes = (256 * 1024 + 1, 2 * 1024 * 1024 + 1)
    leaves = tuple(Leaf("text/plain", b"a" * size, f"p{size}") for size in sizes)
    for encoding in ("binary", "base64"):
        dialect = Dialect(transfer_encoding=encoding)
        encoded = write(submit(content=Content("cid:content")), "tx-1", dialect, content=Multipart(leaves))
        envelope, _ = read(encoded.body(), encoded.headers["Content-Type"])
        assert tuple(len(leaf.data) for leaf in envelope.leaves) == sizes


# --- what is read


def test_entities_of_a_file_are_not_read() -> None:
    """A file of the server's came back in the TransactionID of the answer."""
    body = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x><TransactionID>&e;</TransactionID></x>'
    with pytest.raises(Unreadable) as problem:
        read(body, "text/xml")
    answer = refused(refusal_for(problem.value, DIALECT), DIALECT, from_relay=True, problem=problem.value)
    assert b"&amp;e;" in answer.body


def test_a_missing_priority_is_none() -> None:
    """A DeliverReq without Priority, which is optional, ended in HTTP 500."""
    message = cast(DeliverReq, read_fixture("clean/ReadReplyReq-REL-6-MM7-1-4").message)
    assert not hasattr(message, "priority")
    without = there_and_back(DeliverReq("6.8.0", sender=PHONE)).message
    assert cast(DeliverReq, without).priority is None


def test_the_offset_of_a_zone_is_kept() -> None:
    """12:30:00+01:00 was read as 12:30:00 in Greenwich."""
    message = cast(
        DeliverReq, there_and_back(DeliverReq("6.8.0", sender=PHONE, time_stamp="2026-01-31T12:30:00+01:00")).message
    )
    assert message.time_stamp == "2026-01-31T12:30:00+01:00"
    meant = parse_time(message.time_stamp)
    assert meant is not None
    assert meant.isoformat() == "2026-01-31T11:30:00+00:00"


def test_every_number_of_a_to_is_a_recipient() -> None:
    """Of two Numbers in one To only the last was kept, and 1000 was answered."""
    message = cast(SubmitReq, read_fixture("quirks/E06-several-numbers-in-one-to").message)
    assert message.recipients is not None
    assert [address.text for address in message.recipients.to] == ["15555550100", "15555550101", "15555550102"]


@pytest.mark.parametrize("name", ["quirks/E06-several-to", "clean/DeliverReq-every-element"])
def test_cc_and_bcc_are_read(name: str) -> None:
    """To was all that was read."""
    recipients = cast(SubmitReq, read_fixture(name).message).recipients
    assert recipients is not None
    assert recipients.cc
    assert len(recipients.all()) > len(recipients.to)


def test_who_sends_is_read_where_the_schema_has_it() -> None:
    """VASPID and VASID were looked for outside SenderIdentification, where they never are."""
    for name in ("SubmitReq", "CancelReq", "ReplaceReq"):
        message = cast(SubmitReq | CancelReq | ReplaceReq, read_fixture(f"clean/{name}-REL-6-MM7-1-4").message)
        assert (message.vasp_id, message.vas_id) == ("harbour-news", "28444mms")


def test_every_element_of_a_submit_is_read() -> None:
    """DeliveryReport, ReadReply, Priority, ExpiryDate and a dozen others were ignored: no report was ever sent."""
    message = cast(SubmitReq, read_fixture("clean/SubmitReq-every-element").message)
    absent = [name for name in message.__slots__ if getattr(message, name) in (None, ()) and name != "extras"]
    assert absent == []
    assert (message.delivery_report, message.read_reply, message.priority, message.expiry_date) == (
        True,
        False,
        "High",
        "P3D",
    )


def test_a_nested_multipart_is_opened() -> None:
    """What real VASPs send was stored as one opaque part."""
    assert [leaf.media_type for leaf in read_fixture("clean/SubmitReq-content-two-deep").leaves] == [
        "application/smil",
        "text/plain",
        "image/png",
    ]


@pytest.mark.parametrize("encoding", ["base64", "BASE64", " Base64 "])
def test_base64_is_decoded(encoding: str) -> None:
    """The picture stayed base64."""
    written = write(
        submit(content=Content("cid:content")),
        "tx-1",
        Dialect(transfer_encoding="base64"),
        content=Leaf("image/png", PICTURE, "content"),
    )
    body = written.body().replace(b"Encoding: base64", f"Encoding: {encoding}".encode())
    assert base64.b64encode(PICTURE)[:60] in body
    (leaf,) = read(body, written.headers["Content-Type"])[0].leaves
    assert bytes(leaf.data) == PICTURE


def test_parts_without_a_content_id_are_all_there_in_order() -> None:
    """They overwrote each other, and the order of the rest was by chance."""
    parts = tuple(Leaf("text/plain", str(number).encode()) for number in range(20))
    envelope = there_and_back(submit(content=Content("cid:content")), Multipart(parts))
    assert [bytes(leaf.data) for leaf in envelope.leaves] == [str(number).encode() for number in range(20)]


def test_content_ids_are_compared_whole() -> None:
    """They were compared as far as the shorter went: cid:1 was cid:10, and an empty one was any."""
    capture = read_capture((ROOT / "fixtures/attacks/cid-1-and-cid-10.http").read_bytes())
    envelope, _ = read(capture.body, capture.content_type)
    assert [bytes(leaf.data) for leaf in envelope.leaves] == [b"one"]


def test_a_message_may_have_no_content() -> None:
    """A DeliverReq and a SubmitReq without content were refused."""
    for message in (DeliverReq("6.8.0", sender=PHONE, subject="only this"), submit(subject="only this")):
        encoded = write(message, "tx-1")
        envelope, findings = read(encoded.body(), encoded.headers["Content-Type"])
        assert (envelope.leaves, first_error(findings, DIALECT)) == ((), None)


def test_operations_come_from_a_table_not_from_the_network() -> None:
    """The class to be made was named by the element that came in."""
    for name in ("java.lang.Runtime", "os.system", "Fault2", "SubmitReqx", "__class__"):
        with pytest.raises(Unreadable) as problem:
            read(
                f'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><{name}/></env:Body></env:Envelope>'.encode(),
                "text/xml",
            )
        assert (problem.value.rule.id, problem.value.rule.code) == ("operation.unknown", 4003)


def test_a_fault_is_read_whatever_the_http_status() -> None:
    """The Fault in an HTTP 500 was never read, so what was final was tried again; without a code its text was one."""
    with_code = read_fixture("faults/RSErrorRsp-as-specified").message
    assert isinstance(with_code, Fault)
    assert with_code.error is not None
    assert with_code.error.status_code == 4002
    without = read_fixture("faults/detail-missing").message
    assert isinstance(without, Fault)
    assert (without.error, without.fault_string) == (None, "the tower is dark")


def test_a_submitrsp_without_messageid_is_a_success() -> None:
    """It was taken for a failure, and the message sent again."""
    message = cast(Any, read_fixture("quirks/X14-submitrsp-without-messageid").message)
    assert (message.status_code, message.message_id) == (1000, None)


# --- how it is answered


@pytest.mark.parametrize("release", Release)
def test_the_answer_is_in_the_requests_namespace_and_version(release: Release) -> None:
    """Answers were in the link's own namespace and version, whatever the request's."""
    request = read_fixture(f"clean/SubmitReq-{release.suffix}")
    answer, _ = read(accepted(request, DIALECT, message_id="mms-1").body, "text/xml")
    assert (answer.namespace, answer.transaction_id) == (release.uri, "tx-0001")
    assert cast(Any, answer.message).mm7_version == cast(Any, request.message).mm7_version


@pytest.mark.parametrize("name", ["DeliverReq", "DeliveryReportReq", "ReadReplyReq", "CancelReq", "ReplaceReq"])
def test_the_answer_is_the_requests_own(name: str) -> None:
    """A read reply was answered with a DeliveryReportRsp."""
    request = read_fixture(f"clean/{name}-REL-6-MM7-1-4")
    message = said(accepted(request, DIALECT))
    assert isinstance(message, answer_to(cast(Request, request.message)))
    assert type(message).__name__ == OPERATIONS[name].answer


def test_an_answer_has_its_status_in_words() -> None:
    """StatusText was empty although there was a table of the texts."""
    request = read_fixture("clean/DeliverReq-REL-6-MM7-1-4")
    assert said(accepted(request, DIALECT)).status_text == "Success"
    assert all(code.text for code in GPP.values())
    assert (
        said(refused(Refusal(2002, "why", "x"), DIALECT, from_relay=True, request=request)).error.status_text
        == "Address Error"
    )


@pytest.mark.parametrize(("code", "status"), [(2000, 403), (4004, 500), (4006, 500), (2004, 500)])
def test_a_refusal_has_the_http_status_of_a_fault(code: int, status: int) -> None:
    """Faults came with HTTP 200, or with 400, 404, 422 and without a detail, the code in a header of the peer's own."""
    answer = refused(Refusal(code, "what was wrong", "x"), DIALECT, from_relay=True)
    assert answer.http_status == status
    fault = said(answer)
    assert isinstance(fault, Fault)
    assert isinstance(fault.error, RSErrorRsp)
    assert (fault.error.status_code, fault.error.details) == (code, "what was wrong")


@pytest.mark.parametrize(("ours", "element"), [(True, "RSErrorRsp"), (False, "VASPErrorRsp")])
def test_a_fault_says_whose_fault_it_is(ours: bool, element: str) -> None:  # noqa: FBT001
    """Its faultcode was Server, always."""
    theirs = refused(Refusal(4004, "", "x"), DIALECT, from_relay=ours)
    own = refused(Refusal(3000, "", "x", peers_fault=False), DIALECT, from_relay=ours)
    assert (said(theirs).fault_code, said(own).fault_code) == ("env:Client", "env:Server")
    assert type(said(theirs).error).__name__ == element


def test_what_cannot_be_parsed_is_a_validation_error() -> None:
    """A multipart cut short was answered 4000, malformed XML 2007, and a VASP that nobody knows 5000 or 2004."""
    malformed = read_capture((ROOT / "fixtures/wire/quirks/X08-wrong-end-tag.http").read_bytes())
    with pytest.raises(Unreadable) as problem:
        read(malformed.body, malformed.content_type)
    assert refusal_for(problem.value, DIALECT).code == 4004
    cut = read_capture((ROOT / "fixtures/wire/quirks/H14-cut-within-the-content.http").read_bytes())
    error = first_error(read(cut.body, cut.content_type)[1], DIALECT)
    assert error is not None
    assert refusal_for(error, DIALECT).code == 2004


def test_every_code_of_ours_is_one_of_the_protocols() -> None:
    """5000 is in no table of MM7."""
    assert {code // 1000 for code in GPP} == {1, 2, 3, 4}


def test_reports_and_read_replies_can_be_written() -> None:
    """A library could read them and not write them."""
    report = DeliveryReportReq(
        "6.8.0", message_id="mms-1", recipient=PHONE, sender=PHONE, date="2026-01-31T12:00:00Z", mm_status="Retrieved"
    )
    reply = ReadReplyReq(
        "6.8.0", message_id="mms-1", recipient=PHONE, sender=PHONE, time_stamp="2026-01-31T12:00:00Z", mm_status="Read"
    )
    assert [there_and_back(message).message for message in (report, reply)] == [report, reply]


def test_the_transaction_id_is_echoed_to_the_character() -> None:
    request = read_fixture("quirks/X10-transactionid-padded")
    body = accepted(request, DIALECT).body
    found = re.search(rb"<mm7:TransactionID[^>]*>([^<]*)<", body)
    assert found is not None
    assert found.group(1).decode() == request.transaction_id
