"""Whatever comes in, reading ends in a message or in Unreadable; writing ends in bytes or in Unwritable."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mm7 import Content, Dialect, Leaf, Multipart, Release, Unreadable, Unwritable, read, write
from gateway.mm7.answers import refusal_for, refused
from gateway.mm7.dialect import DetailsForm
from gateway.mm7.messages import Fault
from gateway.mm7.model import OPERATIONS, Operation
from tests import strategies
from tests.unit.mm7.samples import JPEG, RELATED, SUBMIT, message, multipart, part, related

_PICTURE = part(JPEG, "Content-Type: image/jpeg", "Content-ID: <content>", "Content-Transfer-Encoding: base64")
_WHOLE = related(message("SubmitReq", SUBMIT + '<Content href="cid:content"/>'), _PICTURE)
_SNIPPETS = b"""--b
--b--
<
</
/>
<!DOCTYPE a>
&lt;
&x;
"
x:
<!--
]]>
Content-Type: multipart/mixed; boundary=b
Content-Transfer-Encoding: quoted-printable
<?xml version="1.0" encoding="utf-16"?>
<Status><StatusCode>1</StatusCode></Status>
<Recipients><To>1</To>"""
_PIECES = st.sampled_from([b"\r\n", b"\r\n\r\n", b"\n", b"\x00", b"\xff\xfe", *_SNIPPETS.split(b"\n")]) | st.binary(
    max_size=20
)
_TYPES = (
    st.none()
    | st.sampled_from([RELATED, "text/xml", "multipart/mixed", "multipart/related; boundary=c", "image/png"])
    | st.text()
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A good body into which pieces were put, and out of which some were cut."""
    body = bytearray(_WHOLE)
    for _ in range(draw(st.integers(1, 6))):
        at, width = draw(st.integers(0, len(body))), draw(st.sampled_from([0, 0, 1, 7, 60]))
        body[at : at + width] = draw(_PIECES)
    return bytes(body)


@pytest.mark.requirement("M-21")
@settings(max_examples=1_500)
@given(
    body=broken() | st.binary(),
    content_type=_TYPES,
    dialect=st.sampled_from([Dialect(), Dialect(undeclared_prefixes=True)]),
)
@example(body=b"", content_type=None, dialect=Dialect())
@example(body=b"<", content_type="text/xml", dialect=Dialect(undeclared_prefixes=True))
@example(body=multipart(b"", b""), content_type="\udcff; boundary*0*=\udcff''%", dialect=Dialect())
def test_any_body_is_read_or_can_be_refused_with_an_offset_in_it(
    body: bytes, content_type: str | None, dialect: Dialect
) -> None:
    try:
        _, findings = read(body, content_type, dialect)
    except Unreadable as error:
        offsets = [error.offset]
        answer = refused(refusal_for(error, dialect), dialect, from_relay=True, problem=error)
        assert isinstance(read(answer.body, answer.content_type)[0].message, Fault)
    else:
        offsets = [finding.offset for finding in findings]
    assert all(0 <= offset <= len(body) for offset in offsets)


_DIALECTS = st.builds(
    Dialect,
    release=st.sampled_from(Release),
    mm7_prefix=st.sampled_from(["", "mm7"]),
    details=st.sampled_from(DetailsForm),
    extras=st.booleans(),
    free_words=st.sampled_from([frozenset(), frozenset({"MMStatus", "Priority"})]),
    transfer_encoding=st.sampled_from(["binary", "base64"]),
    single_part_bare=st.booleans(),
)
_ANY_TEXT = st.text() | st.text(st.characters())
_LEAVES = st.builds(
    Leaf, _ANY_TEXT, st.binary(), _ANY_TEXT, _ANY_TEXT, st.lists(st.tuples(_ANY_TEXT, _ANY_TEXT)).map(tuple)
)
_CONTENTS = (
    st.none()
    | _LEAVES
    | st.builds(Multipart, st.lists(_LEAVES, max_size=3).map(tuple), _ANY_TEXT, _ANY_TEXT, _ANY_TEXT)
)


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
@settings(max_examples=60)
@given(data=st.data(), dialect=_DIALECTS, content=_CONTENTS, transaction_id=st.none() | _ANY_TEXT, boundary=_ANY_TEXT)
def test_any_values_are_written_or_refused(
    operation: Operation,
    data: st.DataObject,
    dialect: Dialect,
    content: Leaf | Multipart | None,
    transaction_id: str | None,
    boundary: str,
) -> None:
    asked = data.draw(st.from_type(operation.type))
    with suppress(Unwritable):
        encoded = write(asked, transaction_id, dialect, content=content, boundary=boundary)
        assert encoded.length == len(encoded.body())
        with suppress(Unreadable):  # a header of a part may say anything, a base64 of an image/jpeg too
            read(encoded.body(), encoded.headers["Content-Type"])


@pytest.mark.requirement("M-21")
@settings(max_examples=60)
@given(fault=st.from_type(Fault), transaction_id=st.none() | _ANY_TEXT)
def test_any_fault_is_written_and_read_or_refused(fault: Fault, transaction_id: str | None) -> None:
    with suppress(Unwritable):
        read(write(fault, transaction_id).body(), "text/xml")


@pytest.mark.requirement("C-01")
@settings(max_examples=200)
@given(seed=st.integers(0, 2**32), data=st.binary(max_size=300))
def test_what_is_written_with_content_is_read_as_it_was(seed: int, data: bytes) -> None:
    random = Random(seed)
    release = random.choice(list(Release))
    asked = strategies.message(random, release, OPERATIONS["SubmitReq"])
    content = Multipart((Leaf("image/jpeg", data, "a"), Leaf("text/plain", b"--mm7.token.1--\r\n" + data, "b")))
    asked = type(asked)(
        **{name: getattr(asked, name) for name in asked.__slots__} | {"content": Content("cid:content")}
    )
    encoded = write(asked, "t-1", Dialect(release=release), content=content, boundary="token")
    envelope, findings = read(encoded.body(), encoded.headers["Content-Type"])
    assert (envelope.message, envelope.release, findings) == (asked, release, ())
    assert [bytes(leaf.data) for leaf in envelope.leaves] == [data, b"--mm7.token.1--\r\n" + data]
