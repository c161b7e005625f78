"""The official schemas as oracles: compiled, and taken apart into facts to be compared. Without the gateway's code.

`Schema` says whether a message's element is valid; `facts()` takes a schema apart into the form of
`reference/mm7-schema.json`: extensions and groups are resolved, so that two schemas that say the same have the same
facts, however they are put together.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from tests import shared

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XS = "{http://www.w3.org/2001/XMLSchema}"

Facts = dict[str, Any]


class _Resolver(etree.Resolver):
    """Answers each import with what is at hand: the SOAP schema by its address, our files by their name."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__()
        self._answers = answers

    def resolve(self, system_url: str, *arguments: Any) -> Any:  # noqa: ANN401
        for name, content in self._answers.items():
            if system_url.endswith(name):
                return self.resolve_string(content, arguments[-1])  # type: ignore[call-arg]
        raise AssertionError(f"a schema asks for {system_url}: nothing is fetched from the network")


class Schema:
    """A compiled XML schema."""

    def __init__(self, source: bytes, imports: dict[str, bytes]) -> None:
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_Resolver(imports))
        self._compiled = etree.XMLSchema(etree.fromstring(source, parser))

    def valid(self, element: etree._Element) -> bool:
        return bool(self._compiled.validate(element))

    def why(self, element: etree._Element) -> str:
        """What is wrong with an element; empty where it is valid."""
        return "" if self.valid(element) else str(self._compiled.error_log)


def official_names() -> list[str]:
    """The suffixes of the namespaces whose official schema is at hand, e.g. `REL-5-MM7-1-0`."""
    base = shared.find()
    return sorted(path.stem for path in (base / "xsd").glob("REL-*.xsd")) if base else []


def _directory() -> Path:
    base = shared.find()
    assert base is not None, shared.ABSENT
    return base


@lru_cache(maxsize=32)
def official(suffix: str) -> Schema:
    """The official schema of a namespace; raises AssertionError where shared is absent."""
    directory = _directory() / "xsd"
    return Schema((directory / f"{suffix}.xsd").read_bytes(), {SOAP: (directory / "soapEnvelope.xsd").read_bytes()})


def official_source(suffix: str) -> bytes:
    return (_directory() / "xsd" / f"{suffix}.xsd").read_bytes()


@lru_cache(maxsize=1)
def reference() -> dict[str, Facts]:
    """`reference/mm7-schema.json`: the facts of each official schema, by suffix."""
    loaded: dict[str, Facts] = json.loads((_directory() / "reference" / "mm7-schema.json").read_text())
    return loaded


def facts(source: bytes) -> Facts:
    """What a schema says: its elements, complex types and simple types by name."""
    root = etree.fromstring(source)
    reading = _Reading(root)
    return {
        "namespace": root.get("targetNamespace"),
        "elements": {name: reading.declaration(node) for name, node in reading.named("element")},
        "complexTypes": {name: reading.complex(node) for name, node in reading.named("complexType")},
        "simpleTypes": {name: _simple(node) for name, node in reading.named("simpleType")},
    }


def comparable(found: Any) -> Any:  # noqa: ANN401
    """Facts in a form that is equal where two schemas say the same: alternatives and attributes have no order."""
    if isinstance(found, list):
        plain = [comparable(item) for item in found]
        unordered = all(isinstance(item, dict) and (item.get("group") or "choice").endswith("choice") for item in plain)
        return sorted(plain, key=lambda item: str(item["name"])) if plain and unordered else plain
    return {key: comparable(value) for key, value in found.items()} if isinstance(found, dict) else found


class _Reading:
    """One schema being taken apart; what is referred to is looked up in it."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root

    def named(self, kind: str) -> list[tuple[str, etree._Element]]:
        return [(str(node.get("name")), node) for node in self._root.findall(f"{_XS}{kind}")]

    def _find(self, kind: str, name: str | None) -> etree._Element:
        return dict(self.named(kind))[_local(name)]

    def declaration(self, node: etree._Element) -> Facts:
        if node.get("type"):
            return {"type": _local(node.get("type"))}
        return {"type": "(inline)", "inline": self.complex(node.find(f"{_XS}complexType"))}

    def complex(self, node: etree._Element | None) -> Facts:
        assert node is not None
        found: Facts = {"base": None, "children": [], "attrs": [], "simple": None}
        self._add(node, "", found)
        return found

    def _add(self, node: etree._Element, group: str, found: Facts) -> None:
        for child in node:
            kind = etree.QName(child).localname
            if kind in ("complexContent", "simpleContent"):
                self._derived(child, found)
            elif kind in ("sequence", "choice", "all"):
                repeated = "*" if child.get("maxOccurs") == "unbounded" else ""
                # A sequence of one choice is that choice, unless it repeats.
                outer = group if group.endswith("*") else ""
                self._add(child, f"{outer}/{kind}" if outer else f"{kind}{repeated}", found)
            elif kind == "group":
                self._add(self._find("group", child.get("ref")), group, found)
            elif kind == "attributeGroup":
                self._add(self._find("attributeGroup", child.get("ref")), group, found)
            elif kind == "attribute":
                found["attrs"].append(_attribute(child))
            elif kind == "anyAttribute":
                attribute = {
                    "name": "##any-attribute",
                    "type": child.get("namespace"),
                    "use": child.get("processContents"),
                }
                found["attrs"].append(attribute)
            elif kind in ("element", "any"):
                found["children"].append(self._child(child, group))

    def _derived(self, node: etree._Element, found: Facts) -> None:
        derivation = node[0]
        base = derivation.get("base")
        if node.tag == f"{_XS}simpleContent":
            found["simple"] = _local(base)
        else:
            found["base"] = _local(base)
            if derivation.tag == f"{_XS}extension":
                inherited = self.complex(self._find("complexType", base))
                found["children"].extend(inherited["children"])
                found["attrs"].extend(inherited["attrs"])
        self._add(derivation, "", found)

    def _child(self, node: etree._Element, group: str) -> Facts:
        found = {
            "name": node.get("name"),
            "type": _local(node.get("type")),
            "min": node.get("minOccurs", "1"),
            "max": node.get("maxOccurs", "1"),
            "default": node.get("default"),
            "inline": None,
            "group": group,
        }
        simple = node.find(f"{_XS}simpleType/{_XS}restriction")
        if node.tag == f"{_XS}any":
            found |= {"name": "##any", "type": "any"}
        elif simple is not None:
            found["type"] = _local(simple.get("base"))
        elif found["type"] is None:
            found |= {"type": "(inline)", "inline": self.complex(node.find(f"{_XS}complexType"))}
        return found


def _attribute(node: etree._Element) -> Facts:
    name = node.get("name") or node.get("ref")
    return {
        "name": name,
        "type": _local(node.get("type")),
        "use": node.get("use", "optional"),
        "default": node.get("default"),
    }


def _simple(node: etree._Element) -> Facts:
    union = node.find(f"{_XS}union")
    if union is not None:
        return {"union": str(union.get("memberTypes")).split()}
    restriction = node.find(f"{_XS}restriction")
    assert restriction is not None
    words = [value.get("value") for value in restriction.findall(f"{_XS}enumeration")]
    return {"base": _local(restriction.get("base")), "enum": words}


def _local(name: str | None) -> Any:  # noqa: ANN401
    """A type's name as the facts have it: `xs:string`, or the bare name of one of the schema's own."""
    return name if name is None or name.startswith("xs:") else name.rpartition(":")[2]
