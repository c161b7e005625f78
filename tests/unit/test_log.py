"""The log says what happened and never who or what was in it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import FixedClock
from gateway.log import FIELDS, Event, Log, host_of, masked


@pytest.fixture
def sink() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(sink: io.StringIO) -> Log:
    return Log(sink, FixedClock())


@pytest.mark.requirement("U-13")
def test_an_event_is_one_json_line_with_its_time(log: Log, sink: io.StringIO) -> None:
    log(Event.ATTEMPT_ENDED, tracking_id="mt-1", attempts=2, account=None, reason="first\nsecond")
    assert sink.getvalue().count("\n") == 1
    assert json.loads(sink.getvalue()) == {
        "at": "2026-01-01T00:00:00.000Z",
        "event": "attempt.ended",
        "tracking_id": "mt-1",
        "attempts": 2,
        "reason": "first\nsecond",
    }


@pytest.mark.requirement("U-13")
@pytest.mark.parametrize(
    "key", ["sender", "recipient", "to", "number", "subject", "body", "event_json", "password", "url"]
)
def test_a_key_that_could_carry_a_number_a_body_or_a_secret_is_refused(log: Log, sink: io.StringIO, key: str) -> None:
    assert key not in FIELDS
    with pytest.raises(ValueError, match=key):
        log(Event.ATTEMPT_ENDED, tracking_id="mt-1", **{key: "x"})
    assert sink.getvalue() == ""


@pytest.mark.requirement("U-13")
@given(
    st.sampled_from(["", "+", "tel:", "<", "to "]),
    st.text("0123456789", min_size=7, max_size=15),
    st.sampled_from(["", "-", " ", ".", ") "]),
    st.sampled_from(["", "/TYPE=PLMN", ">", " is unknown"]),
)
def test_a_reason_that_quotes_a_phone_number_loses_it(before: str, number: str, between: str, after: str) -> None:
    written = number[:3] + between[:1] + number[3:]
    assert masked(f"{before}{written}{after}") == f"{before.removesuffix('+')}#{after}"


@pytest.mark.parametrize(
    "reason", ["HTTP 503", "status 4006", "127.0.0.1:8443 refused", "errno 111", "TLS 1.3 alert 42"]
)
def test_a_reason_keeps_codes_and_ports(reason: str) -> None:
    assert masked(reason) == reason


def test_a_long_reason_is_cut() -> None:
    assert len(masked("x" * 10_000)) == 200


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://user:pw@shop.example:8443/hook/15555550100?key=s", "shop.example"),
        ("http://[::1]:1/x", "::1"),
        ("", ""),
        ("http://[", ""),
    ],
)
def test_of_a_url_only_the_host_is_said(url: str, host: str) -> None:
    assert host_of(url) == host
