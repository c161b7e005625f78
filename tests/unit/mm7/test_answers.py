"""Answers: which response, which code, which HTTP status, in whose namespace and version."""

from dataclasses import replace

import pytest

from gateway.mm7 import Envelope, Level, Release, Unreadable, read
from gateway.mm7 import findings as rules
from gateway.mm7.answers import Answer, Refusal, accepted, first_error, in_release, refusal_for, refused
from gateway.mm7.dialect import Codes, Dialect
from gateway.mm7.findings import Finding
from gateway.mm7.messages import (
    DeliverReq,
    DeliverRsp,
    DeliveryReportReq,
    DeliveryReportRsp,
    ExtendedCancelReq,
    ExtendedCancelRsp,
    Fault,
    ReadReplyReq,
    ReadReplyRsp,
    Request,
    Response,
    RSErrorRsp,
    SubmitReq,
    SubmitRsp,
    VASPErrorRsp,
)
from gateway.mm7.profiles import profile
from tests.unit.mm7.samples import refused as unreadable

GPP, SINCH = profile("3gpp-6.8.0"), profile("sinch")
NOTHING = Refusal(2000, "no", "some.rule")


def request(message: Request, release: Release = Release.R6_4, namespace: str | None = None) -> Envelope:
    return Envelope(message, " t-1", release, release.uri if namespace is None else namespace)


def said(answer: Answer) -> Envelope:
    return read(answer.body, answer.content_type)[0]


def fault_of(answer: Answer) -> Fault:
    fault = said(answer).message
    assert isinstance(fault, Fault)
    return fault


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize(
    ("message", "response"),
    [
        (DeliverReq("6.8.0"), DeliverRsp("6.8.0", 1000, "Success")),
        (DeliveryReportReq("6.8.0"), DeliveryReportRsp("6.8.0", 1000, "Success")),
        (ReadReplyReq("6.8.0"), ReadReplyRsp("6.8.0", 1000, "Success")),
    ],
)
def test_a_request_is_accepted_with_its_own_response_and_transaction_id(message: Request, response: Response) -> None:
    answer = accepted(request(message), GPP, message_id="not for these")
    assert (answer.http_status, answer.code, answer.content_type) == (200, 1000, "text/xml; charset=utf-8")
    envelope = said(answer)
    assert envelope.transaction_id == " t-1"
    assert envelope.message == response


@pytest.mark.requirement("M-01")
def test_a_submit_is_accepted_with_a_message_id() -> None:
    answer = accepted(request(SubmitReq("6.8.0")), SINCH, message_id="m-1", code=1100)
    assert said(answer).message == SubmitRsp("6.8.0", 1100, "Partial success", None, "m-1")


@pytest.mark.requirement("M-02")
def test_a_response_that_has_no_status_text_is_written_without() -> None:
    answer = accepted(request(ExtendedCancelReq("6.8.0")), GPP)
    assert said(answer).message == ExtendedCancelRsp("6.8.0", 1000)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "asked", "version"),
    [(Release.R5_3, "5.5.0", "5.5.0"), (Release.R5_3, "6.8.0", "5.6.0"), (Release.R6_4, None, "6.8.0")],
)
def test_an_answer_is_in_the_namespace_and_version_of_the_request(
    release: Release, asked: str | None, version: str
) -> None:
    envelope = said(accepted(request(DeliverReq(asked), release), GPP))
    assert (envelope.release, envelope.namespace) == (release, release.uri)
    assert envelope.message.mm7_version == version  # type: ignore[union-attr]


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(("namespace", "answered"), [("urn:strange", "urn:strange"), ("", Release.R6_4.uri)])
def test_a_strange_namespace_is_echoed_and_none_is_the_dialects(namespace: str, answered: str) -> None:
    assert said(accepted(request(DeliverReq("6.8.0"), namespace=namespace), GPP)).namespace == answered


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("code", "dialect", "status"),
    [
        (2568, SINCH, 401),
        (2000, SINCH, 403),
        (2560, SINCH, 413),
        (2502, SINCH, 500),
        (4004, GPP, 500),
        (4004, profile("mbuni"), 200),
    ],
)
def test_the_http_status_of_a_refusal(code: int, dialect: Dialect, status: int) -> None:
    answer = refused(replace(NOTHING, code=code), dialect, from_relay=True)
    assert (answer.http_status, answer.code) == (status, code)


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(("from_relay", "type_"), [(True, RSErrorRsp), (False, VASPErrorRsp)])
def test_a_refusal_is_a_fault_with_the_error_of_the_side_that_answers(
    from_relay: bool,  # noqa: FBT001
    type_: type[RSErrorRsp | VASPErrorRsp],
) -> None:
    answer = refused(
        replace(NOTHING, code=2502), SINCH, from_relay=from_relay, request=request(SubmitReq("5.6.0"), Release.R5_3)
    )
    envelope = said(answer)
    assert envelope.transaction_id == " t-1"
    assert envelope.message == Fault(
        "env:Client", "Missing destination address", type_("5.6.0", 2502, "Missing destination address", "no")
    )
    assert Release.R5_3.uri.encode() in answer.body


@pytest.mark.requirement("M-16")
def test_our_own_fault_is_the_servers() -> None:
    fault = fault_of(refused(Refusal(3000, "disk full", "store.full", peers_fault=False), GPP, from_relay=True))
    assert (fault.fault_code, fault.fault_string) == ("env:Server", "Server Error")


@pytest.mark.requirement("M-16")
def test_a_code_of_the_other_table_is_described_too() -> None:
    assert fault_of(refused(replace(NOTHING, code=2571), GPP, from_relay=True)).fault_string == "No recipient"
    assert fault_of(refused(replace(NOTHING, code=2999), GPP, from_relay=True)).fault_string == "Client error"


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(("dialect", "code"), [(GPP, None), (SINCH, 2510)])
def test_a_missing_transaction_id_is_refused_as_the_dialect_has_it(dialect: Dialect, code: int | None) -> None:
    problem = Finding(rules.TRANSACTION_ID_MISSING, 12, "there is no TransactionID")
    fault = fault_of(refused(refusal_for(problem, dialect), dialect, from_relay=True))
    if code is None:
        assert (fault.fault_code, fault.error) == ("env:Client.TransactionID", None)
    else:
        assert fault.error is not None
        assert fault.error.status_code == code


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("rule", "gpp", "sinch"),
    [
        (rules.VERSION_UNKNOWN, 4002, 2505),
        (rules.XML_MALFORMED, 4004, 2007),
        (rules.OPERATION_UNKNOWN, 4003, 2512),
        (rules.NAMESPACE_UNKNOWN, 4004, 2507),
        (rules.BASE64_DAMAGED, 2004, 2513),
    ],
)
def test_a_problem_has_a_code_in_each_table(rule: rules.Rule, gpp: int, sinch: int) -> None:
    problem = Unreadable(rule, 7, "because")
    assert (refusal_for(problem, GPP).code, refusal_for(problem, SINCH).code) == (gpp, sinch)
    assert refusal_for(problem, GPP).details == f"because (byte 7, {rule.clause}, rule {rule.id})"


@pytest.mark.requirement("M-16")
def test_a_body_that_is_too_large_is_413_whatever_the_code() -> None:
    refusal = refusal_for(Unreadable(rules.BODY_TOO_LARGE, 0, "too large"), GPP)
    assert refused(refusal, GPP, from_relay=True).http_status == 413


@pytest.mark.requirement("M-16")
def test_an_unreadable_request_is_refused_in_its_namespace_where_that_is_known() -> None:
    problem = Unreadable(rules.OPERATION_UNKNOWN, 0, "unknown", "X", "t-9", Release.R5_1.uri)
    answer = refused(refusal_for(problem, GPP), GPP, from_relay=True, problem=problem)
    envelope = said(answer)
    assert envelope.transaction_id == "t-9"
    assert Release.R5_1.uri.encode() in answer.body
    other = Unreadable(rules.OPERATION_UNKNOWN, 0, "unknown", "X", "t-9", "urn:x")
    assert b"urn:x" not in refused(refusal_for(other, GPP), GPP, from_relay=True, problem=other).body


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<e:Envelope><TransactionID>\x00\x01&lt;</TransactionID>", "text/xml"),
        (b"hello", "a\x01\x02\udcff/b"),
        (b"--b\r\n\r\n<x>\xff\xfe</x>", "multipart/mixed; boundary=\x07"),
    ],
)
def test_whatever_a_peer_sends_can_be_refused(body: bytes, content_type: str) -> None:
    problem = unreadable(body, content_type)
    fault = fault_of(refused(refusal_for(problem, GPP), GPP, from_relay=True, problem=problem))
    assert fault.error is not None


@pytest.mark.requirement("M-16")
def test_a_fault_can_be_refused_as_well() -> None:
    answer = refused(NOTHING, GPP, from_relay=True, request=Envelope(Fault("Client", "no"), "t-1"))
    assert fault_of(answer).error == RSErrorRsp("6.8.0", 2000, "Client error", "no")


@pytest.mark.requirement("U-07")
def test_the_first_finding_that_is_an_error_to_the_dialect_counts() -> None:
    found = [Finding(rules.ORDER, 1, ""), Finding(rules.ELEMENT_MISSING, 2, "", "Recipients")]
    assert first_error(found, GPP) is None
    assert first_error(found, Dialect(levels={"element.missing:Recipients": Level.ERROR})) is found[1]


def test_a_dialect_in_another_release_is_made_once() -> None:
    assert in_release(GPP, GPP.release) is GPP
    assert in_release(GPP, Release.R5_3) is in_release(GPP, Release.R5_3)
    assert in_release(Dialect(codes=Codes.SINCH), Release.R5_3).version == "5.6.0"
