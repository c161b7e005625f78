"""The log says what happened and never who or what was in it."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import FixedClock
from gateway.log import FIELDS, Event, Log, host_of, masked, where


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


@pytest.mark.requirement("U-13")
@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ('4006 Service unavailable: "no such user 15555550100 at "us"", said they', "4006 Service unavailable"),
        ('"all of it"', ""),
        ("no answer from +1 (555) 555 - 0100 now", "no answer from # now"),
        ("to user@example.com, at http://shop.example/hook/SECRET?key=SECRET, failed", "to # at #, failed"),
    ],
)
def test_a_reason_loses_what_others_wrote_into_it(reason: str, written: str) -> None:
    assert masked(reason) == written


class Broken(io.StringIO):
    error: Exception | None = BrokenPipeError()

    def write(self, line: str, /) -> int:
        if self.error is not None:
            raise self.error
        return super().write(line)


@pytest.mark.requirement("U-13")
@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "full"), ValueError("closed")])
def test_a_log_that_can_not_be_written_stops_nothing_and_says_so_later(error: Exception) -> None:
    sink = Broken()
    sink.error = error
    log = Log(sink, FixedClock())
    log(Event.STARTED)
    log(Event.STARTED)
    sink.error = None
    log(Event.STOPPED)
    log(Event.STOPPED)
    first, second = map(json.loads, sink.getvalue().splitlines())
    assert first["lost"] == 2
    assert "lost" not in second


def test_an_id_that_a_peer_chose_is_kept_and_bounded(log: Log, sink: io.StringIO) -> None:
    log(Event.EXCHANGE_ANSWERED, transaction_id="15555550100" + "x" * 1_000_000)
    written = json.loads(sink.getvalue())["transaction_id"]
    assert written.startswith("15555550100x")
    assert len(written) == 200


def test_an_error_is_known_by_its_type_and_place() -> None:
    def fail() -> None:
        raise KeyError("15555550100")

    with pytest.raises(KeyError) as caught:
        fail()
    assert where(caught.value).startswith("KeyError in fail, line ")
    assert where(KeyError("15555550100")) == "KeyError"


@pytest.mark.parametrize(
    "reason", ["HTTP 503", "status 4006", "127.0.0.1:8443 refused", "errno 111", "TLS 1.3 alert 42"]
)
def test_a_reason_keeps_codes_and_ports(reason: str) -> None:
    assert masked(reason) == reason


def test_a_long_reason_is_cut(log: Log, sink: io.StringIO) -> None:
    log(Event.STORE_FAILED, reason="x" * 10_000)
    assert len(json.loads(sink.getvalue())["reason"]) == 200


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
