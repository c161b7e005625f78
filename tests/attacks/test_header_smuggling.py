"""Line breaks in values, so that what was a value becomes a header or a part of its own."""

import pytest

from gateway.mm7 import Dialect, Leaf, Multipart, Unwritable, read, write
from gateway.mm7.messages import DeliverReq
from gateway.mm7.table import Address, AddressKind, Content
from tests.attacks.messages import TYPE, leaves, opened, with_content

pytestmark = pytest.mark.requirement("M-21")

MESSAGE = DeliverReq("6.8.0", sender=Address(AddressKind.NUMBER, "15555550100"), content=Content("cid:content"))
BREAKS = ["\r\n", "\n", "\r", "\0"]


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("field", ["media_type", "content_id", "content_location", "name", "value"])
def test_the_writer_refuses_a_line_break_in_a_header(field: str, line_break: str) -> None:
    smuggled = f"text/plain{line_break}X-Smuggled: yes"
    leaf = {
        "media_type": Leaf(smuggled, b"", "a"),
        "content_id": Leaf("text/plain", b"", smuggled),
        "content_location": Leaf("text/plain", b"", "a", smuggled),
        "name": Leaf("text/plain", b"", "a", "", ((smuggled, "x"),)),
        "value": Leaf("text/plain", b"", "a", "", (("X-Note", smuggled),)),
    }[field]
    with pytest.raises(Unwritable):
        write(MESSAGE, "tx-1", content=leaf)


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("field", ["subtype", "content_id", "start", "start_type"])
def test_so_it_does_in_the_headers_of_a_multipart(field: str, line_break: str) -> None:
    smuggled = f"a{line_break}X-Smuggled: yes"
    content = Multipart((Leaf("text/plain", b"", "a"),), **{"start": "a", field: smuggled})
    with pytest.raises(Unwritable):
        write(MESSAGE, "tx-1", content=content)


@pytest.mark.parametrize("quote", ['a"; boundary="x', "a>; x=<b"])
def test_a_quotation_mark_does_not_end_a_parameter(quote: str) -> None:
    """Either it is refused, or the message is the same for who reads it."""
    content = Multipart((Leaf("text/plain", b"one", "a"),), start=quote)
    try:
        encoded = write(MESSAGE, "tx-1", content=content, boundary="token")
    except Unwritable:
        return
    envelope, _ = read(encoded.body(), encoded.headers["Content-Type"])
    assert leaves(envelope) == [("a", b"one")]


def test_a_transaction_id_with_line_breaks_stays_in_its_element() -> None:
    encoded = write(
        MESSAGE, "tx\r\n\r\n--mm7.token.0\r\n<evil/>&", content=Leaf("text/plain", b"one", "content"), boundary="token"
    )
    envelope, _ = read(encoded.body(), encoded.headers["Content-Type"])
    assert envelope.transaction_id == "tx\r\n\r\n--mm7.token.0\r\n<evil/>&"
    assert leaves(envelope) == [("content", b"one")]


def test_a_namespace_cannot_end_its_attribute() -> None:
    encoded = write(MESSAGE, "tx-1", Dialect(namespace='urn:x"><evil xmlns="'))
    envelope, _ = read(encoded.body(), encoded.headers["Content-Type"])
    assert (envelope.operation, envelope.namespace) == ("DeliverReq", 'urn:x"><evil xmlns="')


@pytest.mark.parametrize("header", [b"X-A: 1\rX-B: 2", b"X-A\0: 1", b"X-A: \x0b\x0c", b": no name", b"X A: 1"])
def test_odd_headers_of_a_part_do_not_lose_the_part(header: bytes) -> None:
    body = with_content(b"Content-Type: text/plain\r\nContent-ID: <content>\r\n" + header + b"\r\n\r\none")
    envelope, _ = opened(body, TYPE)
    (leaf,) = envelope.leaves
    assert (leaf.content_id, leaf.media_type) == ("content", "text/plain")
    assert bytes(leaf.data).endswith(b"one")
