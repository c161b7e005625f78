"""An operation's elements into its message: every trap of the schemas, and what peers make of them."""

import pytest

from gateway.mm7 import Address, AddressKind, Recipients, Release
from gateway.mm7 import findings as rules
from gateway.mm7.limits import MAX_ATTRIBUTES, MAX_STRANGE
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, Message, SubmitReq, SubmitRsp
from gateway.mm7.table import Content, Extra, ReplyCharging, SentAt, UACapabilities, UserAgent
from tests.unit.mm7.samples import (
    NEWEST,
    RECIPIENTS,
    SENDER,
    STATUS,
    SUBMIT,
    VERSION,
    enveloped,
    message,
    refused,
    seen,
    transaction,
)

NUMBER, SHORT_CODE, MAIL = AddressKind.NUMBER, AddressKind.SHORT_CODE, AddressKind.RFC2822
R5_0, R5_1, R5_2, R5_3, R5_4, R5_5, R6_0, R6_1, R6_2, R6_3, R6_4 = Release


def version_of(release: Release) -> str:
    return "<MM7Version>5.3.0</MM7Version>" if release is not NEWEST else VERSION


def submit(inner: str, release: Release = NEWEST) -> tuple[SubmitReq, list[str]]:
    """A SubmitReq with more elements behind its required ones."""
    envelope, keys = seen(message("SubmitReq", version_of(release) + SENDER + RECIPIENTS + inner, release))
    assert isinstance(envelope.message, SubmitReq)
    return envelope.message, keys


def report(inner: str, release: Release = NEWEST) -> tuple[DeliveryReportReq, list[str]]:
    parties = "<MessageID>m-1</MessageID><Recipient><Number>1</Number></Recipient><Sender><Number>2</Number></Sender>"
    envelope, keys = seen(message("DeliveryReportReq", version_of(release) + parties + inner, release))
    assert isinstance(envelope.message, DeliveryReportReq)
    return envelope.message, keys


def any_of(name: str, inner: str, release: Release = NEWEST) -> tuple[Message, list[str]]:
    envelope, keys = seen(message(name, inner, release))
    return envelope.message, keys


# --- the traps of the schemas


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "name"),
    [
        (R5_0, "Date"),
        (R5_1, "Date"),
        (R5_2, "Date"),
        (R5_3, "Date"),
        (R5_4, "TimeStamp"),
        (R5_5, "TimeStamp"),
        (R6_0, "Date"),
        (R6_1, "TimeStamp"),
        (R6_2, "Date"),
        (R6_3, "Date"),
        (R6_4, "Date"),
    ],
)
def test_a_reports_date_has_another_name_in_some_schemas_and_either_is_read_in_each(
    release: Release, name: str
) -> None:
    tail = "<MMStatus>Retrieved</MMStatus>"
    other = {"Date": "TimeStamp", "TimeStamp": "Date"}[name]
    right, no_keys = report(f"<{name}>2026-04-15T14:35:21Z</{name}>{tail}", release)
    wrong, keys = report(f"<{other}>2026-04-15T14:35:21Z</{other}>{tail}", release)
    assert right == wrong
    assert right.date == "2026-04-15T14:35:21Z"
    assert (no_keys, keys) == ([], [f"element.renamed:{other}"])


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(("release", "name"), [(R5_0, "DistributionProtection"), (R5_1, "DistributionIndicator")])
def test_the_distribution_indicator_was_called_otherwise_in_the_first_schema(release: Release, name: str) -> None:
    right, keys = submit(f"<{name}>false</{name}>", release)
    assert (right.distribution_indicator, keys) == (False, [])
    other = {R5_0: "DistributionIndicator", R5_1: "DistributionProtection"}[release]
    wrong, keys = submit(f"<{other}>false</{other}>", release)
    assert (wrong, keys) == (right, [f"element.renamed:{other}"])


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(("release", "keys"), [(R5_0, ["element.not-in-schema:MessageID"]), (R5_1, [])])
def test_a_submit_rsp_of_the_first_schema_has_no_message_id_and_is_read_with_one(
    release: Release, keys: list[str]
) -> None:
    found, noted = any_of("SubmitRsp", version_of(release) + STATUS + "<MessageID>m-1</MessageID>", release)
    assert found == SubmitRsp("5.3.0", 1000, "Success", None, "m-1")
    assert noted == keys


@pytest.mark.requirement("M-04")
def test_a_submit_rsp_without_the_message_id_that_its_schema_wants_is_noted() -> None:
    assert any_of("SubmitRsp", VERSION + STATUS)[1] == ["element.missing:MessageID"]


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "inner", "address", "keys"),
    [
        (R5_1, "28444", Address(SHORT_CODE, "28444"), []),
        (R5_1, "<Number>28444</Number>", Address(NUMBER, "28444"), []),
        (R5_2, "<ShortCode>28444</ShortCode>", Address(SHORT_CODE, "28444"), []),
        (R5_2, "28444", Address(SHORT_CODE, "28444"), ["address.bare:SenderAddress"]),
        (R5_1, " ", None, []),
        (R5_1, "", None, ["element.empty:SenderAddress"]),
    ],
)
def test_sender_address_is_a_text_in_the_first_two_schemas(
    release: Release, inner: str, address: Address | None, keys: list[str]
) -> None:
    sender = SENDER.replace("</Sender", f"<SenderAddress>{inner}</SenderAddress></Sender")
    found, noted = any_of("SubmitReq", version_of(release) + sender + RECIPIENTS, release)
    assert isinstance(found, SubmitReq)
    assert (found.sender, noted) == (address, keys)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(("release", "noted"), [(R5_1, True), (R5_2, False)])
def test_ids_numbers_and_short_codes_are_nmtokens_in_the_first_two_schemas(release: Release, noted: bool) -> None:  # noqa: FBT001
    recipients = "<Recipients><To><Number>+1 555</Number><RFC2822Address>a@b c</RFC2822Address></To></Recipients>"
    found, keys = any_of("SubmitReq", version_of(release) + SENDER + recipients + "<LinkedID>a b</LinkedID>", release)
    assert isinstance(found, SubmitReq)
    assert found.recipients == Recipients(to=(Address(NUMBER, "+1 555"), Address(MAIL, "a@b c")))
    assert found.linked_id == "a b"
    assert keys == (["value.nmtoken:Number", "value.nmtoken:LinkedID"] if noted else [])


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("inner", "text", "keys"),
    [
        ("<Details>no such account</Details>", "no such account", ["status.details-text"]),
        ("<Details><Text>no such account</Text></Details>", "no such account", []),
        ("<Details/>", None, []),
        ("<Detail>text</Detail>", "text", ["element.misspelt:Detail", "status.details-text"]),
    ],
)
def test_details_hold_elements_and_are_read_with_text(inner: str, text: str | None, keys: list[str]) -> None:
    found, noted = any_of("DeliverRsp", VERSION + STATUS.replace("</Status>", inner + "</Status>"))
    assert (found.details, noted) == (text, keys)  # type: ignore[union-attr]


@pytest.mark.requirement("M-04")
def test_a_status_has_its_elements_in_any_order() -> None:
    status = "<Status><StatusText>Success</StatusText><StatusCode>1000</StatusCode></Status>"
    assert any_of("DeliverRsp", VERSION + status)[1] == []


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("inner", "field", "value", "keys"),
    [
        ("<Priority/>", "priority", None, ["element.empty:Priority"]),
        ("<Priority>High</Priority>", "priority", "High", []),
        ("<Priority> High </Priority>", "priority", "High", []),
        ("<Priority>urgent</Priority>", "priority", "urgent", ["value.word:Priority"]),
        ("<ServiceCode/>", "service_code", None, ["element.empty:ServiceCode"]),
        ("<Subject> two  blanks </Subject>", "subject", " two  blanks ", []),
        ("<Subject>a<b>c</b>d</Subject>", "subject", "acd", []),
        ("<Subject><b/></Subject>", "subject", None, []),
        ("<LinkedID>a<b>c</b></LinkedID>", "linked_id", "ac", []),
        ("<ReadReply>true</ReadReply>", "read_reply", True, []),
        ("<ReadReply> 0 </ReadReply>", "read_reply", False, []),
        ("<ReadReply>Yes</ReadReply>", "read_reply", True, ["value.boolean:ReadReply"]),
        ("<ReadReply>OFF</ReadReply>", "read_reply", False, ["value.boolean:ReadReply"]),
        ("<ReadReply>perhaps</ReadReply>", "read_reply", None, ["value.boolean:ReadReply"]),
        ("<ReadReply/>", "read_reply", None, ["element.empty:ReadReply"]),
        ("<TimeStamp>today</TimeStamp>", "time_stamp", "today", ["value.time:TimeStamp"]),
        ("<ExpiryDate>P3D</ExpiryDate>", "expiry_date", "P3D", []),
        ("<ExpiryDate>2026-04-15T14:35:21Z</ExpiryDate>", "expiry_date", "2026-04-15T14:35:21Z", []),
        ("<ExpiryDate>soon</ExpiryDate>", "expiry_date", "soon", ["value.time:ExpiryDate"]),
        ("<ExpiryDate/>", "expiry_date", None, ["element.empty:ExpiryDate"]),
        ('<Content href="cid:a"/>', "content", Content("cid:a"), ["content.missing"]),
        (
            '<Content xmlns:x="urn:x" x:href="cid:a" allowAdaptations="True" b=""/>',
            "content",
            Content("cid:a", True),
            ["attribute.qualified:href", "attribute.unknown:b", "value.boolean:allowAdaptations", "content.missing"],
        ),
        ("<Content/>", "content", Content(""), ["content.href-missing", "content.missing"]),
        ('<Content href="cid:a" xml:lang="en"/>', "content", Content("cid:a"), ["content.missing"]),
        ("<ReplyCharging/>", "reply_charging", ReplyCharging(), []),
        ("<ReplyCharging>false</ReplyCharging>", "reply_charging", None, ["value.boolean:ReplyCharging"]),
        (
            '<ReplyCharging replyChargingSize="10" replyDeadline="P1D"/>',
            "reply_charging",
            ReplyCharging(10, "P1D"),
            [],
        ),
        (
            '<ReplyCharging replyChargingSize="0" replyDeadline="soon"/>',
            "reply_charging",
            ReplyCharging(None, "soon"),
            ["value.time:replyDeadline", "value.number:replyChargingSize"],
        ),
        (
            "<DeliveryCondition><DC>1</DC><DC>x</DC></DeliveryCondition>",
            "delivery_condition",
            (1,),
            ["value.number:DC"],
        ),
        ("<DeliveryCondition>1 2</DeliveryCondition>", "delivery_condition", "1 2", []),
        ("<DeliveryCondition/>", "delivery_condition", (), []),
    ],
)
def test_values_are_read_leniently(inner: str, field: str, value: object, keys: list[str]) -> None:
    found, noted = submit(inner)
    assert (getattr(found, field), noted) == (value, keys)


@pytest.mark.requirement("M-20")
@pytest.mark.parametrize(
    ("inner", "capabilities", "keys"),
    [
        ('<UACapabilities UAProf="p" TimeStamp="P1D"/>', UACapabilities("p", "P1D"), []),
        ('<UACapabilities TimeStamp="x"/>', UACapabilities(None, "x"), ["value.time:TimeStamp"]),
        ("<UACapabilities/>", UACapabilities(), []),
    ],
)
def test_capabilities_are_read(inner: str, capabilities: UACapabilities, keys: list[str]) -> None:
    found, noted = report(f"<Date>2026-04-15T14:35:21Z</Date><MMStatus>Retrieved</MMStatus>{inner}")
    assert (found.ua_capabilities, noted) == (capabilities, keys)


@pytest.mark.requirement("M-16")
@pytest.mark.parametrize(
    ("text", "code", "keys"),
    [("200", 200, ["status.unknown-class"]), ("x", None, ["value.number:StatusCode", "element.missing:StatusCode"])],
)
def test_odd_status_codes_are_noted(text: str, code: int | None, keys: list[str]) -> None:
    found, noted = any_of("DeliverRsp", VERSION + STATUS.replace("1000", text))
    assert (found.status_code, noted) == (code, keys)  # type: ignore[union-attr]


def test_who_sent_a_message_before_is_read() -> None:
    inner = (
        f"{VERSION}<Sender><Number>1</Number></Sender>"
        '<Previouslysentby><UserAgent sequence="2"><Number>3</Number></UserAgent><UserAgent/></Previouslysentby>'
        '<Previouslysentdateandtime><DateTime sequence="x">P1D</DateTime></Previouslysentdateandtime>'
    )
    found, keys = any_of("DeliverReq", inner)
    assert isinstance(found, DeliverReq)
    assert found.previouslysentby == (UserAgent(Address(NUMBER, "3"), 2),)
    assert found.previouslysentdateandtime == (SentAt("P1D"),)
    assert keys == []


# --- order, places, names and namespaces


@pytest.mark.requirement("M-21")
def test_elements_in_another_order_are_read_and_noted() -> None:
    found, keys = any_of("SubmitReq", RECIPIENTS + VERSION + SENDER)
    assert isinstance(found, SubmitReq)
    assert (found.vasp_id, keys) == ("harbour", ["element.order"])


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("inner", "keys"),
    [
        ("<Subject>a</Subject><Subject>b</Subject>", ["element.again:Subject"]),
        ("<Subject>a</Subject><subject>b</subject>", ["element.misspelt:subject", "element.again:subject"]),
        ("<subject>a</subject>", ["element.misspelt:subject"]),
        ('<Subject xmlns="">a</Subject>', ["namespace.unqualified"]),
        ('<Subject xmlns="urn:x">a</Subject>', ["namespace.mixed"]),
    ],
)
def test_a_subject_is_found_and_what_is_odd_about_it_noted(inner: str, keys: list[str]) -> None:
    found, noted = submit(inner)
    assert (found.subject, noted) == ("a", keys)


@pytest.mark.requirement("M-21")
def test_an_element_of_a_later_schema_is_read_in_an_earlier_one() -> None:
    found, keys = submit("<ChargedPartyID>x</ChargedPartyID>", R5_3)
    assert (found.charged_party_id, keys) == ("x", ["element.not-in-schema:ChargedPartyID"])


@pytest.mark.requirement("M-21")
def test_elements_outside_and_inside_of_their_container_are_read() -> None:
    inner = f"{VERSION}<VASPID>v</VASPID><SenderIdentification><Subject>s</Subject></SenderIdentification>{RECIPIENTS}"
    found, keys = any_of("SubmitReq", inner)
    assert isinstance(found, SubmitReq)
    assert (found.vasp_id, found.subject) == ("v", "s")
    assert keys == ["element.misplaced:VASPID", "element.misplaced:Subject"]


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("sender", "keys"),
    [
        (SENDER.replace("SenderIdentification", "senderidentification"), ["element.misspelt:senderidentification"]),
        (SENDER.replace("<SenderIdentification>", '<SenderIdentification xmlns="">'), ["namespace.unqualified"]),
    ],
)
def test_a_container_that_is_odd_is_gone_into(sender: str, keys: list[str]) -> None:
    found, noted = any_of("SubmitReq", VERSION + sender + RECIPIENTS)
    assert isinstance(found, SubmitReq)
    assert (found.vasp_id, noted) == ("harbour", keys)


@pytest.mark.requirement("M-21")
def test_a_container_of_other_operations_is_looked_into() -> None:
    inner = f"{VERSION}{SENDER}<Sender><Number>1</Number></Sender>"
    found, keys = any_of("DeliverReq", inner)
    assert isinstance(found, DeliverReq)
    assert found.vasp_id == "harbour"
    assert keys[0] == "element.unknown:SenderIdentification"


@pytest.mark.requirement("M-21")
def test_strange_elements_are_kept_as_extras() -> None:
    found, keys = submit('<CPID xmlns="urn:x">12<a>3</a></CPID><Kisa/>')
    assert found.extras == (Extra("CPID", "123", "urn:x"), Extra("Kisa"))
    assert keys == ["namespace.mixed", "element.unknown:CPID", "element.unknown:Kisa"]


@pytest.mark.requirement("M-21")
def test_strange_elements_are_limited_and_the_error_can_be_answered() -> None:
    error = refused(message("SubmitReq", SUBMIT + "<a/>" * (MAX_STRANGE + 1)))
    assert (error.rule, error.operation, error.transaction_id) == (rules.XML_TOO_MANY, "SubmitReq", "t-1")
    assert error.namespace == NEWEST.uri


@pytest.mark.requirement("M-21")
def test_attributes_are_limited() -> None:
    many = " ".join(f'a{number}="b"' for number in range(MAX_ATTRIBUTES + 1))
    assert refused(message("SubmitReq", SUBMIT + f"<Content {many}/>")).rule is rules.XML_TOO_MANY


@pytest.mark.requirement("M-21")
def test_what_a_schema_requires_is_missed_and_the_rest_is_read() -> None:
    _, keys = any_of("SubmitReq", SENDER)
    assert keys == ["element.missing:MM7Version", "element.missing:Recipients"]


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "version", "keys"),
    [
        (R5_0, "5.3.0", []),
        (R6_4, "5.3.0", []),
        (R6_0, "5.8.0", ["version.not-in-schema"]),
        (R5_5, "5.10.0", []),
        (R6_4, "6.7.0", ["version.unknown"]),
        (R6_4, "1", ["version.unknown"]),
    ],
)
def test_an_mm7_version_never_stops_the_reading(release: Release, version: str, keys: list[str]) -> None:
    inner = SUBMIT.replace("6.8.0", version)
    found, noted = any_of("SubmitReq", inner, release)
    assert (found.mm7_version, noted) == (version, keys)  # type: ignore[union-attr]


# --- addresses and recipients


@pytest.mark.requirement("M-18")
@pytest.mark.parametrize(
    ("inner", "recipients", "keys"),
    [
        (
            '<To><Number displayOnly="true">1</Number><ShortCode displayOnly="0">2</ShortCode></To>',
            Recipients(to=(Address(NUMBER, "1", True), Address(SHORT_CODE, "2", False))),
            [],
        ),
        (
            '<To><Number displayOnly="TRUE">1</Number></To>',
            Recipients(to=(Address(NUMBER, "1", True),)),
            ["value.boolean:displayOnly"],
        ),
        (
            '<Cc><Number addressCoding="encrypted" id="a">1</Number></Cc><Bcc><Number>2</Number></Bcc>',
            Recipients(cc=(Address(NUMBER, "1", None, "encrypted", "a"),), bcc=(Address(NUMBER, "2"),)),
            [],
        ),
        ("<To>15555550100</To>", Recipients(to=(Address(NUMBER, "15555550100"),)), ["address.bare:To"]),
        (
            "<to><number>1</number></to>",
            Recipients(to=(Address(NUMBER, "1"),)),
            ["element.misspelt:to", "element.misspelt:number"],
        ),
        (
            '<To><Number xmlns="">1</Number><Number xmlns="urn:x">2</Number></To>',
            Recipients(to=(Address(NUMBER, "1"), Address(NUMBER, "2"))),
            ["namespace.unqualified", "namespace.mixed"],
        ),
        ("<To><x><Number>1</Number></x></To>", Recipients(to=(Address(NUMBER, "1"),)), ["address.nested:x"]),
        ("<Number>1</Number>", Recipients(to=(Address(NUMBER, "1"),)), ["address.nested:Number"]),
        ("<x><Number>1</Number></x>", Recipients(to=(Address(NUMBER, "1"),)), ["address.nested:x"]),
        (
            "<To/><Cc><Number>1</Number></Cc>",
            Recipients(cc=(Address(NUMBER, "1"),)),
            ["address.missing:To"],
        ),
        (
            "<To><Number/><number/></To>",
            None,
            [
                "element.empty:Number",
                "element.misspelt:number",
                "element.empty:number",
                "address.missing:To",
                "address.missing:Recipients",
                "element.missing:Recipients",
            ],
        ),
    ],
)
def test_recipients_are_found_however_they_are_wrapped(
    inner: str, recipients: Recipients | None, keys: list[str]
) -> None:
    found, noted = any_of("SubmitReq", f"{VERSION}{SENDER}<Recipients>{inner}</Recipients>")
    assert isinstance(found, SubmitReq)
    assert (found.recipients, noted) == (recipients, keys)


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("inner", "address", "keys"),
    [
        ("<Number>1</Number><ShortCode>2</ShortCode>", Address(NUMBER, "1"), ["address.nested:Sender"]),
        ("", None, ["address.missing:Sender", "element.missing:Sender"]),
    ],
)
def test_a_sender_is_one_address(inner: str, address: Address | None, keys: list[str]) -> None:
    found, noted = any_of("DeliverReq", f"{VERSION}<Sender>{inner}</Sender>")
    assert isinstance(found, DeliverReq)
    assert (found.sender, noted) == (address, keys)


# --- namespaces of the operation


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("uri", "release", "keys"),
    [
        ("", NEWEST, ["namespace.missing"]),
        ("urn:mm7", NEWEST, ["namespace.mixed", "namespace.unknown"]),
        ("http://www.3gpp.com/schema/REL-5-MM7-1-3", R5_3, ["namespace.mixed", "namespace.variant"]),
        (R5_3.uri + ".xsd", R5_3, ["namespace.mixed", "namespace.variant"]),
    ],
)
def test_a_namespace_is_recognised_or_the_version_helps(uri: str, release: Release, keys: list[str]) -> None:
    version = VERSION.replace("6.8.0", "5.3.0") if release is R5_3 else VERSION
    body = f'<SubmitReq xmlns="{uri}">{version}{SENDER}{RECIPIENTS}</SubmitReq>'
    envelope, noted = seen(enveloped(body, transaction()))
    assert (envelope.release, envelope.namespace, noted) == (release, uri, keys)


@pytest.mark.requirement("M-04")
def test_without_a_namespace_the_version_tells_the_schema() -> None:
    body = f"<SubmitReq>{VERSION.replace('6.8.0', '5.6.0')}{SENDER}{RECIPIENTS}</SubmitReq>"
    assert seen(enveloped(body, "<TransactionID>t-1</TransactionID>"))[0].release is R5_3
    assert seen(enveloped("<SubmitReq/>", "<TransactionID>t-1</TransactionID>"))[0].release is NEWEST


@pytest.mark.requirement("M-02")
def test_an_operation_in_a_schema_that_has_it_not_is_read_as_in_the_newest() -> None:
    envelope, keys = seen(message("extendedCancelReq", version_of(R5_3) + SENDER + "<CancelID>c</CancelID>", R5_3))
    assert (envelope.release, keys) == (NEWEST, ["operation.not-in-schema"])


def test_the_namespace_of_xml_itself_is_none_to_answer_in() -> None:
    body = f"<xml:SubmitReq>{SUBMIT}</xml:SubmitReq>"
    assert seen(enveloped(body, transaction()))[0].namespace == ""


@pytest.mark.requirement("M-21")
def test_an_endless_namespace_is_refused() -> None:
    error = refused(enveloped(f'<SubmitReq xmlns="{"u" * 600}"/>', transaction()))
    assert error.rule is rules.XML_TOO_LARGE
