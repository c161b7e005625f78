"""What an application is told: the published codes, key for key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.customer.postback import MT_CODES, body_of
from gateway.router.events import Event, EventKind, EventPart

URL = "https://mms.example.net"
AT = 1_767_225_600_999


def event(kind: EventKind, **more: Any) -> Event:  # noqa: ANN401
    return Event(kind=kind, tracking_id="t-1", account="shop", sender="28444", to=("15555550100",), at=AT, **more)


def told(of: Event) -> dict[str, Any]:
    body = body_of(of, URL)
    assert body is not None
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (EventKind.SUBMITTED, "N101", "Sent"),
        (EventKind.DELIVERED, "N102", "Delivered"),
        (EventKind.EXPIRED, "N103", "Expired"),
        (EventKind.FAILED, "E101", "Failed"),
        (EventKind.REJECTED, "E102", "Rejected"),
        (EventKind.UNRECOGNISED, "E102", "Unrecognised"),
        (EventKind.NOT_SUPPORTED, "E102", "Rejected"),
        (EventKind.CONDITION_NOT_MET, "E102", "Rejected"),
        (EventKind.UNREACHABLE, "E102", "Failed"),
        (EventKind.INDETERMINATE, "E102", "Failed"),
    ],
)
def test_each_end_of_an_mt_has_its_code(kind: EventKind, code: str, status: str) -> None:
    assert told(event(kind)) == {
        "origin": "MMS_MT",
        "code": code,
        "sent-as": "MMS",
        "status": status,
        "status-details": MT_CODES[kind].details,
        "to": "15555550100",
        "from": "28444",
        "tracking-id": "t-1",
        "timestamp": "2026-01-01T00:00:00Z",
    }


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize("kind", sorted(set(EventKind) - set(MT_CODES) - {EventKind.MO_RECEIVED}))
def test_what_is_no_end_is_not_told(kind: EventKind) -> None:
    assert body_of(event(kind), URL) is None


@pytest.mark.requirement("P-03")
def test_what_a_carrier_says_is_told_and_empty_things_are_left_out() -> None:
    found = told(
        event(
            EventKind.REJECTED,
            status_text="Content not allowed",
            operator_id="31002",
            client_reference="order-9",
            ua_prof="http://handset.example/p.xml",
        )
    )
    assert found["status-details"] == "Content not allowed"
    assert (found["operator-id"], found["client-reference"]) == ("31002", "order-9")
    assert found["handset"] == "http://handset.example/p.xml"
    assert "operator-id" not in told(event(EventKind.REJECTED, operator_id=""))


@pytest.mark.requirement("P-03")
def test_an_mo_has_a_url_for_each_part() -> None:
    parts = (EventPart("t-1.0.x", "application/smil", None, 3), EventPart("t-1.1.y", "image/png", "a.png", 9))
    found = told(event(EventKind.MO_RECEIVED, subject="Grüße", parts=parts, copy_to=("1", "2"), operator_id="31002"))
    assert found == {
        "origin": "MMS_MO",
        "code": "N401",
        "from": "28444",
        "to": "15555550100",
        "copy-to": [{"number": "1"}, {"number": "2"}],
        "operator-id": "31002",
        "tracking-id": "t-1",
        "timestamp": "2026-01-01T00:00:00Z",
        "message-subject": "Grüße",
        "content": [{"file": f"{URL}/media/t-1.0.x"}, {"file": f"{URL}/media/t-1.1.y"}],
    }


@pytest.mark.requirement("P-01")
def test_an_mo_without_anything_is_still_whole_and_the_body_is_utf_8() -> None:
    bare = Event(kind=EventKind.MO_RECEIVED, tracking_id="t-1", account="shop", sender="", to=(), at=AT)
    found = told(bare)
    assert (found["to"], found["message-subject"], found["content"]) == ("", "", [])
    assert "copy-to" not in found
    body = body_of(event(EventKind.MO_RECEIVED, subject="Grüße 👋"), URL)
    assert body is not None
    assert "Grüße 👋" in body.decode("utf-8")
    assert told(Event(kind=EventKind.FAILED, tracking_id="t", account="s", sender="", to=(), at=0))["to"] == ""
