"""Every message of fixtures/: what it says, that it can be written again, and that it may arrive in any pieces."""

import importlib.util
import json
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from lxml import etree

from gateway.mm7 import Dialect, Envelope, Leaf, Multipart, Recipients, Unreadable, read, write
from gateway.mm7.addresses import normalise
from gateway.mm7.body import BodyCollector
from gateway.mm7.capture import read_capture
from gateway.mm7.dialect import DetailsForm
from gateway.mm7.findings import Finding
from gateway.mm7.messages import Fault, Message, RSErrorRsp
from gateway.mm7.mime import Part
from gateway.mm7.model import OPERATIONS, operation_of
from gateway.mm7.table import FROM_5_2, Address, AddressKind, Kind
from gateway.mm7.times import parse_time
from gateway.mm7.versions import Release, answer_version
from tests import oracle
from tests.shared import ROOT

pytestmark = pytest.mark.requirement("M-21")


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool("fixtures")
MESSAGES: list[Path] = TOOL.messages()
NAMES = [TOOL.name_of(message) for message in MESSAGES]
each_message = pytest.mark.parametrize("message", MESSAGES, ids=NAMES)


def dialect_of(message: Path) -> Dialect:
    return cast(Dialect, TOOL.dialect_of(message))


@each_message
@pytest.mark.requirement("U-08")
def test_it_says_what_stands_beside_it(message: Path) -> None:
    assert TOOL.said_of(message) == json.loads(message.with_suffix(".json").read_text("utf-8"))


@each_message
def test_it_is_the_same_wherever_its_body_is_cut(message: Path) -> None:
    body = read_capture(message.read_bytes()).body
    for cut in range(len(body) + 1):
        collector = BodyCollector(len(body))
        collector.feed(body[:cut])
        collector.feed(body[cut:])
        assert collector.close() == body
    singly = BodyCollector(len(body))
    for at in range(len(body)):
        singly.feed(body[at : at + 1])
    assert singly.close() == body


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("wire/clean/")])
def test_a_clean_message_has_no_findings(name: str) -> None:
    report = json.loads((TOOL.FIXTURES / f"{name}.json").read_text("utf-8"))
    assert (report["readable"], report["findings"]) == (True, [])


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("wire/clean/")])
def test_a_clean_message_is_valid_in_the_official_schema(name: str, shared_dir: Path) -> None:  # noqa: ARG001
    capture = read_capture((TOOL.FIXTURES / f"{name}.http").read_bytes())
    envelope, _ = read(capture.body, capture.content_type)
    assert envelope.release is not None
    if envelope.release.inferred:
        return  # no official schema can be had
    text, end, _ = capture.body[capture.body.index(b"<env:Envelope") :].partition(b"</env:Envelope>")
    for layer in etree.fromstring(text + end):
        assert oracle.official(envelope.release.suffix).why(layer[0]) == ""


def test_there_is_a_clean_message_of_every_operation() -> None:
    assert {name.split("/")[2].split("-")[0] for name in NAMES if name.startswith("wire/clean/")} == {
        name for name in OPERATIONS if not name.endswith("ErrorRsp")
    }


# --- written again

READABLE = [message for message in MESSAGES if json.loads(message.with_suffix(".json").read_text("utf-8"))["readable"]]


@pytest.mark.parametrize("message", READABLE, ids=[TOOL.name_of(message) for message in READABLE])
def test_it_is_the_same_message_when_written_again(message: Path) -> None:
    """What no schema can carry (a date of another form, a version of no schema…) is mended first, as `mended` says."""
    # given
    capture = read_capture(message.read_bytes())
    envelope, findings = read(capture.body, capture.content_type, dialect_of(message))
    said = mended(envelope.message, envelope.release or Release.R6_4, findings)
    # when
    content = None if envelope.content is None else as_content(envelope.content)
    encoded = write(said, envelope.transaction_id, passing_all_on(envelope), content=content, boundary="again")
    again, _ = read(encoded.body(), encoded.headers["Content-Type"])
    # then
    assert again.message == said
    assert again.transaction_id == envelope.transaction_id
    assert [leaf_facts(leaf) for leaf in again.leaves] == [leaf_facts(leaf) for leaf in envelope.leaves]


def leaf_facts(leaf: Part) -> tuple[str, str, str, bytes]:
    return leaf.media_type, leaf.content_id, leaf.name, bytes(leaf.data)


def passing_all_on(envelope: Envelope) -> Dialect:
    """A dialect that leaves nothing out: extras are passed on, and elements that the schema has no place for."""
    message = envelope.message
    if isinstance(message, Fault):
        message = message.error or RSErrorRsp()
    operation = operation_of(message)
    names = {f"{operation.name}/{element.row.name}" for element in operation.elements}
    return Dialect(
        release=envelope.release or Release.R6_4,
        namespace=envelope.namespace,
        extras=True,
        beyond_schema=frozenset(names),
        omitted=frozenset(names),
        free_words=frozenset(element.row.name for element in operation.elements),
        details=DetailsForm.TEXT,
    )


def mended(message: Message, release: Release, findings: tuple[Finding, ...]) -> Message:
    """The message with what its schema cannot carry replaced; each replacement needs its finding."""
    if isinstance(message, Fault):
        error = None if message.error is None else mended(message.error, release, findings)
        code = message.fault_code if ":" in message.fault_code else f"env:{message.fault_code}"
        return Fault(code, message.fault_string, cast(Any, error))
    rules = {finding.rule.id for finding in findings}
    changed: dict[str, Any] = {}
    for element in operation_of(message).elements:
        value = getattr(message, element.field)
        if element.row.kind is Kind.VERSION and rules & {"version.unknown", "version.not-in-schema"}:
            changed[element.field] = answer_version(release, value)
        elif element.row.kind is Kind.TIME and value is not None and "value.time" in rules:
            time = parse_time(value)
            changed[element.field] = None if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif release not in FROM_5_2 and "value.nmtoken" in rules:
            changed[element.field] = with_plain_numbers(value)
    return replace(message, **changed)


def with_plain_numbers(value: object) -> object:
    if isinstance(value, Address) and value.kind is not AddressKind.RFC2822:
        return replace(value, text=normalise(value.text))
    if isinstance(value, Recipients):
        return Recipients(
            *(cast(Any, tuple(map(with_plain_numbers, getattr(value, field.name)))) for field in fields(value))
        )
    return value


def as_content(part: Part) -> Leaf | Multipart:
    """A part that was read, as one to be written: headers that bear its type and name go along."""
    if part.is_multipart:
        parts = tuple(as_content(inner) for inner in part.parts)
        return Multipart(parts, part.media_type.partition("/")[2], part.content_id)
    disposition = part.headers.get("content-disposition")
    return Leaf(
        part.headers.get("content-type", part.media_type),
        part.data,
        part.content_id,
        part.content_location,
        () if disposition is None else (("Content-Disposition", disposition),),
    )


def test_no_message_changes_how_the_next_one_is_read() -> None:
    """Parsers are kept; that the log of one held the errors of earlier messages too was once a crash."""
    forwards = {message: TOOL.said_of(message) for message in MESSAGES}
    backwards = {message: TOOL.said_of(message) for message in reversed(MESSAGES)}
    assert forwards == backwards
    undeclared = TOOL.FIXTURES / "wire/quirks/X07-prefix-undeclared.http"
    for nothing in (b"<\0", b"\xef\xbb\xbf<", b"<?xml version='1.0'?>"):
        TOOL.said_of(undeclared)
        with pytest.raises(Unreadable):
            read(nothing, "text/xml")


def test_what_cannot_be_read_says_where_and_why() -> None:
    """Every refusal among the fixtures lies within its file and is of a rule that has a code."""
    refused = [message for message in MESSAGES if message not in READABLE]
    assert refused
    for message in refused:
        capture = read_capture(message.read_bytes())
        with pytest.raises(Unreadable) as unreadable:
            read(capture.body, capture.content_type, dialect_of(message))
        assert 0 <= unreadable.value.offset <= len(capture.body)
        assert unreadable.value.rule.code in range(2000, 5000)
