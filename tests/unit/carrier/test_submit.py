"""What a SubmitReq is made of, and the table of what a carrier's answer leads to: every row of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from multidict import CIMultiDict

from gateway.carrier.link import CarrierLink
from gateway.carrier.submit import build, read_answer
from gateway.delivery.http import HttpAnswer
from gateway.delivery.outcome import Deferred, Delivered, InDoubt, Outcome, Refused
from gateway.log import masked
from gateway.mm7 import LENIENT, read
from gateway.mm7.messages import SubmitReq
from gateway.mm7.status import GPP, Verdict
from gateway.router.submitted import SubmitAnswer
from gateway.store.records import Message, Part, Recipient
from tests.integration.running import fault, said, status
from tests.unit.making import mt

ID = "txn-of-mt-1"


def answer(body: bytes, http_status: int = 200, content_type: str = "text/xml", **headers: str) -> HttpAnswer:
    found = CIMultiDict(
        {"Content-Type": content_type} | {name.replace("_", "-"): text for name, text in headers.items()}
    )
    return HttpAnswer(http_status, found, body)


def outcome(said_by_carrier: HttpAnswer) -> Outcome:
    return read_answer(said_by_carrier, ID, LENIENT)


def rsp(code: int, transaction_id: str = ID, extra: str = "<MessageID>m-1</MessageID>") -> bytes:
    return status("SubmitRsp", code, transaction_id, extra)


# --- the table


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("code", [1000, 1100])
@pytest.mark.parametrize("http_status", [200, 202, 500, 503], ids=str)
def test_accepted_whatever_http_says(code: int, http_status: int) -> None:
    """The SOAP content decides (interop H1): a carrier that answers 1000 with HTTP 500 has it."""
    assert outcome(answer(rsp(code), http_status)) == Delivered(
        SubmitAnswer(status_code=code, status_text="Said so", message_id="m-1")
    )


@pytest.mark.parametrize("code", sorted(GPP))
def test_each_3gpp_code_leads_where_the_table_of_codes_says(code: int) -> None:
    kinds = {Verdict.ACCEPTED: Delivered, Verdict.RETRYABLE: Deferred, Verdict.PERMANENT: Refused}
    assert isinstance(outcome(answer(rsp(code))), kinds[GPP[code].verdict])
    assert isinstance(outcome(answer(fault(code, ID), 500)), kinds[GPP[code].verdict])


@pytest.mark.parametrize(
    ("code", "kind"), [(3999, Deferred), (4999, Refused), (2999, Refused), (200, Refused), (5000, Refused)]
)
def test_unknown_codes_go_by_their_class(code: int, kind: type[Outcome]) -> None:
    assert isinstance(outcome(answer(rsp(code))), kind)


@pytest.mark.requirement("U-07")
def test_a_profile_may_know_a_code_better() -> None:
    lenient = replace(LENIENT, retryable=frozenset({2001}), permanent=frozenset({3000}))
    assert isinstance(read_answer(answer(rsp(2001)), ID, lenient), Deferred)
    assert isinstance(read_answer(answer(rsp(3000)), ID, lenient), Refused)


def test_a_refusal_carries_its_answer_and_a_reason_with_its_code() -> None:
    assert outcome(answer(fault(2002, ID), 500)) == Refused(
        '2002 Address Error: "Said so"', SubmitAnswer(status_code=2002, status_text="Said so", message_id=None)
    )


def test_a_status_without_text_gets_that_of_the_table() -> None:
    body = rsp(2002).replace(b"<StatusText>Said so</StatusText>", b"")
    found = outcome(answer(body))
    assert isinstance(found, Refused)
    assert found.reason == "2002 Address Error"


@pytest.mark.requirement("U-13")
def test_what_a_carrier_wrote_stands_where_the_log_leaves_it_out() -> None:
    wrote = 'no "user"\n15555550100'
    for body in (
        rsp(2002).replace(b"Said so", wrote.encode()),
        bare_fault("env:Client").replace(b">no<", b">" + wrote.encode() + b"<"),
    ):
        found = outcome(answer(body, 500))
        assert isinstance(found, Refused)
        assert wrote.replace("\n", " ") in found.reason
        assert "user" not in masked(found.reason)
        assert "555" not in masked(found.reason)


def test_an_answer_that_was_cut_is_in_doubt_whatever_its_status() -> None:
    for http_status in (200, 401, 503):
        assert isinstance(outcome(replace(answer(b"", http_status), cut=True)), InDoubt)


def test_wrong_credentials_are_said_to_be_that() -> None:
    found = outcome(answer(b"<html>", 401, "text/html"))
    assert isinstance(found, Deferred)
    assert "user name or password is wrong or missing" in found.reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 7, None),
    ],
)
def test_retry_after_in_seconds_only(value: str, seconds: float | None) -> None:
    assert outcome(answer(fault(4006, ID), 503, Retry_After=value)) == Deferred(
        f'4006 {GPP[4006].text}: "Said so"', seconds
    )
    found = outcome(answer(b"", 503, Retry_After=value))
    assert isinstance(found, Deferred)
    assert found.retry_after == seconds


@pytest.mark.requirement("U-03")
def test_a_transaction_id_must_be_ours_where_there_is_one() -> None:
    assert isinstance(outcome(answer(rsp(1000, "another"))), InDoubt)
    assert isinstance(outcome(answer(fault(2002, "another"), 500)), InDoubt)
    assert isinstance(outcome(answer(rsp(1000, f"  {ID}\n"))), Delivered)
    assert isinstance(outcome(answer(rsp(1000, ""))), Delivered)


@pytest.mark.requirement("U-03")
def test_no_status_code_is_in_doubt() -> None:
    assert outcome(answer(rsp(1000).replace(b"<StatusCode>1000</StatusCode>", b""))) == InDoubt(
        "SubmitRsp has no StatusCode"
    )
    assert isinstance(outcome(answer(rsp(1000).replace(b">1000<", b">OK<"))), InDoubt)


def bare_fault(code: str) -> bytes:
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
        f"<faultcode>{code}</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    ("code", "kind"), [("e:Server", Deferred), ("soap-env:Server.Busy", Deferred), ("e:Client", Refused), ("", Refused)]
)
def test_a_fault_without_a_status_code_goes_by_whose_fault_it_is(code: str, kind: type[Outcome]) -> None:
    assert isinstance(outcome(answer(bare_fault(code), 500)), kind)


HTML = b"<html><body>Something happened</body></html>"


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("body", [b"", b"  \r\n", HTML, b"\x00\x01"], ids=["empty", "blanks", "HTML", "bytes"])
@pytest.mark.parametrize(
    ("http_status", "kind"),
    [
        (200, InDoubt),
        (202, InDoubt),
        (301, Refused),
        (302, Refused),
        (400, Refused),
        (401, Deferred),
        (403, Deferred),
        (404, Deferred),
        (405, Refused),
        (407, Deferred),
        (408, Deferred),
        (410, Refused),
        (413, Refused),
        (415, Refused),
        (421, Deferred),
        (425, Deferred),
        (429, Deferred),
        (500, InDoubt),
        (502, InDoubt),  # a proxy's word for a carrier that took it and died before it answered
        (503, Deferred),
        (504, InDoubt),  # a proxy between us gave up waiting: the carrier may have it
        (599, InDoubt),
    ],
)
def test_without_soap_http_says_whether_it_was_taken(body: bytes, http_status: int, kind: type[Outcome]) -> None:
    found = outcome(answer(body, http_status, "text/html"))
    assert isinstance(found, kind)
    assert getattr(found, "reason", "").startswith(f"HTTP {http_status} and no SOAP answer: ")


@pytest.mark.requirement("U-07")
def test_a_blank_answer_accepts_only_where_a_profile_says_so_and_only_with_2xx() -> None:
    believing = replace(LENIENT, blank_answer_accepts=True)
    assert read_answer(answer(b"", 200), ID, believing) == Delivered(SubmitAnswer(status_code=1000))
    assert isinstance(read_answer(answer(b" \n", 204), ID, believing), Delivered)
    assert isinstance(read_answer(answer(b"", 500), ID, believing), InDoubt)
    assert isinstance(read_answer(answer(HTML, 200), ID, believing), InDoubt)


# --- what is written

LINK = CarrierLink(name="acme", url="http://127.0.0.1:9/", vaspid="vasp", vasid="svc")


def content(*named: tuple[str, bytes]) -> list[tuple[Part, bytes]]:
    return [
        (
            Part(
                tracking_id="mt-1",
                position=position,
                media_type=media_type,
                name=None,
                content_id=None,
                content_location=None,
                size=len(data),
                sha256="",
                token="",
            ),
            data,
        )
        for position, (media_type, data) in enumerate(named)
    ]


def written(message: Message, link: CarrierLink = LINK, *named: tuple[str, bytes]) -> tuple[bytes, SubmitReq]:
    encoded = build(message, content(*named), link)
    body = b"".join(bytes(chunk) for chunk in encoded.chunks)
    envelope, findings = read(body, encoded.headers["Content-Type"])
    assert findings == ()
    assert isinstance(envelope.message, SubmitReq)
    return body, envelope.message


@pytest.mark.requirement("C-01")
def test_the_same_message_gives_the_same_bytes() -> None:
    """Promise P8: so that a repeated attempt is a retransmission that a carrier can recognise."""
    parts = ("application/smil", b"<smil/>"), ("image/png", b"png")
    assert written(mt(), LINK, *parts)[0] == written(mt(), LINK, *parts)[0]


@pytest.mark.requirement("C-01")
def test_recipients_by_kind_and_shape() -> None:
    people = (
        Recipient(position=0, number="15555550100"),
        Recipient(position=1, number="me@example.net", kind="cc"),
        Recipient(position=2, number="15555550101", kind="bcc", display_only=True),
    )
    _, submit = written(replace(mt(), recipients=people))
    assert submit.recipients is not None
    assert [(a.kind.value, a.text) for a in submit.recipients.to] == [("Number", "15555550100")]
    assert [(a.kind.value, a.text) for a in submit.recipients.cc] == [("RFC2822Address", "me@example.net")]
    assert [a.display_only for a in submit.recipients.bcc] == [True]


def test_the_carrier_is_always_asked_for_a_report() -> None:
    _, submit = written(replace(mt(), wants_reports=False))
    assert submit.delivery_report is True


def test_what_a_face_asked_for_goes_out_as_it_is_and_nothing_else_of_its_fields() -> None:
    fields = json.dumps({"priority": "High", "service_code": "free", "vasp_id": "mine", "read_reply": None})
    body, submit = written(replace(mt(), fields=fields))
    assert (submit.priority, submit.service_code, submit.vasp_id, submit.read_reply) == ("High", "free", "vasp", None)
    assert b"mine" not in body


def test_without_an_expiry_none_is_written() -> None:
    assert written(replace(mt(), expires_at=None))[1].expiry_date is None
    assert written(mt())[1].expiry_date is not None


def test_without_content_there_is_no_content_element() -> None:
    body, submit = written(mt())
    assert submit.content is None
    assert said(body)["Number"] == "15555550100"


@pytest.mark.requirement("U-07")
def test_a_single_part_stands_bare_where_a_profile_says_so() -> None:
    bare = replace(LINK, dialect=replace(LENIENT, single_part_bare=True))
    body, _ = written(mt(), bare, ("image/png", b"png"))
    assert body.count(b"Content-Type: multipart") == 0
    assert b"Content-ID: <content>" in body
    body, _ = written(mt(), bare, ("image/png", b"png"), ("text/plain", b"hi"))
    assert body.count(b"Content-Type: multipart") == 1


def test_without_a_smil_the_content_has_no_start() -> None:
    body, _ = written(mt(), LINK, ("image/png", b"png"))
    assert b"start=" not in body
    body, _ = written(mt(), LINK, ("image/png", b"png"), ("application/smil", b"<smil/>"))
    assert b'start="<part1>"' in body
