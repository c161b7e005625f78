"""Messages as plain values for JSON."""

import json

import pytest

from gateway.mm7 import Address, AddressKind, Content, Envelope, Recipients, Release
from gateway.mm7.jsonable import envelope_as_json, message_as_json
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, Fault, RSErrorRsp, SubmitReq
from gateway.mm7.table import Extra, ReplyCharging, SentAt, UACapabilities, UserAgent

NUMBER = Address(AddressKind.NUMBER, "1")


@pytest.mark.requirement("U-08")
def test_every_element_is_there_and_absent_ones_are_none() -> None:
    found = message_as_json(SubmitReq("6.8.0", recipients=Recipients(to=(NUMBER,))), Release.R6_4)
    assert found["recipients"] == {"to": [{"number": "1", "display_only": None}], "cc": [], "bcc": []}
    assert found["priority"] is None
    assert "extras" not in found


@pytest.mark.requirement("U-08")
def test_values_of_every_type_are_plain() -> None:
    coded = Address(AddressKind.SHORT_CODE, "2", True, "encrypted", "a")
    submit = SubmitReq(
        reply_charging=ReplyCharging(9, "P1D"),
        content=Content("cid:a"),
        delivery_condition=(1, 2),
        sender=coded,
        extras=(Extra("CPID", "1"),),
    )
    deliver = DeliverReq(
        previouslysentby=(UserAgent(NUMBER, 2),),
        previouslysentdateandtime=(SentAt("P1D", 1),),
        ua_capabilities=UACapabilities("p"),
    )
    found = json.loads(json.dumps(message_as_json(submit, None) | message_as_json(deliver, None)))
    assert found["reply_charging"] == {"reply_charging_size": 9, "reply_deadline": "P1D"}
    assert message_as_json(submit, None)["content"] == {"href": "cid:a", "allow_adaptations": None}
    assert found["delivery_condition"] == [1, 2]
    assert message_as_json(submit, None)["sender"] == {
        "short_code": "2",
        "display_only": True,
        "address_coding": "encrypted",
        "id": "a",
    }
    assert found["extras"] == [{"name": "CPID", "text": "1"}]
    assert found["previouslysentby"] == [{"number": "1", "display_only": None, "sequence": 2}]
    assert found["previouslysentdateandtime"] == [{"date_time": "P1D", "sequence": 1}]
    assert found["ua_capabilities"] == {"ua_prof": "p", "time_stamp": None}


@pytest.mark.requirement("U-08")
@pytest.mark.parametrize(("release", "key"), [(Release.R5_3, "date"), (Release.R5_4, "time_stamp"), (None, "date")])
def test_an_element_has_the_name_that_its_schema_gives_it(release: Release | None, key: str) -> None:
    assert message_as_json(DeliveryReportReq(date="x"), release)[key] == "x"


@pytest.mark.requirement("U-08")
def test_a_fault_shows_its_own_texts_and_the_status_in_its_detail() -> None:
    fault = Fault("env:Client", "", RSErrorRsp("6.8.0", 2002, "Address Error"))
    assert message_as_json(fault, None) == {
        "fault_code": "env:Client",
        "fault_string": None,
        "mm7_version": "6.8.0",
        "status_code": 2002,
        "status_text": "Address Error",
        "details": None,
    }


@pytest.mark.requirement("U-08")
@pytest.mark.parametrize(
    ("message", "operation", "version"),
    [
        (SubmitReq("6.8.0"), "SubmitReq", "6.8.0"),
        (Fault("c", "s", RSErrorRsp("6.8.0", 2002)), "RSErrorRsp", "6.8.0"),
        (Fault("c", "s"), "Fault", None),
    ],
)
def test_an_envelope_shows_what_surrounds_the_message(
    message: SubmitReq | Fault, operation: str, version: str | None
) -> None:
    found = envelope_as_json(Envelope(message, "t-1"))
    assert (found["operation"], found["mm7_version"], found["namespace"]) == (operation, version, None)
    assert found["transaction_id"] == "t-1"
    assert "status_code" in found["message"] or operation == "SubmitReq"


def test_an_envelope_without_content_has_no_leaves() -> None:
    assert Envelope(SubmitReq()).leaves == ()
