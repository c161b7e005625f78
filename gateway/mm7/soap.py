"""The SOAP layer of an envelope: where the operation, the TransactionID and a Fault are, however they are wrapped.

TS 23.140 §8.7.8.1: one TransactionID in the Header, one operation in the Body. What is found elsewhere is read where it
stands (interop X4, X11–X19), and a finding says so.
"""

from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.frozen import maker
from gateway.mm7.model import OPERATIONS, Operation, operations_in
from gateway.mm7.versions import SOAP_11, SOAP_12, Release
from gateway.mm7.xml import Document, local_name, namespace_of

_ENVELOPE = f"{{{SOAP_11}}}Envelope"
_HEADER = f"{{{SOAP_11}}}Header"
_BODY = f"{{{SOAP_11}}}Body"
_FAULT_PARTS = frozenset({"faultcode", "faultstring", "detail", "Code", "Reason", "Detail"})
_BY_LOWER = MappingProxyType({name.lower(): operation for name, operation in OPERATIONS.items()})
# Operations of the time before the schemas (interop X18), which have little in common with these but names.
_PRE_SCHEMA = frozenset({"mm7submitreq", "multimediasubmit", "mm7submit", "mm7deliverreq", "multimediadeliver"})


@dataclass(frozen=True, slots=True)
class Layers:
    """What the SOAP layer holds; `operation` is the message's element, inside `fault` where there is one.

    `namespace` is the operation's and, where `release` is given, nothing but that release's own.
    """

    transaction: etree._Element | None
    operation: etree._Element | None
    row: Operation | None
    fault: etree._Element | None = None
    #: where a status stands in a Fault that has no error element around it
    flat: etree._Element | None = None
    release: Release | None = None
    namespace: str = ""


_make_layers = maker(Layers)


def _straight_tags() -> dict[str, tuple[Operation, Release, str, str]]:
    """Every operation that may stand in a Body by its full tag, with the full tag of its TransactionID."""
    return {
        f"{{{release.uri}}}{operation.name}": (operation, release, release.uri, f"{{{release.uri}}}TransactionID")
        for release in Release
        for operation in operations_in(release)
        if not operation.name.endswith("ErrorRsp")
    }


_STRAIGHT = MappingProxyType(_straight_tags())


def open_layers(document: Document, seen: Findings) -> Layers:
    """Finds the layers. Raises Unreadable where there is no operation, or none that MM7 has."""
    root = document.root
    # As it should be: Header with TransactionID, Body with the operation, both in one known namespace. Nearly every
    # message.
    if len(root) == 2 and root.tag == _ENVELOPE:
        header, body = root
        if len(header) == 1 and len(body) == 1 and header.tag == _HEADER and body.tag == _BODY:
            transaction, element = header[0], body[0]
            straight = _STRAIGHT.get(element.tag)
            if straight is not None and transaction.tag == straight[3]:
                return _make_layers(transaction, element, straight[0], None, None, straight[1], straight[2])
    return _search_layers(root, document, seen)


def _search_layers(root: etree._Element, document: Document, seen: Findings) -> Layers:
    if local_name(root).lower() != "envelope":
        return _bare_operation(root, document, seen)
    header, body, outside = _lenient_envelope(root, document, seen)
    transaction = _transaction(header, root, document, seen)
    candidates = [*(body if body is not None else ()), *outside]
    if not candidates:
        raise _unreadable(rules.BODY_MISSING, document, root, "the SOAP Body is missing or empty", transaction)
    element = candidates[0]
    if body is None or element.getparent() is not body:
        seen.add(rules.FAULT_PLACE, document.offset_of(element), f"{local_name(element)} stands outside the SOAP Body")
    if len(candidates) > 1:
        text = f"the Body holds more than one element: {quote(local_name(candidates[1]))} follows"
        seen.add(rules.MORE_IN_BODY, document.offset_of(candidates[1]), text)
    return _layers(element, transaction, document, seen)


def _lenient_envelope(
    root: etree._Element, document: Document, seen: Findings
) -> tuple[etree._Element | None, etree._Element | None, list[etree._Element]]:
    namespace = namespace_of(root)
    if namespace == SOAP_12:
        seen.add(rules.SOAP_12, document.offset, "the envelope is SOAP 1.2")
    elif namespace != SOAP_11:
        seen.add(rules.SOAP_NAMESPACE, document.offset, f"Envelope is in {quote(namespace)}")
    header: etree._Element | None = None
    body: etree._Element | None = None
    outside: list[etree._Element] = []
    for child in root:
        name = local_name(child).lower()
        if name == "header" and header is None:
            header = child
        elif name == "body" and body is None:
            body = child
        else:
            outside.append(child)
    return header, body, outside


def _transaction(
    header: etree._Element | None, root: etree._Element, document: Document, seen: Findings
) -> etree._Element | None:
    found = None
    for child in header if header is not None else ():
        name = local_name(child)
        if name.lower() == "transactionid":
            if found is not None:
                seen.add(rules.TRANSACTION_ID_AGAIN, document.offset_of(child), "there is a second TransactionID")
            else:
                found = child
        else:
            seen.add(rules.HEADER_EXTRA, document.offset_of(child), f"the SOAP Header holds {name}", name)
    if found is None:
        for child in root.iter("{*}TransactionID"):
            seen.add(rules.TRANSACTION_ID_PLACE, document.offset_of(child), "TransactionID is not in the SOAP Header")
            return child
    return found


def _bare_operation(root: etree._Element, document: Document, seen: Findings) -> Layers:
    if local_name(root).lower() not in _BY_LOWER and local_name(root) != "Fault":
        text = f"the document is {quote(local_name(root))}, not a SOAP Envelope"
        raise _unreadable(rules.BODY_MISSING, document, root, text, None)
    seen.add(rules.ENVELOPE_MISSING, document.offset, f"{local_name(root)} stands without a SOAP Envelope around it")
    return _layers(root, None, document, seen)


def _layers(element: etree._Element, transaction: etree._Element | None, document: Document, seen: Findings) -> Layers:
    name = local_name(element)
    if name == "Fault":
        return _fault(element, transaction, document, seen)
    row = OPERATIONS.get(name) or _misspelt(element, document, seen)
    if row is None:
        rule = rules.PRE_SCHEMA if name.lower() in _PRE_SCHEMA else rules.OPERATION_UNKNOWN
        raise _unreadable(rule, document, element, f"MM7 has no operation {quote(name)}", transaction, name)
    if row.name.endswith("ErrorRsp"):
        seen.add(rules.FAULT_MISSING, document.offset_of(element), f"{name} stands without a SOAP Fault around it")
    return Layers(transaction, element, row)


def _misspelt(element: etree._Element, document: Document, seen: Findings) -> Operation | None:
    name = local_name(element)
    lower = name.lower()
    row = _BY_LOWER.get(lower) or _BY_LOWER.get(lower.removeprefix("mm7"))
    if row is not None:
        seen.add(rules.ELEMENT_CASE, document.offset_of(element), f"{name} is not {row.name}", name)
    return row


def _fault(fault: etree._Element, transaction: etree._Element | None, document: Document, seen: Findings) -> Layers:
    for child in fault:
        if local_name(child) in _FAULT_PARTS and namespace_of(child) not in ("", SOAP_12):
            text = f"{local_name(child)} is in a namespace, SOAP 1.1 has it in none"
            seen.add(rules.FAULT_QUALIFIED, document.offset_of(child), text)
    for child in fault.iter("{*}*"):
        row = _BY_LOWER.get(local_name(child).lower().removeprefix("mm7"))
        if row is not None and child is not fault:
            if local_name(child) != row.name:
                _misspelt(child, document, seen)
            return Layers(transaction, child, row, fault)
    for child in fault.iter("{*}StatusCode"):
        parent = child.getparent()
        text = "StatusCode stands in the Fault without an error element around it"
        seen.add(rules.FAULT_SHAPE, document.offset_of(child), text)
        return Layers(transaction, None, None, fault, parent)
    return Layers(transaction, None, None, fault)


def _unreadable(
    rule: rules.Rule,
    document: Document,
    element: etree._Element,
    text: str,
    transaction: etree._Element | None,
    operation: str | None = None,
) -> Unreadable:
    transaction_id = "".join(str(piece) for piece in transaction.itertext()) if transaction is not None else None
    return Unreadable(rule, document.offset_of(element), text, operation, transaction_id, namespace_of(element) or None)
