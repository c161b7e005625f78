"""Stock spyne reads what we write, and we read what it writes: two codecs that share no code agree on each message.

spyne gets its types from the contract, so this also shows that the contract says what the codec does. Not everything
can be carried by spyne: `readable` and `writable` take out what can't, each with its reason.
"""

from dataclasses import fields, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from lxml import etree
from requests_toolbelt import MultipartDecoder

from gateway.mm7 import (
    Address,
    Dialect,
    Leaf,
    Level,
    Multipart,
    Recipients,
    Release,
    contract,
    read,
    write,
    write_envelope,
)
from gateway.mm7.contract import spyne_shim as spyne
from gateway.mm7.messages import Message
from gateway.mm7.model import OPERATIONS, Operation, operation_of
from gateway.mm7.table import Kind
from gateway.mm7.versions import VERSIONS
from tests import strategies
from tests.plain import Plain, by_kind, plain

#: How many random messages each operation gets in each release; stock spyne takes half a millisecond for one.
RANDOM = 50

every_pair = pytest.mark.parametrize(
    ("release", "operation"),
    [
        pytest.param(release, operation, id=f"{release.suffix}-{operation.name}")
        for release, operation in strategies.pairs()
        if not operation.name.endswith("ErrorRsp")  # spyne publishes these as faults and reads none
    ],
)


class Spyne:
    """spyne with one release's contract, at either end of an exchange."""

    def __init__(self, release: Release) -> None:
        self.application = contract.application(release)
        self.server = spyne.ServerBase(self.application)
        self.protocol = self.application.in_protocol
        self.out_protocol = self.application.out_protocol
        self.methods = {method.name: method for method in self.application.interface.method_id_map.values()}

    def reads(self, envelope: bytes, operation: Operation) -> tuple[Plain, str]:
        """The message, and its TransactionID."""
        context = spyne.MethodContext(self.server, spyne.MethodContext.SERVER)
        context.in_string = [envelope]
        if operation.is_request:
            (context,) = self.server.generate_contexts(context)
            self.server.get_in_object(context)
        else:
            context.descriptor = self._method_of(operation)
            self.protocol.create_in_document(context, None)
            self.protocol.decompose_incoming_envelope(context, self.protocol.RESPONSE)
            self.protocol.deserialize(context, self.protocol.RESPONSE)
        assert context.in_error is None, context.in_error
        (message,) = [context.in_object] if not isinstance(context.in_object, list) else context.in_object
        return _of_instance(message), context.in_header.text

    def writes(self, message: Plain, operation: Operation, transaction_id: str) -> bytes:
        context = spyne.MethodContext(self.server, spyne.MethodContext.SERVER)
        method = context.descriptor = self._method_of(operation)
        class_ = method.in_message if operation.is_request else method.out_message
        context.out_object = [_instance(class_, message)]
        context.out_header = _instance(method.in_header[0], {"text": transaction_id, "mustUnderstand": "1"})
        direction = self.out_protocol.REQUEST if operation.is_request else self.out_protocol.RESPONSE
        self.out_protocol.serialize(context, direction)
        return etree.tostring(context.out_document)

    def _method_of(self, operation: Operation) -> Any:  # noqa: ANN401
        request = operation.name if operation.is_request else f"{operation.name.removesuffix('Rsp')}Req"
        return self.methods[request]


def _of_instance(value: Any) -> Any:  # noqa: ANN401
    """One of spyne's objects as a plain message."""
    if isinstance(value, list):
        return [_of_instance(item) for item in value]
    if isinstance(value, etree._Element):
        return "".join(str(piece) for piece in value.itertext())
    if not isinstance(value, spyne.ComplexModel):
        return value
    members = value.get_flat_type_info(value.__class__)
    found = {name: getattr(value, name) for name in members}
    return {name: _of_instance(member) for name, member in found.items() if member is not None}


def _instance(class_: Any, value: Any) -> Any:  # noqa: ANN401
    """One of spyne's objects of a plain message."""
    if issubclass(class_, spyne.AnyXml):
        details = etree.Element(f"{{{class_.get_namespace()}}}Text")
        details.text = value
        return details
    if not issubclass(class_, spyne.ComplexModel):
        return value
    original = class_.__orig__ or class_
    made = original()
    members = original.get_flat_type_info(original)
    for name, member in value.items():
        many = isinstance(member, list)
        items = [_instance(members[name], item) for item in (member if many else [member])]
        setattr(made, name, items if many else items[0])
    return made


def readable(message: Message) -> Message:
    """A message without what stock spyne can't read."""
    changes: dict[str, Any] = {}
    for element in operation_of(message).elements:  # type: ignore[arg-type]
        value = getattr(message, element.field)
        if value is None:
            continue
        if element.row.kind is Kind.TIME:
            # Python's datetime has no years before 1 and after 9999; spyne keeps the time, not how it was written.
            changes[element.field] = _iso(value)
        elif element.row.kind is Kind.CAPABILITIES:
            # spyne takes an attribute of a child for the parent's element of the same name: TimeStamp.
            changes[element.field] = replace(value, time_stamp=None)
    return by_kind(_without_ids(replace(message, **changes)))


def _iso(text: str) -> str:
    # spyne adds the minutes of an offset to its hours, whatever the sign: -05:30 is -04:30 to it.
    text = text.replace("-05:30", "-05:00")
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return datetime(2026, 1, 31, 12, tzinfo=UTC).isoformat()


def _without_ids(value: Any) -> Any:  # noqa: ANN401
    """Where an element has an `id`, spyne takes every `href` for a reference to one (SOAP 1.1 §5), also Content's."""
    if isinstance(value, tuple):
        return tuple(_without_ids(item) for item in value)
    if not hasattr(value, "__dataclass_fields__"):
        return value
    changes = {field.name: _without_ids(getattr(value, field.name)) for field in fields(value)}
    return replace(value, **(changes | ({"id": None} if "id" in changes else {})))


def writable(message: Message) -> Message:
    """A message without what stock spyne can't write: text beside attributes that is not ASCII."""
    changes: dict[str, Any] = {}
    for field in fields(message):
        value = getattr(message, field.name)
        if isinstance(value, Address | Recipients | tuple):
            changes[field.name] = _in_ascii(value)
        elif field.name == "service_code" and value is not None:
            changes[field.name] = _ascii(value)
    return replace(message, **changes)


def _in_ascii(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return tuple(_in_ascii(item) for item in value)
    if not hasattr(value, "__dataclass_fields__"):
        return value
    changes = {field.name: _in_ascii(getattr(value, field.name)) for field in fields(value)}
    return replace(value, **(changes | ({"text": _ascii(value.text)} if "text" in changes else {})))


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode().strip()


def as_spyne_has_it(message: Message, release: Release) -> Plain:
    """A plain message with dateTimes for their texts."""
    elements = operation_of(message).elements_in(release)  # type: ignore[arg-type]
    times = {element.row.name_in(release) for element in elements if element.row.kind is Kind.TIME}
    found = plain(message, release)
    return {name: datetime.fromisoformat(value) if name in times else value for name, value in found.items()}


@pytest.mark.requirement("C-04", "M-21")
@every_pair
def test_spyne_reads_what_we_write_and_writes_what_we_read(release: Release, operation: Operation) -> None:
    dialect = Dialect(release=release, version=VERSIONS[release][0])
    other = Spyne(release)
    rng = Random(f"spyne {release.suffix} {operation.name}")
    messages = [strategies.smallest(release, operation), strategies.fullest(release, operation)]
    messages += [strategies.message(rng, release, operation) for _ in range(RANDOM)]

    for message in map(readable, messages):
        transaction_id = strategies.identifier(rng, release)
        seen = other.reads(write_envelope(message, transaction_id, dialect), operation)
        assert seen == (as_spyne_has_it(message, release), transaction_id)

        ours, ascii_id = writable(message), _ascii(transaction_id)
        written = other.writes(as_spyne_has_it(ours, release), operation, ascii_id)
        envelope, findings = read(written, "text/xml; charset=utf-8")
        assert (envelope.message, envelope.transaction_id) == (ours, ascii_id)
        # The content is not sent along.
        assert {finding.rule.id for finding in findings if finding.rule.level > Level.INFO} <= {"content.missing"}


@pytest.mark.requirement("C-01", "C-04")
@pytest.mark.parametrize("release", Release, ids=lambda release: release.suffix)
@pytest.mark.parametrize("name", ["SubmitReq", "DeliverReq"])
def test_requests_toolbelt_splits_what_we_write_and_spyne_reads_its_envelope(release: Release, name: str) -> None:
    operation = OPERATIONS[name]
    dialect = Dialect(release=release, version=VERSIONS[release][0])
    rng = Random(f"toolbelt {release.suffix} {name}")

    for _ in range(RANDOM):
        message = readable(strategies.fullest(release, operation))
        message, content = strategies.content_for(rng, message)
        encoded = write(message, "txn-1", dialect, content=content, boundary="token")

        envelope, part = MultipartDecoder(encoded.body(), encoded.headers["Content-Type"]).parts
        assert Spyne(release).reads(envelope.content, operation) == (as_spyne_has_it(message, release), "txn-1")
        assert content is not None
        assert part.headers[b"Content-ID"].decode() == f"<{content.content_id}>"
        assert _decoded(part) == _held(content)


def _decoded(part: Any) -> Any:  # noqa: ANN401
    """What a part that requests-toolbelt split off holds: bytes, or a list for a multipart."""
    type_ = part.headers[b"Content-Type"].decode()
    if not type_.startswith("multipart/"):
        return part.content
    return [_decoded(inner) for inner in MultipartDecoder(part.content, type_).parts]


def _held(content: Leaf | Multipart) -> Any:  # noqa: ANN401
    return content.data if isinstance(content, Leaf) else [_held(part) for part in content.parts]
