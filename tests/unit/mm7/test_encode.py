"""Messages into the XML of their operation: what each schema wants, what each dialect says, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.mm7 import Address, AddressKind, Content, Dialect, Recipients, Release, Unwritable
from gateway.mm7.dialect import DetailsForm
from gateway.mm7.encode import encoder_for
from gateway.mm7.messages import (
    DeliverReq,
    DeliverRsp,
    DeliveryReportReq,
    ExtendedCancelReq,
    Request,
    Response,
    SubmitReq,
    SubmitRsp,
)
from gateway.mm7.model import operation_of
from gateway.mm7.table import Extra, ReplyCharging, SentAt, UACapabilities, UserAgent

R5_0, R5_1, R5_2, R5_3, R5_4, R5_5, R6_0, R6_1, R6_2, R6_3, R6_4 = Release
NUMBER, MAIL = AddressKind.NUMBER, AddressKind.RFC2822
TO = Recipients(to=(Address(NUMBER, "15555550100"),))
SUBMIT = SubmitReq("6.8.0", "v", "s", recipients=TO)
SUBMIT_5 = replace(SUBMIT, mm7_version="5.3.0")
OK = DeliverRsp("6.8.0", 1000, "Success")
DELIVER = DeliverReq("6.8.0", sender=Address(NUMBER, "1"))


def written(message: Request | Response, dialect: Dialect | None = None) -> str:
    dialect = dialect or Dialect()
    return encoder_for(dialect, "urn:x", operation_of(message))(message)


def holds(message: Request | Response, piece: str, **knobs: Any) -> bool:  # noqa: ANN401  # of a Dialect
    return piece in written(message, Dialect(**knobs))


@pytest.mark.requirement("C-01")
def test_a_message_is_written_in_the_order_of_the_schema() -> None:
    message = replace(SUBMIT, subject="Hi", delivery_report=True, priority="High", content=Content("cid:a", True))
    assert written(message) == (
        '<SubmitReq xmlns="urn:x"><MM7Version>6.8.0</MM7Version>'
        "<SenderIdentification><VASPID>v</VASPID><VASID>s</VASID></SenderIdentification>"
        "<Recipients><To><Number>15555550100</Number></To></Recipients><DeliveryReport>true</DeliveryReport>"
        '<Priority>High</Priority><Subject>Hi</Subject><Content href="cid:a" allowAdaptations="true"/></SubmitReq>'
    )


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "version", "name"),
    [(R5_3, "5.3.0", "Date"), (R5_4, "5.3.0", "TimeStamp"), (R6_0, "6.3.0", "Date"), (R6_1, "6.4.0", "TimeStamp")],
)
def test_a_reports_date_is_called_what_the_schema_calls_it(release: Release, version: str, name: str) -> None:
    party = Address(NUMBER, "1")
    message = DeliveryReportReq(version, None, "m", party, party, "2026-04-15T14:35:21Z", "Retrieved")
    assert holds(message, f"<{name}>2026-04-15T14:35:21Z</{name}>", release=release)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(("release", "name"), [(R5_0, "DistributionProtection"), (R5_1, "DistributionIndicator")])
def test_the_distribution_indicator_is_called_what_the_schema_calls_it(release: Release, name: str) -> None:
    assert holds(replace(SUBMIT_5, distribution_indicator=False), f"<{name}>false</{name}>", release=release)


@pytest.mark.requirement("M-04")
def test_what_a_schema_has_not_is_left_out() -> None:
    message = replace(SUBMIT_5, applic_id="a", drm_content=True, charged_party_id="c")
    assert "ApplicID" not in written(message, Dialect(release=R5_3))
    assert "<ApplicID>a</ApplicID>" in written(replace(message, mm7_version="6.8.0"))


@pytest.mark.requirement("M-04")
def test_a_submit_rsp_of_the_first_schema_has_a_message_id_where_a_profile_says_so() -> None:
    message = SubmitRsp("5.3.0", 1000, "Success", None, "m-1")
    assert not holds(message, "MessageID", release=R5_0)
    assert holds(message, "<MessageID>m-1</MessageID>", release=R5_0, beyond_schema=frozenset({"SubmitRsp/MessageID"}))


@pytest.mark.requirement("M-04")
def test_a_deliver_req_of_the_first_schemas_wants_a_reply_charging_id_unless_a_profile_omits_it() -> None:
    message = replace(DELIVER, mm7_version="5.3.0")
    with pytest.raises(Unwritable, match="ReplyChargingID"):
        written(message, Dialect(release=R5_1))
    assert written(message, Dialect(release=R5_1, omitted=frozenset({"DeliverReq/ReplyChargingID"})))


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "piece"),
    [
        (R5_1, "<SenderAddress>1&amp;2</SenderAddress>"),
        (R5_2, "<SenderAddress><RFC2822Address>1&amp;2</RFC2822Address></SenderAddress>"),
    ],
)
def test_sender_address_is_a_text_in_the_first_two_schemas(release: Release, piece: str) -> None:
    assert holds(replace(SUBMIT_5, sender=Address(MAIL, "1&2")), piece, release=release)


@pytest.mark.requirement("M-04")
def test_ids_and_numbers_are_nmtokens_in_the_first_two_schemas() -> None:
    with pytest.raises(Unwritable, match="LinkedID"):
        written(replace(SUBMIT_5, linked_id="a b"), Dialect(release=R5_1))
    with pytest.raises(Unwritable, match="digits only"):
        written(replace(SUBMIT_5, recipients=Recipients(to=(Address(NUMBER, "+1"),))), Dialect(release=R5_1))
    assert written(replace(SUBMIT_5, linked_id="a b"), Dialect(release=R5_2))


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize(
    ("form", "piece"),
    [
        (DetailsForm.ELEMENT, "<Details><Text>a &lt; b</Text></Details>"),
        (DetailsForm.TEXT, "<Details>a &lt; b</Details>"),
        (DetailsForm.OMIT, "<StatusText>Success</StatusText></Status>"),
    ],
)
def test_details_are_written_as_the_dialect_says(form: DetailsForm, piece: str) -> None:
    assert holds(replace(OK, details="a < b"), piece, details=form)


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize(
    ("knobs", "piece"),
    [
        ({"mm7_prefix": "mm7"}, '<mm7:SubmitReq xmlns:mm7="urn:x"><mm7:MM7Version>'),
        ({"mm7_prefix": "mm7"}, "<mm7:Recipients><mm7:To><mm7:Number>"),
        ({"number_prefix": "+", "number_suffix": "/TYPE=PLMN"}, "<Number>+15555550100/TYPE=PLMN</Number>"),
        ({"sender_address": True}, "<SenderAddress><Number>1</Number></SenderAddress>"),
        ({"extras": True}, "<CPID>1&amp;2</CPID></SubmitReq>"),
        ({"free_words": frozenset({"MessageClass"})}, "<MessageClass>GENERAL</MessageClass>"),
    ],
)
def test_the_knobs_of_a_dialect_show_in_the_bytes(knobs: dict[str, Any], piece: str) -> None:
    message = replace(SUBMIT, sender=Address(NUMBER, "1"), extras=(Extra("CPID", "1&2"),))
    if "free_words" in knobs:
        message = replace(message, message_class="GENERAL")
    assert holds(message, piece, **knobs)


@pytest.mark.requirement("U-07")
def test_sender_address_and_extras_are_left_out_where_the_dialect_says_so() -> None:
    message = replace(SUBMIT, sender=Address(NUMBER, "1"), extras=(Extra("CPID"),))
    assert "CPID" not in written(message)
    assert "SenderAddress" not in written(message, Dialect(sender_address=False))


@pytest.mark.requirement("M-18")
def test_the_attributes_of_an_address_are_written_where_the_schema_has_them() -> None:
    recipients = Recipients(cc=(Address(NUMBER, "1", True, "encrypted", "a"),), bcc=(Address(NUMBER, "2", False),))
    late = written(replace(SUBMIT, recipients=recipients))
    assert '<Cc><Number displayOnly="true" addressCoding="encrypted" id="a">1</Number></Cc>' in late
    assert '<Bcc><Number displayOnly="false">2</Number></Bcc>' in late
    assert '<Cc><Number displayOnly="true">1</Number></Cc>' in written(
        replace(SUBMIT_5, recipients=recipients), Dialect(release=R5_3)
    )


@pytest.mark.requirement("C-01")
@pytest.mark.parametrize(
    ("fields", "piece"),
    [
        ({"reply_charging": ReplyCharging()}, "<ReplyCharging/>"),
        (
            {"reply_charging": ReplyCharging(9, "P1D")},
            '<ReplyCharging replyChargingSize="9" replyDeadline="P1D"/>',
        ),
        ({"delivery_condition": (1, 2)}, "<DeliveryCondition><DC>1</DC><DC>2</DC></DeliveryCondition>"),
        ({"delivery_condition": "1 2"}, "<DeliveryCondition><DC>1</DC><DC>2</DC></DeliveryCondition>"),
        ({"earliest_delivery_time": "PT1H"}, "<EarliestDeliveryTime>PT1H</EarliestDeliveryTime>"),
        ({"drm_content": False}, "<DRMContent>false</DRMContent>"),
        ({"subject": 'a&b<c>"d"\r\n\t]]>'}, '<Subject>a&amp;b&lt;c&gt;"d"&#13;\n\t]]&gt;</Subject>'),
        ({"content": Content("cid:a&b")}, '<Content href="cid:a&amp;b"/>'),
    ],
)
def test_values_are_written_as_their_types_want_them(fields: dict[str, Any], piece: str) -> None:
    assert holds(replace(SUBMIT, **fields), piece)


@pytest.mark.parametrize(("condition", "text"), [((1, 2), "1 2"), ("when & if", "when &amp; if")])
def test_a_delivery_condition_is_a_text_in_the_schema_that_has_it_first(condition: Any, text: str) -> None:  # noqa: ANN401
    message = replace(SUBMIT, mm7_version="6.6.0", delivery_condition=condition)
    assert holds(message, f"<DeliveryCondition>{text}</DeliveryCondition>", release=R6_3)


@pytest.mark.requirement("M-20")
def test_who_sent_a_message_before_and_what_the_handset_can_do_are_written() -> None:
    message = replace(
        DELIVER,
        previouslysentby=(UserAgent(Address(NUMBER, "3"), 2), UserAgent(Address(NUMBER, "4"))),
        previouslysentdateandtime=(SentAt("P1D", 1), SentAt("P2D")),
        ua_capabilities=UACapabilities("p&q", "P1D"),
    )
    text = written(message)
    assert '<UserAgent sequence="2"><Number>3</Number></UserAgent><UserAgent><Number>4</Number></UserAgent>' in text
    assert '<DateTime sequence="1">P1D</DateTime><DateTime>P2D</DateTime>' in text
    assert '<UACapabilities UAProf="p&amp;q" TimeStamp="P1D"/>' in text
    assert "<UACapabilities/>" in written(replace(message, ua_capabilities=UACapabilities()))


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    "message",
    [
        replace(SUBMIT, mm7_version=None),
        replace(SUBMIT, mm7_version="6.7.0"),
        replace(SUBMIT, recipients=None),
        replace(SUBMIT, recipients=Recipients()),
        replace(SUBMIT, priority="urgent"),
        replace(SUBMIT, priority=""),
        replace(SUBMIT, time_stamp="today"),
        replace(SUBMIT, expiry_date="soon"),
        replace(SUBMIT, subject="a\x00b"),
        replace(SUBMIT, subject="\ud800"),
        replace(SUBMIT, subject="\uffff"),
        replace(SUBMIT, content=Content("cid:\x01")),
        replace(SUBMIT, reply_charging=ReplyCharging(0)),
        replace(SUBMIT, reply_charging=ReplyCharging(1, "soon")),
        replace(SUBMIT, delivery_condition=(0,)),
        replace(SUBMIT, delivery_condition="one"),
        replace(SUBMIT, recipients=Recipients(to=(Address(NUMBER, "1", address_coding="rot13"),))),
        replace(SUBMIT, recipients=Recipients(to=(Address(NUMBER, "1", id="1 2"),))),
        replace(OK, status_code=0),
        replace(OK, status_code=10**5000),
        replace(DELIVER, ua_capabilities=UACapabilities(None, "soon")),
        replace(DELIVER, previouslysentdateandtime=(SentAt("soon"),)),
        replace(DELIVER, previouslysentdateandtime=(SentAt("P1D", -1),)),
    ],
)
def test_what_no_schema_allows_is_refused(message: Request | Response) -> None:
    with pytest.raises(Unwritable):
        written(message)


def test_an_extra_whose_name_is_none_is_refused() -> None:
    with pytest.raises(Unwritable, match="no name"):
        written(replace(SUBMIT, extras=(Extra("a><b"),)), Dialect(extras=True))


@pytest.mark.requirement("M-02")
def test_an_operation_that_the_schema_has_not_is_refused() -> None:
    with pytest.raises(Unwritable, match="choose a namespace"):
        written(ExtendedCancelReq("6.6.0", cancel_id="c"), Dialect(release=R6_3))
