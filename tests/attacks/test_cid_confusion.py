"""References that would fit more than one part, or the wrong one."""

import pytest

from tests.attacks.messages import TYPE, leaves, multipart, opened, part, rules, with_content

pytestmark = pytest.mark.requirement("M-21")


def content(cid: str, text: bytes) -> bytes:
    """A multipart of one leaf that holds a text, with the text as its boundary."""
    boundary = text.decode()
    head = f"Content-Type: multipart/mixed; boundary={boundary}\r\nContent-ID: <{cid}>\r\n\r\n"
    return head.encode() + multipart(part("text/plain", "leaf", text), boundary=boundary).removesuffix(b"\r\n")


@pytest.mark.parametrize(("href", "chosen"), [("cid:1", b"one"), ("cid:10", b"ten"), ("cid:100", b"hundred")])
def test_an_id_that_begins_like_another_is_another(href: str, chosen: bytes) -> None:
    """Comparing by the length of either would make cid:1 and cid:10 the same."""
    parts = (content("10", b"ten"), content("1", b"one"), content("100", b"hundred"))
    envelope, findings = opened(with_content(*parts, href=href), TYPE)
    assert (leaves(envelope), rules(findings)) == ([("leaf", chosen)], {"content.left-out"})


def test_an_empty_id_fits_nothing() -> None:
    parts = (content("", b"nobody"), content("wanted", b"somebody"))
    envelope, _ = opened(with_content(*parts, href="cid:wanted"), TYPE)
    assert leaves(envelope) == [("leaf", b"somebody")]


def test_an_empty_reference_names_nothing_and_loses_nothing() -> None:
    envelope, findings = opened(with_content(content("a", b"one"), content("b", b"two"), href="cid:"), TYPE)
    assert leaves(envelope) == [("leaf", b"one"), ("leaf", b"two")]
    assert "content.href-unresolved" in rules(findings)


def test_the_envelope_is_not_its_own_content() -> None:
    envelope, findings = opened(with_content(part("text/plain", "a", b"one"), href="cid:start"), TYPE)
    assert leaves(envelope) == [("a", b"one")]
    assert "content.href-unresolved" in rules(findings)


@pytest.mark.parametrize("href", ["cid:a%2Fb", "cid:a/b"])
def test_percent_encoding_is_undone_once(href: str) -> None:
    envelope, findings = opened(with_content(part("text/plain", "a/b", b"one"), href=href), TYPE)
    assert (leaves(envelope), findings) == ([("a/b", b"one")], ())


@pytest.mark.parametrize(
    "href", ["cid:a%252Fb", "cid:%", "cid:%zz", "cid:%ff%fe", "file:///etc/hostname", "http://example.net/x"]
)
def test_what_names_no_part_is_never_looked_for_elsewhere(href: str) -> None:
    envelope, findings = opened(with_content(part("text/plain", "a/b", b"one"), href=href), TYPE)
    assert leaves(envelope) == [("a/b", b"one")]
    assert "content.href-unresolved" in rules(findings)
