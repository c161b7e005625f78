"""Whole messages: the envelope around an operation, the parts around the envelope, and the knobs of a dialect."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.mm7 import (
    Address,
    AddressKind,
    Content,
    Dialect,
    Leaf,
    Multipart,
    Recipients,
    Release,
    Unwritable,
    read,
    write,
    write_envelope,
)
from gateway.mm7.limits import MAX_NESTING
from gateway.mm7.messages import DeliverRsp, Fault, RSErrorRsp, SubmitReq
from gateway.mm7.versions import SOAP_11
from tests.unit.mm7.samples import JPEG

SUBMIT = SubmitReq(
    "6.8.0", "v", "s", recipients=Recipients(to=(Address(AddressKind.NUMBER, "1"),)), content=Content("cid:content")
)
OK = DeliverRsp("6.8.0", 1000, "Success")
PICTURE = Leaf("image/jpeg", JPEG, "content", "a.jpg")
SLIDES = Multipart((Leaf("application/smil", b"<smil/>", "smil"), replace(PICTURE, content_id="p")), start="smil")


def body(content: Leaf | Multipart | None = PICTURE, boundary: str = "token", **knobs: Any) -> bytes:  # noqa: ANN401
    return write(SUBMIT, "t-1", Dialect(**knobs), content=content, boundary=boundary).body()


@pytest.mark.requirement("C-01")
def test_an_envelope_holds_the_transaction_id_and_the_operation() -> None:
    uri = Release.R6_4.uri
    assert write_envelope(OK, "t&1").decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{SOAP_11}"><env:Header>'
        f'<mm7:TransactionID xmlns:mm7="{uri}" env:mustUnderstand="1">t&amp;1</mm7:TransactionID></env:Header>'
        f'<env:Body><DeliverRsp xmlns="{uri}"><MM7Version>6.8.0</MM7Version><Status><StatusCode>1000</StatusCode>'
        "<StatusText>Success</StatusText></Status></DeliverRsp></env:Body></env:Envelope>"
    )


@pytest.mark.requirement("C-01")
def test_without_a_transaction_id_there_is_no_header() -> None:
    assert b"Header" not in write_envelope(OK, None)


@pytest.mark.requirement("C-01")
def test_a_request_with_content_is_a_multipart_of_chunks_of_which_the_picture_is_one() -> None:
    encoded = write(SUBMIT, "t-1", content=PICTURE, boundary="token")
    assert encoded.headers == {
        "Content-Type": 'multipart/related; boundary="mm7.token.0"; type="text/xml"; start="<mm7-start>"',
        "SOAPAction": '""',
    }
    assert any(chunk is JPEG for chunk in encoded.chunks)
    assert encoded.length == len(encoded.body())
    assert encoded.body().endswith(
        b"\r\n--mm7.token.0\r\nContent-Type: image/jpeg\r\nContent-ID: <content>\r\nContent-Location: a.jpg\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + JPEG + b"\r\n--mm7.token.0--\r\n"
    )


@pytest.mark.requirement("C-02")
def test_an_answer_has_no_soap_action() -> None:
    encoded = write(OK, "t-1")
    assert encoded.headers == {"Content-Type": "text/xml; charset=utf-8"}
    assert len(encoded.chunks) == 1


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("content", [PICTURE, SLIDES, Multipart((SLIDES, PICTURE), "mixed")])
def test_what_is_written_is_read_without_a_finding(content: Leaf | Multipart) -> None:
    encoded = write(SUBMIT, "t-1", content=content, boundary="token")
    envelope, findings = read(encoded.body(), encoded.headers["Content-Type"])
    assert (envelope.message, envelope.transaction_id, findings) == (SUBMIT, "t-1", ())
    assert bytes(envelope.leaves[-1].data) == JPEG


@pytest.mark.requirement("M-21")
def test_the_same_message_gives_the_same_bytes() -> None:
    assert body(SLIDES) == body(SLIDES)


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize(
    ("knobs", "piece"),
    [
        ({"soap_prefix": "soapenv"}, f'<soapenv:Envelope xmlns:soapenv="{SOAP_11}"><soapenv:Header>'),
        ({"transaction_prefix": ""}, f'<TransactionID xmlns="{Release.R6_4.uri}" env:mustUnderstand="1">'),
        ({"must_understand": False}, f'<mm7:TransactionID xmlns:mm7="{Release.R6_4.uri}">t-1<'),
        ({"release": Release.R5_1, "version": "5.3.0"}, f'<mm7:TransactionID xmlns:mm7="{Release.R5_1.uri}">t-1<'),
        ({"namespace": "urn:own"}, '<SubmitReq xmlns="urn:own">'),
        ({"envelope_type": "application/soap+xml"}, "Content-Type: application/soap+xml\r\nContent-ID: <mm7-start>"),
        ({"content_id_brackets": False}, "Content-ID: content\r\n"),
        ({"content_location": False}, "Content-ID: <content>\r\nContent-Transfer-Encoding"),
        ({"transfer_encoding": "base64"}, "Content-Transfer-Encoding: base64\r\n\r\n/9j/AAE=\r\n"),
        ({"transfer_encoding": "8bit"}, "Content-Transfer-Encoding: 8bit\r\n\r\n"),
    ],
)
def test_the_knobs_of_a_dialect_show_in_the_body(knobs: dict[str, Any], piece: str) -> None:
    message = replace(SUBMIT, mm7_version="5.3.0") if "version" in knobs else SUBMIT
    encoded = write(message, "t-1", Dialect(**knobs), content=PICTURE, boundary="token")
    assert piece.encode() in encoded.body()


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize(
    ("knobs", "header", "value"),
    [
        ({"soap_action": '"urn:a"'}, "SOAPAction", '"urn:a"'),
        (
            {"quoted_type": False},
            "Content-Type",
            'multipart/related; boundary="mm7.token.0"; type=text/xml; start="<mm7-start>"',
        ),
        (
            {"start_brackets": False},
            "Content-Type",
            'multipart/related; boundary="mm7.token.0"; type="text/xml"; start="mm7-start"',
        ),
    ],
)
def test_the_knobs_of_a_dialect_show_in_the_headers(knobs: dict[str, Any], header: str, value: str) -> None:
    assert write(SUBMIT, "t-1", Dialect(**knobs), content=PICTURE, boundary="token").headers[header] == value


@pytest.mark.requirement("U-07")
def test_the_multipart_around_the_content_is_the_dialects_unless_it_names_its_own() -> None:
    assert b'Content-Type: multipart/mixed; boundary="mm7.token.1"; start="<smil>"' in body(
        SLIDES, content_type="multipart/mixed"
    )
    assert b"Content-Type: multipart/alternative;" in body(replace(SLIDES, subtype="alternative"))


@pytest.mark.requirement("U-07")
def test_a_single_part_stands_bare_where_the_dialect_says_so() -> None:
    single = Multipart((replace(PICTURE, content_id="p"),))
    assert b"multipart/related" in body(single)
    bare = body(single, single_part_bare=True)
    assert b"multipart/" not in bare
    assert b"Content-ID: <content>\r\n" in bare
    assert b"multipart/related" in body(SLIDES, single_part_bare=True)
    assert b"Content-ID: <p>\r\n" in body(replace(single, content_id=""), single_part_bare=True)


def test_base64_has_lines_of_76_characters() -> None:
    lines = body(replace(PICTURE, data=b"x" * 100), transfer_encoding="base64").split(b"\r\n")
    assert max(len(line) for line in lines if line.startswith(b"eHh4")) == 76


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(b"--" + data)[2:]])
def test_a_boundary_that_a_part_holds_is_made_longer(kind: Any) -> None:  # noqa: ANN401
    data = b"\r\n--mm7.token.0\r\n"
    encoded = write(SUBMIT, "t-1", content=replace(PICTURE, data=kind(data)), boundary="token")
    envelope, _ = read(encoded.body(), encoded.headers["Content-Type"])
    assert [bytes(leaf.data) for leaf in envelope.leaves] == [data]
    assert "mm7.token.0" not in encoded.headers["Content-Type"]


def test_a_view_of_other_items_than_bytes_is_written_as_its_bytes() -> None:
    encoded = write(SUBMIT, "t-1", content=replace(PICTURE, data=memoryview(b"abcdefgh").cast("I")), boundary="token")
    assert b"\r\n\r\nabcdefgh\r\n" in encoded.body()
    assert encoded.length == len(encoded.body())


@pytest.mark.requirement("M-02")
@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("Client", "<faultcode>env:Client</faultcode>"),
        ("env:Client", "<faultcode>env:Client</faultcode>"),
        ("s:Client", f'<faultcode xmlns:s="{SOAP_11}">s:Client</faultcode>'),
    ],
)
def test_a_fault_has_a_qualified_code_whose_prefix_is_declared(code: str, written: str) -> None:
    fault = Fault(code, "Client <error>", RSErrorRsp("6.8.0", 2002, "Address Error"))
    text = write(fault, "t-1").body().decode()
    assert f"<env:Fault>{written}<faultstring>Client &lt;error&gt;</faultstring><detail><RSErrorRsp" in text


def test_a_fault_without_an_error_has_no_detail() -> None:
    assert b"detail" not in write(Fault("Client.TransactionID", "missing"), None).body()


@pytest.mark.requirement("M-21")
def test_a_namespace_with_quotation_marks_is_escaped() -> None:
    odd = 'urn:"<&'
    envelope, _ = read(write(OK, "t-1", namespace=odd).body(), "text/xml")
    assert envelope.namespace == odd


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    "content",
    [
        replace(PICTURE, media_type="image/jpeg\r\nX: 1"),
        replace(PICTURE, content_id="a\nb"),
        replace(PICTURE, content_location="\0"),
        replace(PICTURE, content_location="\ud800"),
        replace(PICTURE, headers=(("X", "a\r\nb"),)),
        replace(SLIDES, start="a\r\nb"),
        replace(SLIDES, subtype="mixed\r\n"),
        replace(SLIDES, content_id="a\r\nb"),
    ],
)
def test_a_header_can_not_be_smuggled_in(content: Leaf | Multipart) -> None:
    with pytest.raises(Unwritable):
        body(content)


def test_more_headers_of_a_part_are_written() -> None:
    assert b"\r\nX-Own: 1\r\n\r\n" in body(replace(PICTURE, headers=(("X-Own", "1"),)))


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("boundary", ["a b", "a" * 49, "é", '"'])
def test_a_boundary_that_is_none_is_refused(boundary: str) -> None:
    with pytest.raises(Unwritable, match="letters and digits"):
        body(boundary=boundary)


def test_parts_without_an_id_have_none() -> None:
    nameless = Multipart((Leaf("text/plain", b"hello"),), content_id="")
    assert body(nameless).count(b"Content-ID") == 1  # the envelope's


def test_without_a_boundary_there_is_one_all_the_same() -> None:
    assert b"--mm7.boundary.0" in body(boundary="")


def test_multiparts_are_nested_only_so_deep() -> None:
    content: Leaf | Multipart = PICTURE
    for _ in range(MAX_NESTING):
        content = Multipart((content,))
    with pytest.raises(Unwritable, match="nested"):
        body(content)


def test_a_fault_code_with_a_prefix_that_is_none_is_refused() -> None:
    with pytest.raises(Unwritable, match="prefix"):
        write(Fault("a b:Client", ""), None)
