"""The SOAP layer: where operation, TransactionID and Fault are, however they are wrapped."""

import pytest

from gateway.mm7 import findings as rules
from gateway.mm7.messages import Fault, RSErrorRsp, SubmitReq, VASPErrorRsp
from gateway.mm7.versions import SOAP_11, SOAP_12
from tests.unit.mm7.samples import NEWEST, STATUS, SUBMIT, VERSION, enveloped, message, refused, seen, transaction

URI = NEWEST.uri
OPERATION = f'<SubmitReq xmlns="{URI}">{SUBMIT}</SubmitReq>'
ERROR = f'<RSErrorRsp xmlns="{URI}">{VERSION}{STATUS.replace("1000", "2002")}</RSErrorRsp>'
FAULT = "<e:Fault><faultcode>e:Client</faultcode><faultstring>Client error</faultstring><detail>{}</detail></e:Fault>"


@pytest.mark.requirement("M-21")
def test_an_envelope_as_it_should_be_has_no_findings() -> None:
    envelope, keys = seen(message("SubmitReq", SUBMIT))
    assert (envelope.operation, envelope.transaction_id, envelope.release, keys) == ("SubmitReq", "t-1", NEWEST, [])


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("octets", "keys"),
    [
        (enveloped(OPERATION, transaction(), SOAP_12), ["soap.version-1.2"]),
        (enveloped(OPERATION, transaction(), "urn:soap"), ["soap.namespace"]),
        (enveloped(OPERATION, transaction() + "<Other/>"), ["soap.header-extra:Other"]),
        (enveloped(OPERATION, transaction() + transaction(text="t-2")), ["header.transaction-id-again"]),
        (enveloped(OPERATION + "<More/>", transaction()), ["soap.body-extra"]),
        (enveloped(transaction() + OPERATION, ""), ["operation"]),
        (
            f'<e:Envelope xmlns:e="{SOAP_11}"><e:Header>{transaction()}</e:Header>{OPERATION}</e:Envelope>'.encode(),
            ["soap.fault-outside-body"],
        ),
        (
            f'<e:Envelope xmlns:e="{SOAP_11}">{transaction()}<e:Body>{OPERATION}</e:Body></e:Envelope>'.encode(),
            ["header.transaction-id-misplaced", "soap.body-extra"],
        ),
    ],
)
def test_odd_envelopes_are_read_and_noted(octets: bytes, keys: list[str]) -> None:
    if keys == ["operation"]:
        assert refused(octets).rule is rules.OPERATION_UNKNOWN
        return
    envelope, found = seen(octets)
    assert (envelope.operation, envelope.transaction_id, found) == ("SubmitReq", "t-1", keys)


@pytest.mark.requirement("M-21")
def test_an_operation_without_an_envelope_is_read() -> None:
    envelope, keys = seen(OPERATION.encode())
    assert (envelope.operation, envelope.transaction_id) == ("SubmitReq", None)
    assert keys == ["soap.envelope-missing", "header.transaction-id-missing"]


@pytest.mark.requirement("M-02")
@pytest.mark.parametrize(("name", "fault"), [("submitReq", False), ("MM7SubmitReq", False)])
def test_a_misspelt_operation_is_recognised(name: str, fault: bool) -> None:  # noqa: FBT001
    envelope, keys = seen(message(name, SUBMIT))
    assert isinstance(envelope.message, SubmitReq) is not fault
    assert keys == [f"element.misspelt:{name}"]


@pytest.mark.requirement("M-02")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("", rules.BODY_MISSING),
        ("<QueryStatusReq/>", rules.OPERATION_UNKNOWN),
        ("<MultiMediaSubmit/>", rules.PRE_SCHEMA),
    ],
)
def test_a_body_without_an_operation_that_we_know_is_refused_with_its_transaction_id(
    body: str, rule: rules.Rule
) -> None:
    error = refused(enveloped(body, transaction()))
    assert (error.rule, error.transaction_id) == (rule, "t-1")


def test_a_document_that_is_no_soap_is_refused() -> None:
    assert refused(b"<html/>").rule is rules.BODY_MISSING


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        ('e:mustUnderstand="1"', []),
        ('e:mustUnderstand="true" e:encodingStyle=""', ["soap.encoding-style"]),
        ('e:actor="urn:x"', ["soap.actor"]),
    ],
)
def test_the_attributes_of_a_transaction_id_are_understood(attributes: str, keys: list[str]) -> None:
    header = transaction().replace("<TransactionID", f"<TransactionID {attributes}")
    assert seen(enveloped(OPERATION, header))[1] == keys


@pytest.mark.requirement("M-21")
def test_a_transaction_id_is_kept_as_sent_and_compared_without_blanks() -> None:
    envelope, keys = seen(enveloped(OPERATION, transaction(text="\n t-1 ")))
    assert (envelope.transaction_id, envelope.transaction_key) == ("\n t-1 ", "t-1")
    assert keys == ["header.transaction-id-padded"]


@pytest.mark.parametrize("text", ["", "  ", "<x/>"])
def test_an_empty_transaction_id_is_none(text: str) -> None:
    envelope, keys = seen(enveloped(OPERATION, transaction(text=text)))
    assert (envelope.transaction_id, envelope.transaction_key) == (None, "")
    assert "header.transaction-id-missing" in keys


def test_a_transaction_id_may_be_wrapped_in_its_element() -> None:
    assert seen(enveloped(OPERATION, transaction(text="<x>t-1</x>")))[0].transaction_id == "t-1"


def test_an_answer_without_a_transaction_id_is_matched_by_its_exchange() -> None:
    octets = enveloped(f'<DeliverRsp xmlns="{URI}">{VERSION}{STATUS}</DeliverRsp>', "")
    assert seen(octets)[1] == ["header.transaction-id-absent-in-answer"]


@pytest.mark.requirement("M-02")
@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (FAULT.format(ERROR), []),
        (FAULT.format(ERROR).replace("faultcode>", "e:faultcode>"), ["soap.fault-qualified"]),
        (FAULT.format(ERROR.replace("RSErrorRsp", "rserrorrsp")), ["element.misspelt:rserrorrsp"]),
        (FAULT.format(f"<x>{ERROR}</x>"), []),
        (FAULT.format(STATUS.replace("1000", "2002")), ["soap.fault-shape"]),
        (FAULT.format("<StatusCode>2002</StatusCode><StatusText>Success</StatusText>"), ["soap.fault-shape"]),
    ],
)
def test_faults_of_every_shape_say_their_status(body: str, keys: list[str]) -> None:
    envelope, found = seen(enveloped(body, transaction()))
    fault = envelope.message
    assert isinstance(fault, Fault)
    assert (fault.fault_code, fault.fault_string) == ("e:Client", "Client error")
    assert isinstance(fault.error, RSErrorRsp)
    assert (fault.error.status_code, fault.error.status_text) == (2002, "Success")
    assert found == keys
    assert envelope.operation == "RSErrorRsp"


@pytest.mark.requirement("M-02")
def test_a_fault_in_soap_1_2_is_read_by_its_own_names() -> None:
    inner = "<e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>Client error</e:Text></e:Reason>"
    envelope, keys = seen(enveloped(f"<e:Fault>{inner}<e:Detail>{ERROR}</e:Detail></e:Fault>", transaction(), SOAP_12))
    assert isinstance(envelope.message, Fault)
    assert (envelope.message.fault_code, envelope.message.fault_string) == ("e:Sender", "Client error")
    assert keys == ["soap.version-1.2"]


@pytest.mark.requirement("M-02")
def test_a_fault_without_a_status_is_a_fault_all_the_same() -> None:
    envelope, keys = seen(enveloped(FAULT.format(""), transaction()))
    assert envelope.message == Fault("e:Client", "Client error")
    assert (envelope.operation, keys) == ("Fault", [])


@pytest.mark.requirement("M-02")
def test_a_response_in_a_fault_is_taken_for_its_status() -> None:
    body = FAULT.format(
        f'<SubmitRsp xmlns="{URI}">{VERSION}{STATUS.replace("1000", "4006")}<MessageID>m</MessageID></SubmitRsp>'
    )
    fault = seen(enveloped(body, transaction()))[0].message
    assert isinstance(fault, Fault)
    assert fault.error == RSErrorRsp("6.8.0", 4006, "Success")


@pytest.mark.requirement("M-02")
def test_an_error_without_a_fault_around_it_is_read() -> None:
    body = f'<VASPErrorRsp xmlns="{URI}">{VERSION}{STATUS.replace("1000", "2002")}</VASPErrorRsp>'
    envelope, keys = seen(enveloped(body, transaction()))
    assert isinstance(envelope.message, VASPErrorRsp)
    assert keys == ["soap.fault-missing"]
