"""Who may speak: networks, credentials, and whom a proxy speaks for."""

import base64
import hmac
from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest

from gateway.web import access
from gateway.web.access import Access, Verdict, speaker, within

NETWORKS = (IPv4Network("192.0.2.0/24"), IPv6Network("2001:db8::/32"))
GUARDED = Access(username="acme", password="geheim")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.requirement("M-14")
@pytest.mark.parametrize(
    ("peer", "inside"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),  # an IPv4 peer of a socket that speaks both
        ("2001:db8::1", True),
        ("198.51.100.7", False),
        ("::ffff:198.51.100.7", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("192.0.2.7, 192.0.2.8", False),
        ("not an address", False),
    ],
)
def test_networks(peer: str, inside: bool) -> None:  # noqa: FBT001
    assert within(peer, NETWORKS) is inside
    verdict = Access(networks=NETWORKS).check(peer, None)
    assert verdict is (Verdict.ALLOWED if inside else Verdict.WRONG_NETWORK)


@pytest.mark.requirement("M-14")
def test_right_credentials() -> None:
    assert GUARDED.check("192.0.2.7", basic("acme:geheim")) is Verdict.ALLOWED
    assert GUARDED.check("192.0.2.7", "  bAsIc   " + basic("acme:geheim")[6:] + " ") is Verdict.ALLOWED
    colon = Access(username="acme", password="a:b")
    assert colon.check("", basic("acme:a:b")) is Verdict.ALLOWED
    unicode = Access(username="acme", password="grün")
    assert unicode.check("", basic("acme:grün")) is Verdict.ALLOWED


@pytest.mark.requirement("M-14")
@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Basic", "Basic ", "Basic !", "Basic ====", "Basic \u00e9", "Basic \udcff", "Bearer x", "Digest a=b",
        basic("acme:"), basic("acme"), basic(":geheim"), basic("acme:geheim "), basic("ACME:geheim"),
        basic("acme:geheim")[:-3],
        basic("acme:geheim").replace("Basic ", "Basic\t"), "geheim",
    ],
)  # fmt: skip
def test_anything_else_is_wrong_and_raises_nothing(authorization: str | None) -> None:
    assert GUARDED.check("192.0.2.7", authorization) is Verdict.WRONG_CREDENTIALS


@pytest.mark.requirement("M-14")
def test_the_network_comes_first_so_that_strangers_can_not_try_passwords() -> None:
    both = Access(username="acme", password="geheim", networks=NETWORKS)
    assert both.check("198.51.100.7", basic("acme:geheim")) is Verdict.WRONG_NETWORK
    assert both.check("192.0.2.1", basic("acme:wrong")) is Verdict.WRONG_CREDENTIALS
    assert both.check("192.0.2.1", basic("acme:geheim")) is Verdict.ALLOWED


def test_nothing_asked_for_is_open() -> None:
    assert Access().is_open
    assert Access().check("anything", None) is Verdict.ALLOWED
    assert not GUARDED.is_open
    assert not Access(networks=NETWORKS).is_open


def test_a_password_that_was_not_set_is_an_empty_one() -> None:
    assert Access(username="acme").check("", basic("acme:")) is Verdict.ALLOWED


@pytest.mark.requirement("M-14")
def test_whatever_is_presented_digests_of_one_length_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the time it takes tells neither how much was right nor how long the secret is."""
    compared: list[tuple[int, int]] = []

    class Watching:
        @staticmethod
        def compare_digest(left: bytes, right: bytes) -> bool:
            compared.append((len(left), len(right)))
            return hmac.compare_digest(left, right)

    monkeypatch.setattr(access, "hmac", Watching)
    for authorization in (None, "Basic", "Bearer x", basic("a"), basic("acme:geheim"), basic("acme:" + "g" * 5000)):
        GUARDED.check("", authorization)
    assert compared == [(32, 32)] * 6


def test_the_password_is_in_no_repr() -> None:
    assert "geheim" not in repr(GUARDED)


@pytest.mark.parametrize(
    ("forwarded_for", "remote", "spoke"),
    [
        ("", "10.0.0.1", "10.0.0.1"),
        ("198.51.100.7", "10.0.0.1", "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7", "10.0.0.1", "198.51.100.7"),  # what stands left of it may be invented
        ("198.51.100.7, 10.0.0.2", "10.0.0.1", "198.51.100.7"),  # through two proxies of ours
        ("10.0.0.3, 10.0.0.2", "10.0.0.1", "10.0.0.3"),
        ("198.51.100.7", "203.0.113.1", "203.0.113.1"),  # no proxy of ours: not believed
        (" , 198.51.100.7 ,", "10.0.0.1", "198.51.100.7"),
        ("unknown", "10.0.0.1", "unknown"),
    ],
)
def test_whom_a_trusted_proxy_speaks_for(forwarded_for: str, remote: str, spoke: str) -> None:
    assert speaker(remote, forwarded_for, (IPv4Network("10.0.0.0/8"),)) == spoke


def test_without_trusted_proxies_the_header_says_nothing() -> None:
    assert speaker("198.51.100.7", "192.0.2.1", ()) == "198.51.100.7"
    assert ip_network("192.0.2.0/24") in NETWORKS
