"""What a carrier sends, as the router takes it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.carrier.incoming import OPERATOR_HEADERS, Incomplete, new_mo, new_report
from gateway.mm7 import Address, AddressKind, Envelope, Recipients, read
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, ReadReplyReq, SubmitReq
from gateway.mm7.table import UACapabilities
from tests.integration.running import HANDSET, PICTURE, SHORT_CODE, SUBJECT, deliver, read_reply, related, report


def received(body: bytes, content_type: str = "text/xml") -> tuple[Envelope, Any]:
    envelope, _ = read(body, content_type)
    return envelope, envelope.message


def changed(envelope: Envelope, **fields: Any) -> tuple[Envelope, Any]:  # noqa: ANN401
    message = replace(envelope.message, **fields)
    return replace(envelope, message=message), message


@pytest.mark.requirement("C-02")
def test_an_mo_with_its_picture() -> None:
    envelope, message = received(*related(deliver(" txn-mo ")))
    mo = new_mo("acme", envelope, message, {})
    assert (mo.exchange.peer, mo.exchange.operation, mo.exchange.transaction_id) == ("acme", "DeliverReq", "txn-mo")
    assert (mo.sender, mo.subject, mo.linked_id) == (HANDSET, SUBJECT, "link-1")
    assert [(a.number, a.kind, a.display_only) for a in mo.recipients] == [(SHORT_CODE, "to", False)]
    (media,) = mo.media
    assert (media.media_type, media.name, media.content_id) == ("image/png", "sea.png", "sea")
    assert bytes(media.data) == PICTURE
    assert json.loads(mo.fields)["priority"] == "Normal"
    assert "service_code" not in json.loads(mo.fields)


def test_recipients_keep_their_lists_and_who_is_only_displayed() -> None:
    envelope, message = received(*related(deliver()))
    number = AddressKind.NUMBER
    people = Recipients(
        to=(Address(number, "1"), Address(number, "2", display_only=True)),
        cc=(Address(number, "3"),),
        bcc=(Address(number, "4", display_only=False),),
    )
    mo = new_mo("acme", *changed(envelope, recipients=people), {})
    assert [(a.number, a.kind, a.display_only) for a in mo.recipients] == [
        ("1", "to", False),
        ("2", "to", True),
        ("3", "cc", False),
        ("4", "bcc", False),
    ]
    assert new_mo("acme", *changed(envelope, recipients=None), {}).recipients == ()
    assert message.recipients is not None


def test_a_charset_is_kept_with_its_type_and_absent_names_are_none() -> None:
    body, content_type = related(deliver())
    texts = body.replace(
        b"Content-Type: image/png; name=sea.png\r\nContent-ID: <sea>", b"Content-Type: text/plain; charset=UTF-8"
    )
    envelope, message = received(texts, content_type)
    (media,) = new_mo("acme", envelope, message, {}).media
    assert media.media_type.lower() == "text/plain; charset=utf-8"
    assert (media.name, media.content_id, media.content_location) == (None, None, None)


@pytest.mark.requirement("M-19")
@pytest.mark.parametrize("header", OPERATOR_HEADERS)
def test_the_operator_of_the_handset(header: str) -> None:
    envelope, message = received(*related(deliver()))
    assert new_mo("acme", envelope, message, {header: "31002"}).operator_id == "31002"
    assert new_mo("acme", envelope, message, {header: ""}).operator_id is None
    assert new_mo("acme", envelope, message, {header: "op-\udcff"}).operator_id == "op-?"


def test_an_mo_that_comes_as_a_submit_is_an_mo() -> None:
    """Interop X16."""
    submit = (
        deliver().replace(b"DeliverReq", b"SubmitReq").replace(b"<Sender>", b"<SenderIdentification><SenderAddress>")
    )
    body, content_type = related(submit.replace(b"</Sender>", b"</SenderAddress></SenderIdentification>"))
    envelope, message = received(body, content_type)
    assert isinstance(message, SubmitReq)
    assert new_mo("acme", envelope, message, {}).exchange.operation == "SubmitReq"


def test_an_mo_of_nobody_is_incomplete() -> None:
    envelope, _ = received(*related(deliver()))
    bad, message = changed(envelope, sender=None)
    assert isinstance(message, DeliverReq)
    with pytest.raises(Incomplete, match="DeliverReq has no Sender") as caught:
        new_mo("acme", bad, message, {})
    assert caught.value.element == "Sender"


@pytest.mark.requirement("C-02")
def test_a_delivery_report() -> None:
    envelope, message = received(report("m-1", "Retrieved"))
    assert isinstance(message, DeliveryReportReq)
    new = new_report("acme", envelope, message)
    assert (new.kind, new.message_id, new.recipient, new.mm_status) == ("delivery", "m-1", HANDSET, "Retrieved")
    assert new.at == 1_767_225_600_000
    assert (new.status_text, new.ua_prof) == (None, None)
    with_phone, message = changed(envelope, ua_capabilities=UACapabilities("http://h.example/p.xml"), status_text="ok")
    new = new_report("acme", with_phone, message)
    assert (new.ua_prof, new.status_text) == ("http://h.example/p.xml", "ok")


def test_a_read_reply() -> None:
    envelope, message = received(read_reply("m-1"))
    assert isinstance(message, ReadReplyReq)
    new = new_report("acme", envelope, message)
    assert (new.kind, new.mm_status, new.at, new.ua_prof) == ("read", "Read", 1_767_225_600_000, None)


def test_a_report_without_what_could_be_done_without() -> None:
    envelope, _ = received(report("m-1"))
    new = new_report("acme", *changed(envelope, recipient=None, mm_status=None, date=None))
    assert (new.recipient, new.mm_status, new.at) == ("", "", None)
    assert new_report("acme", *changed(envelope, date="yesterday")).at is None


def test_a_report_about_nothing_is_incomplete() -> None:
    envelope, _ = received(report("m-1"))
    with pytest.raises(Incomplete, match="DeliveryReportReq has no MessageID"):
        new_report("acme", *changed(envelope, message_id=None))
