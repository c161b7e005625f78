"""An operation's element into its message, driven by the model table. Any order, any prefix, any namespace.

The fast path is one dictionary lookup an element, by its full tag. What is not in that dictionary (another namespace,
another case, another place, an element of another schema, a stranger) takes the slow path, which finds out what it is
and says so.
"""

from functools import lru_cache
from typing import Any, cast

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.errors import Unreadable
from gateway.mm7.findings import Findings, quote
from gateway.mm7.frozen import maker
from gateway.mm7.limits import MAX_STRANGE
from gateway.mm7.messages import Message
from gateway.mm7.model import CONTAINERS, Operation
from gateway.mm7.reading import Reader, Reading, Scheme
from gateway.mm7.table import Extra, Row
from gateway.mm7.values import reader
from gateway.mm7.versions import KNOWN_VERSIONS, VERSIONS, Release
from gateway.mm7.xml import Document, namespace_of

# Names on the wire that mean an element of the table, and that no schema has (interop E9, E15, E18; peers §3).
_ALIASES = {
    "recipients": "recipient",
    "detail": "details",
    "auxapplicid": "auxapplicinfo",
    "earlistdeliverytime": "earliestdeliverytime",
    "reply-charging": "replycharging",
    "time-stamp": "timestamp",
}


#: What is known of a full tag: the place in the schema's order, which is also the field's, and how it is read; a
#: container has a table of its own instead.
Entry = tuple[int, Reader, None] | tuple[int, None, dict[str, Any]]
Table = dict[str, Entry]


class Decoder:
    """Reads one operation in one namespace text; made once for each and kept."""

    def __init__(self, operation: Operation, release: Release, namespace: str) -> None:
        self.operation = operation
        self.scheme = Scheme(release, namespace)
        self._versions = frozenset(VERSIONS[release])
        self._make = maker(operation.type)
        self._table: Table = {}
        self._inside: dict[str, Table] = {name: {} for name in CONTAINERS}
        self._containers: dict[str, int] = {}
        self._by_name: dict[str, tuple[int, Row, Reader]] = {}
        for index, element in enumerate(operation.elements):
            self._place(index, element.row)
        self._rows = tuple(element.row for element in operation.elements)
        self._required = tuple(
            (index, row.name_in(release)) for index, row in enumerate(self._rows) if release in row.required
        )

    def _place(self, index: int, row: Row) -> None:
        read = reader(row, self.scheme)
        prefix, release = self.scheme.prefix, self.scheme.release
        for name in row.names():
            self._by_name.setdefault(name.lower(), (index, row, read))
        if row.inside and row.inside not in self._containers:
            self._containers[row.inside] = index
            self._table[f"{prefix}{row.inside}"] = (index, None, self._inside[row.inside])
        if release in row.releases:
            table = self._inside[row.inside] if row.inside else self._table
            table[f"{prefix}{row.name_in(release)}"] = (index, read, None)

    def decode(self, element: etree._Element, document: Document, seen: Findings) -> Message:
        reading = Reading(document, seen, len(self._rows))
        found = reading.found
        self._walk(element, self._table, "", reading)
        for index, name in self._required:
            if found[index] is None:
                reading.note(rules.ELEMENT_MISSING, element, f"{self.operation.name} has no {name}", name)
        version = found[0]
        if version is not None and version not in self._versions:
            self._note_version(version, element, reading)
        # `extras` is the last field of every message.
        return self._make(*found, tuple(reading.extras)) if reading.extras else self._make(*found)

    def decode_status(self, element: etree._Element, document: Document) -> Message:
        """A message of which there is only what its Status holds; findings about what is missing would say nothing."""
        reading = Reading(document, Findings(), len(self._rows))
        self._walk(element, self._inside["Status"], "Status", reading)
        return self._make(*reading.found, tuple(reading.extras))

    def _note_version(self, version: str, element: etree._Element, reading: Reading) -> None:
        if version in KNOWN_VERSIONS:
            text = f"MM7Version {version} is not of the namespace {self.scheme.release.suffix}"
            reading.note(rules.VERSION_NOT_IN_SCHEMA, element, text)
        else:
            reading.note(rules.VERSION_UNKNOWN, element, f"no schema lists MM7Version {quote(version)}")

    def _walk(self, parent: etree._Element, table: Table, container: str, reading: Reading) -> None:
        last = 0
        found = reading.found
        for child in parent:
            tag = child.tag
            entry = table.get(tag)
            if entry is None:
                order = self._strange(child, container, reading)
            else:
                order, read, inner = entry
                if read is None:
                    self._walk(child, cast("Table", inner), _local(tag), reading)
                elif found[order] is None:
                    found[order] = read(child, reading)
                else:
                    name = _local(tag)
                    reading.note(rules.ELEMENT_AGAIN, child, f"{name} stands more than once", name)
            if order >= last:
                last = order
            elif order >= 0 and container != "Status":  # whose schema has them in any order
                text = f"{_local(tag)} does not stand where the schema {self.scheme.release.suffix} has it"
                reading.note(rules.ORDER, child, text)

    def _strange(self, child: etree._Element, container: str, reading: Reading) -> int:
        """An element that its full tag does not tell. Returns its place in the schema's order, or -1."""
        reading.strange += 1
        if reading.strange > MAX_STRANGE:
            text = f"more than {MAX_STRANGE} elements are no elements of {self.operation.name}, or not of its namespace"
            raise Unreadable(rules.XML_TOO_MANY, reading.document.offset_of(child), text, self.operation.name)
        name = _local(child.tag)
        lower = name.lower()
        self._note_namespace(child, name, reading)
        if not container:
            for known, order in self._containers.items():
                if lower == known.lower():
                    if name != known:
                        reading.note(rules.ELEMENT_CASE, child, f"{name} is not {known}", name)
                    self._walk(child, self._inside[known], known, reading)
                    return order
        known_row = self._by_name.get(lower) or self._by_name.get(_ALIASES.get(lower, ""))
        if known_row is None:
            self._stranger(child, name, container, reading)
            return -1
        index, row, read = known_row
        self._note_name(child, name, row, container, reading)
        if reading.found[index] is None:
            reading.found[index] = read(child, reading)
        else:
            reading.note(rules.ELEMENT_AGAIN, child, f"{name} stands more than once", name)
        return index if row.inside == container else -1

    def _note_namespace(self, child: etree._Element, name: str, reading: Reading) -> None:
        namespace = namespace_of(child)
        if namespace == self.scheme.namespace:
            return
        if namespace:
            text = f"{name} is in {quote(namespace)}, the operation is in {quote(self.scheme.namespace)}"
            reading.note(rules.NAMESPACE_MIXED, child, text)
        else:
            reading.note(rules.UNQUALIFIED, child, f"{name} is in no namespace")

    def _note_name(self, child: etree._Element, name: str, row: Row, container: str, reading: Reading) -> None:
        release = self.scheme.release
        expected = row.name_in(release)
        if name not in row.names():
            reading.note(rules.ELEMENT_CASE, child, f"{name} is not {expected}", name)
        elif release not in row.releases:
            reading.note(rules.ELEMENT_NOT_IN_SCHEMA, child, f"{name} is not in {release.suffix}", name)
        elif name != expected:
            reading.note(rules.ELEMENT_RENAMED, child, f"{release.suffix} calls it {expected}, not {name}", name)
        if row.inside != container:
            place = f"inside {row.inside}" if row.inside else f"directly in {self.operation.name}"
            reading.note(rules.ELEMENT_PLACE, child, f"{name} stands elsewhere than {place}", name)

    def _stranger(self, child: etree._Element, name: str, container: str, reading: Reading) -> None:
        """What no schema has in this operation: a container of other operations is looked into, else it is kept."""
        reading.note(rules.ELEMENT_UNKNOWN, child, f"{name} is no element of {self.operation.name}", name)
        if name in CONTAINERS and not container:
            self._walk(child, {}, name, reading)
            return
        text = "".join(str(piece) for piece in child.itertext()).strip()
        reading.extras.append(Extra(name, text, namespace_of(child)))


def _local(tag: str) -> str:
    return str(tag).rpartition("}")[2].rpartition(":")[2]


@lru_cache(maxsize=256)
def decoder_for(operation: Operation, release: Release, namespace: str) -> Decoder:
    return Decoder(operation, release, namespace)
