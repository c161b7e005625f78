"""Transfer encodings that are cut, padded, mixed up, or made to grow."""

import base64

import pytest

from tests.attacks.messages import TYPE, opened, part, with_content

pytestmark = pytest.mark.requirement("M-21")

DATA = bytes(range(256))
ENCODED = base64.b64encode(DATA)


def decoded(encoded: bytes, encoding: str = "base64") -> bytes:
    body = with_content(part("image/png", "content", encoded, f"Content-Transfer-Encoding: {encoding}"))
    ((leaf,), _) = opened(body, TYPE)[0].leaves, None
    return bytes(leaf.data)


@pytest.mark.parametrize(
    "spoilt",
    [
        ENCODED,
        ENCODED.rstrip(b"="),
        ENCODED + b"=====",
        b"\r\n".join(ENCODED[at : at + 3] for at in range(0, len(ENCODED), 3)),
        b"\t ".join(ENCODED[at : at + 1] for at in range(len(ENCODED))),
        b"!" + ENCODED.replace(b"A", b"A\xff\x00*") + b"\r\n\r\n",
    ],
)
def test_what_is_there_is_decoded(spoilt: bytes) -> None:
    assert decoded(spoilt) == DATA


@pytest.mark.parametrize("length", range(1, 12))
def test_what_was_cut_gives_the_bytes_that_are_whole(length: int) -> None:
    assert DATA.startswith(decoded(ENCODED[:length]))
    assert len(decoded(ENCODED[:length])) == length * 6 // 8


@pytest.mark.parametrize("nothing", [b"", b"=", b"====", b"\r\n", b"!!!!", b"\xff" * 1000])
def test_nothing_gives_nothing(nothing: bytes) -> None:
    assert decoded(nothing) == b""


def test_padding_in_the_middle_does_not_hide_what_follows() -> None:
    """Two decoders that disagree about it would see two pictures."""
    assert decoded(base64.b64encode(b"one") + b"=" + base64.b64encode(b"two")) in (b"onetwo", b"one")


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"=", b""),
        (b"a=\r\nb", b"ab"),
        (b"=4", b"=4"),
        (b"=ZZ=41", b"=ZZA"),
        (b"=" * 1000, None),
        (b"=0D=0A=00", b"\r\n\0"),
    ],
)
def test_quoted_printable_of_any_kind_is_bounded(encoded: bytes, expected: bytes | None) -> None:
    found = decoded(encoded, "quoted-printable")
    assert len(found) <= len(encoded)
    assert expected is None or found == expected


@pytest.mark.parametrize("encoding", ["gzip", "x-uuencode", "bz2", "zlib", "rot13", "hex", "binary, base64"])
def test_no_other_encoding_is_undone(encoding: str) -> None:
    """Python knows codecs of these names, some of which grow without bound."""
    assert decoded(ENCODED, encoding) == ENCODED
