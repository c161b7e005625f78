"""The model table read off the message types: which operation exists where, and what it holds in which order.

Everything that knows elements asks here: codec, contract, `explain`, the docs page, the conformance of what we write.
"""

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_type_hints

from gateway.mm7 import messages
from gateway.mm7.table import FROM_6_4, Row
from gateway.mm7.versions import ALL, Release


class Direction(Enum):
    """Who sends the operation: R/S is the MMS Relay/Server."""

    TO_RELAY = "VASP → R/S"
    TO_VASP = "R/S → VASP"


@dataclass(frozen=True, slots=True)
class Element:
    """A row of the table with the field that holds it."""

    field: str
    row: Row


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One row of the table of operations; there is one object for each."""

    name: str
    type: type[messages.Message]
    direction: Direction
    clause: str
    elements: tuple[Element, ...]
    #: the response's name for a request, None for a response
    answer: str | None = None
    releases: frozenset[Release] = ALL

    @property
    def is_request(self) -> bool:
        return self.answer is not None

    def elements_in(self, release: Release) -> tuple[Element, ...]:
        return tuple(element for element in self.elements if release in element.row.releases)

    @property
    def carries_content(self) -> bool:
        return any(element.row.name == "Content" for element in self.elements)


#: Containers of elements that are not fields; both are required wherever they occur.
CONTAINERS = ("SenderIdentification", "Status")

_REQUESTS: tuple[tuple[str, str, Direction, str], ...] = (
    ("SubmitReq", "SubmitRsp", Direction.TO_RELAY, "§8.7.1"),
    ("DeliverReq", "DeliverRsp", Direction.TO_VASP, "§8.7.2"),
    ("CancelReq", "CancelRsp", Direction.TO_RELAY, "§8.7.3"),
    ("ReplaceReq", "ReplaceRsp", Direction.TO_RELAY, "§8.7.3"),
    ("extendedCancelReq", "extendedCancelRsp", Direction.TO_RELAY, "schema REL-6-MM7-1-4"),
    ("extendedReplaceReq", "extendedReplaceRsp", Direction.TO_RELAY, "schema REL-6-MM7-1-4"),
    ("DeliveryReportReq", "DeliveryReportRsp", Direction.TO_VASP, "§8.7.4"),
    ("ReadReplyReq", "ReadReplyRsp", Direction.TO_VASP, "§8.7.5"),
)


def _elements(type_: type[messages.Message]) -> tuple[Element, ...]:
    hints: dict[str, Any] = get_type_hints(type_, include_extras=True)
    found: list[Element] = []
    for field in dataclasses.fields(type_):
        rows = [note for note in getattr(hints[field.name], "__metadata__", ()) if isinstance(note, Row)]
        found.extend(Element(field.name, row) for row in rows)
    return tuple(found)


def _operation(name: str, direction: Direction, clause: str, answer: str | None = None) -> Operation:
    type_: type[messages.Message] = getattr(messages, name[0].upper() + name[1:])
    releases = FROM_6_4 if name.startswith("extended") else ALL
    return Operation(name, type_, direction, clause, _elements(type_), answer, releases)


def _reverse(direction: Direction) -> Direction:
    return Direction.TO_VASP if direction is Direction.TO_RELAY else Direction.TO_RELAY


def _table() -> dict[str, Operation]:
    operations = []
    for request, response, direction, clause in _REQUESTS:
        operations.append(_operation(request, direction, clause, response))
        operations.append(_operation(response, _reverse(direction), clause))
    operations.append(_operation("RSErrorRsp", Direction.TO_VASP, "§8.7.6"))
    operations.append(_operation("VASPErrorRsp", Direction.TO_RELAY, "§8.7.6"))
    return {operation.name: operation for operation in operations}


#: Every operation by its element's name, in the order of the schema.
OPERATIONS: dict[str, Operation] = _table()
_BY_TYPE = {operation.type: operation for operation in OPERATIONS.values()}


def operation_of(message: messages.Request | messages.Response) -> Operation:
    return _BY_TYPE[type(message)]


def answer_to(request: messages.Request) -> type[messages.Message]:
    """The type of the response to a request (`SubmitReq` → `SubmitRsp`)."""
    answer = operation_of(request).answer
    assert answer is not None, "a Request has an answer in the table"
    return OPERATIONS[answer].type


def operations_in(release: Release) -> tuple[Operation, ...]:
    return tuple(operation for operation in OPERATIONS.values() if release in operation.releases)
