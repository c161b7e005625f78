"""What a capture is said to be: offsets count in the file, findings have their level in the profile."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from gateway.mm7 import LENIENT, Level
from gateway.mm7.dialect import Strictness
from gateway.trace.explain import as_json, as_text, explain
from tests.integration.running import HANDSET, deliver, envelope, fault, related, report

HEAD = b"POST /mm7 HTTP/1.1\r\nContent-Type: "


def capture(body: bytes, content_type: str = "text/xml") -> bytes:
    return HEAD + content_type.encode() + b"\r\n\r\n" + body


def without_transaction_id() -> bytes:
    return deliver().replace(b"TransactionID", b"Whatever")


@pytest.mark.requirement("U-08")
def test_exit_codes() -> None:
    good = capture(*related(deliver()))
    assert explain("x", good).exit_code == 0
    assert explain("x", capture(*related(without_transaction_id()))).exit_code == 1
    assert explain("x", capture(b"<a>")).exit_code == 2
    assert explain("x", b"").exit_code == 2


@pytest.mark.requirement("U-08")
def test_offsets_count_from_the_start_of_the_file() -> None:
    broken = capture(deliver().replace(b"</Priority>", b"</Prio>"))
    found = as_json(explain("x", broken))
    assert abs(broken.index(b"</Prio>") - found["error"]["offset"]) < 20
    odd = capture(*related(deliver().replace(b">Normal<", b">Whenever<")))
    (finding,) = [each for each in as_json(explain("x", odd))["findings"] if each["rule"] == "value.word"]
    assert abs(odd.index(b"Whenever") - finding["offset"]) < 20


@pytest.mark.requirement("U-08", "U-07")
def test_a_profile_decides_what_is_an_error() -> None:
    odd = capture(*related(deliver().replace(b">Normal<", b">Whenever<")))
    assert explain("x", odd).exit_code == 0
    assert explain("x", odd, replace(LENIENT, strictness=Strictness.STRICT)).exit_code == 1
    silent = replace(LENIENT, levels=MappingProxyType({"header.transaction-id-missing": Level.INFO}))
    assert explain("x", capture(*related(without_transaction_id())), silent).exit_code == 0


@pytest.mark.requirement("U-08")
def test_the_text_says_who_what_and_what_is_odd() -> None:
    text = as_text(explain("mo.http", capture(*related(deliver()))))
    assert text.startswith("mo.http: DeliverReq\n  MM7Version     6.8.0\n")
    assert f"number {HANDSET}" in text
    assert "part           image/png" in text
    bare = as_text(explain("x", capture(envelope("DeliverReq", "<Sender/>").replace(b"txn-1", b""))))
    assert "MM7Version     –" in bare
    assert "TransactionID  –" in bare
    assert "error    there is no TransactionID" in bare


@pytest.mark.requirement("U-08")
def test_the_text_of_the_unreadable() -> None:
    text = as_text(explain("x.http", capture(deliver()[:-20])))
    assert text.startswith("x.http: unreadable (DeliverReq, TransactionID txn-mo)\n")
    assert "it would be refused with 4004 (rule xml.malformed)" in text
    assert as_text(explain("x.http", b"hello")).startswith("x.http: unreadable\n")


@pytest.mark.requirement("U-08")
def test_a_fault_is_what_its_detail_says_and_a_report_has_no_parts() -> None:
    found = as_json(explain("x", capture(fault(2002, "t"))))
    assert (found["operation"], found["message"]["status_code"]) == ("RSErrorRsp", 2002)
    assert as_json(explain("x", capture(report("m-1"))))["parts"] == []
    assert "delivery_report" not in as_text(explain("x", capture(report("m-1"))))


def test_a_part_without_a_name_says_so() -> None:
    body, content_type = related(deliver())
    nameless = body.replace(b"; name=sea.png\r\nContent-ID: <sea>", b"")
    assert "(no name)" in as_text(explain("x", capture(nameless, content_type)))
    display = deliver().replace(b"<ShortCode>", b'<ShortCode displayOnly="true">')
    assert "display_only true" in as_text(explain("x", capture(*related(display))))
