"""An operation's element into its message, driven by the model table. Any order, any prefix, any namespace.

The fast path is one dictionary lookup an element, by its full tag. What is not in that dictionary (another namespace,
another case, another place, an element of another schema, a stranger) takes the slow path, which finds out what it is
and says so.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7 import values
from gateway.mm7.findings import Findings, Rule, quote
from gateway.mm7.messages import Message
from gateway.mm7.model import CONTAINERS, Operation
from gateway.mm7.table import FROM_5_2, AddressKind, Extra, Row
from gateway.mm7.versions import KNOWN_VERSIONS, VERSIONS, Release
from gateway.mm7.xml import Document

# Names on the wire that mean an element of the table, and that no schema has (interop E9, E15, E18; peers §3).
_ALIASES = {
    "recipients": "recipient",
    "detail": "details",
    "auxapplicid": "auxapplicinfo",
    "earlistdeliverytime": "earliestdeliverytime",
    "reply-charging": "replycharging",
    "time-stamp": "timestamp",
}


class Slot:
    """Where an element's value goes: field, place in the schema's order, container, and the function that reads it."""

    __slots__ = ("container", "field", "order", "read", "row")

    def __init__(self, field: int, order: int, row: Row, read: Callable[..., Any]) -> None:
        self.field = field
        self.order = order
        self.container = row.inside
        self.row = row
        self.read = read


class Context:
    """What the readers of values need: where findings go, the schema, and the document for offsets."""

    __slots__ = ("address_tags", "document", "list_tags", "nmtokens", "prefix", "seen")

    def __init__(self, document: Document, seen: Findings, decoder: "Decoder") -> None:
        self.document = document
        self.seen = seen
        self.nmtokens = decoder.nmtokens
        self.prefix = decoder.prefix
        self.address_tags = decoder.address_tags
        self.list_tags = decoder.list_tags

    def note(self, rule: Rule, element: etree._Element, text: str, about: str = "") -> None:
        self.seen.add(rule, self.document.offset_of(element), text, about)


class Decoder:
    """Reads one operation in one namespace text; made once for each and kept."""

    def __init__(self, operation: Operation, release: Release, namespace: str) -> None:
        self.operation = operation
        self.release = release
        prefix = f"{{{namespace}}}" if namespace else ""
        self.prefix = prefix
        self.nmtokens = release not in FROM_5_2
        self._versions = VERSIONS[release]
        self.address_tags = {f"{prefix}{kind.value}": kind for kind in AddressKind}
        self.list_tags = {f"{prefix}{name}": index for index, name in enumerate(("To", "Cc", "Bcc"))}
        self._width = len(operation.elements)
        self._direct: dict[str, Slot] = {}
        self._inside: dict[str, dict[str, Slot]] = {f"{prefix}{name}": {} for name in CONTAINERS}
        self._container_order: dict[str, int] = {}
        self._by_name: dict[str, Slot] = {}
        for index, element in enumerate(operation.elements):
            self._place(Slot(index, index, element.row, values.reader(element.row, release)), prefix)
        self._required = tuple(
            (index, element.row.name_in(release))
            for index, element in enumerate(operation.elements)
            if release in element.row.required
        )

    def _place(self, slot: Slot, prefix: str) -> None:
        row = slot.row
        for name in row.names():
            self._by_name.setdefault(name.lower(), slot)
        if row.inside:
            self._container_order.setdefault(f"{prefix}{row.inside}", slot.order)
        if self.release in row.releases:
            tag = f"{prefix}{row.name_in(self.release)}"
            table = self._inside[f"{prefix}{row.inside}"] if row.inside else self._direct
            table[tag] = slot

    def decode(self, element: etree._Element, document: Document, seen: Findings) -> Message:
        context = Context(document, seen, self)
        found: list[Any] = [None] * self._width
        extras: list[Extra] = []
        self._walk(element, self._direct, "", context, found, extras)
        for index, name in self._required:
            if found[index] is None:
                context.note(rules.ELEMENT_MISSING, element, f"{self.operation.name} has no {name}", name)
        version = found[0]
        if version is not None and version not in self._versions:
            self._note_version(version, element, context)
        # `extras` is the last field of every message.
        make = cast("Callable[..., Message]", self.operation.type)
        return make(*found, tuple(extras)) if extras else make(*found)

    def _note_version(self, version: str, element: etree._Element, context: Context) -> None:
        if version in KNOWN_VERSIONS:
            text = f"MM7Version {version} is not of the namespace {self.release.suffix}"
            context.note(rules.VERSION_NOT_IN_SCHEMA, element, text)
        else:
            context.note(rules.VERSION_UNKNOWN, element, f"no schema lists MM7Version {quote(version)}")

    def _walk(
        self,
        parent: etree._Element,
        table: dict[str, Slot],
        container: str,
        context: Context,
        found: list[Any],
        extras: list[Extra],
    ) -> None:
        last = -1
        for child in parent:
            tag = child.tag
            slot = table.get(tag)
            if slot is None:
                inner = self._inside.get(tag)
                if inner is not None and not container and tag in self._container_order:
                    order = self._container_order[tag]
                    self._walk(child, inner, child.tag, context, found, extras)
                else:
                    order = self._strange(child, container, context, found, extras)
            else:
                order = slot.order
                if found[slot.field] is None:
                    found[slot.field] = slot.read(child, context)
                else:
                    context.note(rules.ELEMENT_AGAIN, child, f"{slot.row.name} stands more than once", slot.row.name)
            if order < 0:
                continue
            if order < last and not container.endswith("Status"):
                text = f"{_local(tag)} does not stand where the schema {self.release.suffix} has it"
                context.note(rules.ORDER, child, text)
            last = max(last, order)

    def _strange(
        self, child: etree._Element, container: str, context: Context, found: list[Any], extras: list[Extra]
    ) -> int:
        """An element that its full tag does not tell. Returns its place in the schema's order, or -1."""
        namespace, _, name = str(child.tag).rpartition("}")
        name = name.rpartition(":")[2]
        self._note_namespace(child, namespace[1:], context)
        lower = name.lower()
        for known in CONTAINERS:
            if lower == known.lower() and f"{self.prefix}{known}" in self._container_order:
                full = f"{self.prefix}{known}"
                self._walk(child, self._inside[full], full, context, found, extras)
                return self._container_order[full]
        slot = self._by_name.get(lower) or self._by_name.get(_ALIASES.get(lower, ""))
        if slot is None:
            return self._stranger(child, name, namespace[1:], container, context, found, extras)
        self._note_name(child, name, slot, container, context)
        if found[slot.field] is None:
            found[slot.field] = slot.read(child, context)
        else:
            context.note(rules.ELEMENT_AGAIN, child, f"{name} stands more than once", name)
        return slot.order if slot.container in container or not slot.container else -1

    def _note_namespace(self, child: etree._Element, namespace: str, context: Context) -> None:
        if namespace == self.prefix[1:-1]:
            return
        if namespace:
            text = f"{_local(child.tag)} is in {quote(namespace)}, the operation is in {quote(self.prefix[1:-1])}"
            context.note(rules.NAMESPACE_MIXED, child, text)
        else:
            context.note(rules.UNQUALIFIED, child, f"{_local(child.tag)} is in no namespace")

    def _note_name(self, child: etree._Element, name: str, slot: Slot, container: str, context: Context) -> None:
        row = slot.row
        expected = row.name_in(self.release)
        if name not in row.names():
            context.note(rules.ELEMENT_CASE, child, f"{name} is not {expected}", name)
        elif self.release not in row.releases:
            text = f"{name} is not in {self.release.suffix}"
            context.note(rules.ELEMENT_NOT_IN_SCHEMA, child, text, name)
        elif name != expected:
            context.note(rules.ELEMENT_RENAMED, child, f"{self.release.suffix} calls it {expected}, not {name}", name)
        if row.inside != _local(container):
            place = f"inside {row.inside}" if row.inside else f"directly in {self.operation.name}"
            context.note(rules.ELEMENT_PLACE, child, f"{name} stands elsewhere than {place}", name)

    def _stranger(
        self,
        child: etree._Element,
        name: str,
        namespace: str,
        container: str,
        context: Context,
        found: list[Any],
        extras: list[Extra],
    ) -> int:
        """What no schema has in this operation: its elements are looked at where it is a container, else it is kept."""
        text = "".join(str(piece) for piece in child.itertext()).strip()
        context.note(rules.ELEMENT_UNKNOWN, child, f"{name} is no element of {self.operation.name}", name)
        if name in CONTAINERS and not container:
            self._walk(child, {}, name, context, found, extras)
            return -1
        extras.append(Extra(name, text, namespace))
        return -1


def _local(tag: str) -> str:
    return str(tag).rpartition("}")[2].rpartition(":")[2]


@lru_cache(maxsize=1024)
def decoder_for(operation: Operation, release: Release, namespace: str) -> Decoder:
    return Decoder(operation, release, namespace)
