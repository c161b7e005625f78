"""The quirks that are no message, or that need more than reading one: what profiles write, and what values mean."""

import ast
import importlib.util
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from gateway.mm7 import Dialect, Envelope, Leaf, Multipart, Unreadable, Unwritable, read, write
from gateway.mm7.addresses import normalise
from gateway.mm7.answers import Refusal, accepted, refusal_for, refused
from gateway.mm7.capture import Capture, read_capture
from gateway.mm7.messages import DeliverReq, DeliveryReportReq, SubmitReq, SubmitRsp
from gateway.mm7.profiles import ProfileError, parse_profile, profile, profile_names
from gateway.mm7.status import MmStatus, Verdict, judge, read_mm_status
from gateway.mm7.table import Address, AddressKind, Content, Recipients
from gateway.mm7.times import parse_time
from gateway.mm7.versions import VERSIONS
from tests.shared import ROOT

pytestmark = pytest.mark.requirement("U-07")

QUIRKS = ROOT / "fixtures" / "wire" / "quirks"
SUBMIT = SubmitReq(
    "6.8.0",
    vasp_id="harbour-news",
    recipients=Recipients(to=(Address(AddressKind.NUMBER, "15555550100"),)),
    content=Content("cid:content"),
)
SMIL = b"<smil><body/></smil>"
CONTENT = Multipart(
    (Leaf("application/smil", SMIL, "show.smil"), Leaf("text/plain", b"lit", "note")), start="show.smil"
)


def capture(name: str) -> Capture:
    (path,) = QUIRKS.glob(f"{name}*.http")
    return read_capture(path.read_bytes())


def envelope(name: str) -> Envelope:
    captured = capture(name)
    return read(captured.body, captured.content_type)[0]


# --- the table


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ROWS: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "fixtures" / "quirks.toml").read_text("utf-8"))


def test_the_page_is_current() -> None:
    tool = _tool("docs_quirks")
    assert cast(Path, tool.PAGE).read_text("utf-8") == tool.page(ROWS), "run make docs"


def test_the_page_of_the_corpus_is_current() -> None:
    tool, corpus = _tool("docs_corpus"), _tool("../tests/wire/corpus")
    assert cast(Path, tool.PAGE).read_text("utf-8") == tool.page(corpus.expected()), "run make docs"


def test_every_quirk_has_its_row() -> None:
    wanted = [
        f"{letter}{number:02}"
        for letter, last in zip("HMXE", (22, 20, 20, 22), strict=True)
        for number in range(1, last + 1)
    ]
    assert list(ROWS) == wanted


@pytest.mark.parametrize("number", ROWS)
def test_every_quirk_is_shown_by_a_message_or_a_test(number: str) -> None:
    tests = ROWS[number].get("tests", [])
    assert tests or list(QUIRKS.glob(f"{number}-*.http"))
    for test in tests:
        file, _, function = test.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_message_belongs_to_a_quirk() -> None:
    assert {path.name[:3] for path in QUIRKS.glob("*.http")} <= set(ROWS)


# --- HTTP and MIME


def test_h01_the_status_of_our_faults_is_the_profiles() -> None:
    refusal = Refusal(2007, "why", "value.time")
    statuses = {name: refused(refusal, profile(name), from_relay=True).http_status for name in ("3gpp-6.8.0", "skt-kr")}
    assert statuses == {"3gpp-6.8.0": 500, "skt-kr": 200}


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(quoted_type=False, start_brackets=False)])
def test_h07_h08_start_and_type_are_written_as_the_profile_wants_them(dialect: Dialect) -> None:
    encoded = write(SUBMIT, "tx-1", dialect, content=CONTENT, boundary="token")
    value = encoded.headers["Content-Type"]
    assert ('type="text/xml"' if dialect.quoted_type else "type=text/xml;") in value
    assert ('start="<mm7-start>"' if dialect.start_brackets else 'start="mm7-start"') in value
    odd = [finding.rule.id for finding in read(encoded.body(), value)[1]]
    assert odd == ([] if dialect.start_brackets else ["mime.start-form"])


def test_h10_our_boundaries_are_letters_digits_and_dots() -> None:
    encoded = write(SUBMIT, "tx-1", content=CONTENT, boundary="0123456789abcdef0123456789abcdef")
    found = re.findall(rb'boundary="([^"]*)"', encoded.headers["Content-Type"].encode() + encoded.body())
    assert len(found) == 2
    assert all(re.fullmatch(rb"[A-Za-z0-9.]{20,70}", boundary) for boundary in found)


def test_h18_soapaction_is_the_profiles() -> None:
    assert write(SUBMIT, "tx-1", profile("3gpp-6.8.0")).headers["SOAPAction"] == '""'
    assert write(SUBMIT, "tx-1", profile("sinch")).headers["SOAPAction"].endswith('REL-6-MM7-1-4"')


def test_h20_headers_of_vendors_are_kept() -> None:
    assert capture("H20").headers["x-harbour-carrier-id"] == "0001890"


def test_m10_a_refusal_says_what_and_where() -> None:
    captured = capture("M05-content-announced")
    envelope_read, findings = read(captured.body, captured.content_type)
    (finding,) = findings
    answer = refused(refusal_for(finding, Dialect()), Dialect(), from_relay=True, request=envelope_read)
    assert (answer.http_status, answer.code) == (500, 2004)
    fault = cast(Any, read(answer.body, answer.content_type)[0].message)
    assert "cid:content" in fault.error.details
    assert "TS 23.140" in fault.error.details


def test_m13_smil_is_written_as_it_is() -> None:
    encoded = write(SUBMIT, "tx-1", content=CONTENT, boundary="token").body()
    assert SMIL in encoded
    assert b'start="<show.smil>"; type="application/smil"' in encoded


# --- the envelope


def test_x01_prefixes_are_written_as_the_profile_wants_them() -> None:
    body = write(SUBMIT, "tx-1", Dialect(soap_prefix="SOAP-ENV", mm7_prefix="mm7", transaction_prefix="")).body()
    assert body.count(b"<SOAP-ENV:Envelope") == body.count(b"<mm7:SubmitReq") == body.count(b"<mm7:Number>") == 1
    assert b"<TransactionID xmlns=" in body
    assert [finding.rule.id for finding in read(body, "text/xml")[1]] == ["content.missing"]


def test_x04_the_answer_is_in_the_bodys_namespace() -> None:
    request = envelope("X04")
    answer, findings = read(accepted(request, Dialect()).body, "text/xml")
    assert (answer.namespace, answer.transaction_id) == (request.namespace, request.transaction_id)
    assert (answer.message.mm7_version, findings) == ("5.3.0", ())  # type: ignore[union-attr]


@pytest.mark.parametrize("name", profile_names())
def test_x06_version_and_namespace_of_a_profile_fit(name: str) -> None:
    dialect = profile(name)
    assert dialect.version in VERSIONS[dialect.release]
    wrong = '[dialect]\nrelease = "REL-5-MM7-1-2"\nversion = "6.8.0"'
    with pytest.raises(ProfileError, match=r"6\.8\.0.* is not of REL-5-MM7-1-2"):
        parse_profile(wrong, "wrong")


# --- elements and values


def test_e05_numbers_are_compared_in_a_plain_form() -> None:
    message = cast(SubmitReq, envelope("E05-numbers").message)
    assert message.recipients is not None
    assert [normalise(address.text) for address in message.recipients.to] == [
        "15555550100",
        "15555550101",
        "15555550102",
        "15555550103",
        "#28445",
        "ada@example.net",
        "5555550104",
    ]


@pytest.mark.parametrize(
    ("fixture", "status"),
    [
        ("E10-mmstatus-number", MmStatus.RETRIEVED),
        ("E10-mmstatus-sentence", MmStatus.RETRIEVED),
        ("E10-mmstatus-lower-case", MmStatus.EXPIRED),
        ("E10-mmstatus-of-a-vendor", MmStatus.UNREACHABLE),
    ],
)
def test_e10_mmstatus_in_all_its_words(fixture: str, status: MmStatus) -> None:
    message = cast(DeliveryReportReq, envelope(fixture).message)
    assert read_mm_status(message.mm_status) is status
    assert read_mm_status("washed ashore") is MmStatus.INDETERMINATE


@pytest.mark.parametrize(
    ("fixture", "meant"),
    [
        ("E13-date-rfc-1123", datetime(2026, 1, 31, 11, 0, 5, tzinfo=UTC)),
        ("E13-date-compact", datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)),
        ("E13-date-one-digit-day", datetime(2026, 1, 3, 11, 0, 5, tzinfo=UTC)),
        ("E13-date-without-zone", datetime(2026, 1, 31, 12, 0, 5, tzinfo=UTC)),
        ("E13-date-month-of-the-minutes", None),
    ],
)
def test_e13_dates_in_all_their_forms(fixture: str, meant: datetime | None) -> None:
    message = cast(DeliveryReportReq, envelope(fixture).message)
    assert message.date is not None
    assert parse_time(message.date) == meant


def test_e16_a_profile_omits_and_adds_elements() -> None:
    # A DeliverReq of REL-5-MM7-1-0 has to have a ReplyChargingID, a SubmitRsp has no place for a MessageID.
    deliver = DeliverReq("5.3.0", sender=Address(AddressKind.NUMBER, "15555550100"))
    with pytest.raises(Unwritable, match="ReplyChargingID"):
        write(deliver, "tx-1", profile("3gpp-5.3.0"))
    assert b"ReplyChargingID" not in write(deliver, "tx-1", profile("skt-kr")).body()
    answer = SubmitRsp("5.3.0", 1000, "Success", message_id="mms-4711")
    assert b"mms-4711" in write(answer, "tx-1", profile("skt-kr")).body()


def test_e18_e19_what_a_code_means() -> None:
    codes = (1000, 1100, 2007, 3000, 4006, 4007, 201, 5000)
    meant = {code: judge(code) for code in codes}
    assert [code for code, verdict in meant.items() if verdict is Verdict.RETRYABLE] == [3000, 4006]
    assert [code for code, verdict in meant.items() if verdict is Verdict.PERMANENT] == [2007, 4007, 201, 5000]
    assert judge(2007, retryable=frozenset({2007})) is Verdict.RETRYABLE
    assert judge(4006, permanent=frozenset({4006})) is Verdict.PERMANENT


def test_a_blank_answer_is_no_message() -> None:
    with pytest.raises(Unreadable, match="the body is empty"):
        envelope("H03")
    assert profile("vibes").blank_answer_accepts
