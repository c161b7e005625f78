"""The model table as an XML schema sees it: which named types a schema has, and what stands in each, in order.

Pure, and without XML or spyne: types.py makes spyne's classes of it. Names of types are the published schemas'
(TS 23.140 Annex L), so that code generated from either has the same classes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from gateway.mm7.messages import GenericRsp
from gateway.mm7.model import Element, Operation, operations_in
from gateway.mm7.table import FROM_5_2, FROM_6_0, FROM_6_4, Kind, Row
from gateway.mm7.versions import VERSIONS, Release


@dataclass(frozen=True, slots=True)
class Child:
    """An element in a type; `type` is a name of this schema, or `xs:…`."""

    name: str
    type: str
    required: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A complex type that holds elements in order. The children of `base` come first and are not among `children`."""

    name: str
    children: tuple[Child, ...]
    base: str = ""


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple type: a restriction of `base` to the words, if any."""

    name: str
    base: str
    words: tuple[str, ...] = ()


#: The types that requests and responses build on, by the element that follows MM7Version.
_BASES = {
    ("SenderIdentification", "senderIDType"): "genericVASPRequestType",
    ("MMSRelayServerID", "entityIDType"): "genericRSReqType",
    ("Status", "responseStatusType"): "genericResponseType",
}
_ENTITIES = frozenset({"MMSRelayServerID", "VASPID", "VASID"})
_TEXTS = {
    "ChargedPartyID": "chargedPartyIDType",
    "SenderSPI": "serviceProviderIDType",
    "RecipientSPI": "serviceProviderIDType",
}
_WORDS = {
    "MessageClass": "messageClassType",
    "Priority": "priorityType",
    "ChargedParty": "chargedPartyType",
    "ContentClass": "contentClassType",
    "MMStatusExtension": "MMStatusExtensionType",
}


def operation_type(operation: Operation) -> str:
    """The name of the type of an operation's element."""
    if issubclass(operation.type, GenericRsp):
        return "genericResponseType"
    words = operation.name.partition("extended")
    return (
        f"extended{words[2][0].lower()}{words[2][1:]}Type" if words[1] else f"{words[0][0].lower()}{words[0][1:]}Type"
    )


def sequences(release: Release) -> dict[str, Sequence]:
    """The types of operations, what they build on, and the containers in them; each after those that it needs."""
    found: dict[str, Sequence] = {}
    for operation in operations_in(release):
        children = tuple(_children(operation, release, found))
        base = _BASES.get((children[1].name, children[1].type), "")
        if base:
            found.setdefault(base, Sequence(base, children[:2]))
        name = operation_type(operation)
        found.setdefault(name, Sequence(name, children[2:] if base else children, base))
    return found


def simples(release: Release) -> dict[str, Simple]:
    """The simple types that are restrictions, by name."""
    text = "xs:string" if release in FROM_5_2 else "xs:NMTOKEN"
    found = [
        Simple("versionType", "xs:string", VERSIONS[release]),
        Simple("messageIDType", text),
        Simple("entityIDType", text),
        Simple("statusTextType", "xs:string"),
        Simple("statusCodeType", "xs:positiveInteger"),
    ]
    if release in FROM_6_0:
        found.append(Simple("addressCodingType", "xs:string", ("encrypted", "obfuscated")))
    for operation in operations_in(release):
        for element in operation.elements_in(release):
            row = element.row
            if row.kind is Kind.WORD:
                found.append(Simple(row_type(row, release), "xs:string", row.words_in(release)))
            elif row.name in _TEXTS:
                found.append(Simple(_TEXTS[row.name], "xs:string"))
    return {simple.name: simple for simple in found}


def row_type(row: Row, release: Release) -> str:
    """The type that a schema gives to an element of the table."""
    if row.kind is Kind.ID:
        return "entityIDType" if row.name in _ENTITIES else "messageIDType"
    if row.kind is Kind.TEXT:
        return "statusTextType" if row.inside == "Status" else _TEXTS.get(row.name, "xs:string")
    if row.kind is Kind.WORD:
        statuses = "mmReadStatusType" if any(word == "Read" for word, _ in row.words) else "mmDeliveryStatusType"
        return _WORDS.get(row.name, statuses)
    if row.kind is Kind.SENDER_ADDRESS:
        return "addressType" if release in FROM_5_2 else "xs:string"
    if row.kind is Kind.DELIVERY_CONDITION and release not in FROM_6_4:
        return "xs:string"
    return str(row.kind.value)


def _children(operation: Operation, release: Release, found: dict[str, Sequence]) -> Iterator[Child]:
    for container, elements in groupby(operation.elements_in(release), key=lambda element: element.row.inside):
        inner = tuple(_child(element, release) for element in elements)
        if not container:
            yield from inner
            continue
        name = _container_type(container, inner)
        found.setdefault(name, Sequence(name, inner))
        yield Child(container, name, required=True)


def _container_type(container: str, children: tuple[Child, ...]) -> str:
    if container == "SenderIdentification":
        return "senderIDType"
    return "responseStatusType" if len(children) > 1 else "extendedcancelresponseStatusType"


def _child(element: Element, release: Release) -> Child:
    row = element.row
    return Child(row.name_in(release), row_type(row, release), release in row.required, row.default)
