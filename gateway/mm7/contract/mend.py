"""What spyne has no words for, put into the schema and the WSDL that it drew, so that both say what was published.

`MENDED` names each step and why; `wsdl/README.md` prints it. What the schemas hold comes from the model table in either
case: through spyne's classes, or through shape.py.
"""

from collections.abc import Iterable
from copy import deepcopy

from lxml import etree

from gateway.mm7.contract.shape import operation_type, sequences, simples
from gateway.mm7.model import operations_in
from gateway.mm7.table import FROM_5_2, FROM_6_1, AddressKind
from gateway.mm7.versions import SOAP_11, Release

XSD = "http://www.w3.org/2001/XMLSchema"
WSDL_SOAP = "http://schemas.xmlsoap.org/wsdl/soap/"
_XS = f"{{{XSD}}}"
_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"

MENDED = (
    ("simple types that only give another type a name", "messageIDType, entityIDType, statusTextType and the like"),
    ("unions", "relativeOrAbsoluteDateType: a dateTime or a duration"),
    ("choices that repeat", "recipientsType, multiAddressType"),
    ("elements in any order (`xs:all`)", "Status"),
    ("any attribute of another namespace", "ServiceCode"),
    ("any elements, and nothing else", "Details"),
    ("attributes of another schema", "TransactionID: mustUnderstand, actor and encodingStyle of SOAP 1.1"),
    ("defaults that are said but not filled in", "MessageClass, displayOnly, allowAdaptations"),
    ("types without a name", "Number, ShortCode, RFC2822Address, ReplyCharging"),
    ("elements only where the schema declares them", "spyne declares one for each type"),
    ("an empty SOAPAction", "spyne writes the operation's name"),
)

_UNION = '<xs:simpleType><xs:union memberTypes="xs:dateTime xs:duration"/></xs:simpleType>'
_ANYTHING = (
    '<xs:complexType><xs:complexContent><xs:restriction base="xs:anyType"><xs:sequence>'
    '<xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/>'
    "</xs:sequence></xs:restriction></xs:complexContent></xs:complexType>"
)
_TRANSACTION_ID = (
    '<xs:element><xs:complexType><xs:simpleContent><xs:extension base="xs:string">'
    '<xs:attribute ref="soap:mustUnderstand"/><xs:attribute ref="soap:encodingStyle"/><xs:attribute ref="soap:actor"/>'
    "</xs:extension></xs:simpleContent></xs:complexType></xs:element>"
)
_ANONYMOUS = (*(kind.value for kind in AddressKind), "ReplyCharging")
_IN_ANY_ORDER = ("responseStatusType", "extendedcancelresponseStatusType")
_NOT_DECLARED = ("TransactionID", "RSErrorRsp", "VASPErrorRsp")


def schema(drawn: etree._Element, release: Release, soap_schema: str | None) -> etree._Element:
    """The schema of a release, out of the one that spyne drew; SOAP's attributes are imported from `soap_schema`."""
    types = {str(node.get("name")): node for node in drawn if node.tag in (f"{_XS}complexType", f"{_XS}simpleType")}
    for name in _NOT_DECLARED:
        types.pop(name, None)
    _name_simple_types(types, release)
    for node in types.values():
        _repeat_choices(node)
    for name in _IN_ANY_ORDER:
        for sequence in types[name].iter(f"{_XS}sequence") if name in types else ():
            sequence.tag = f"{_XS}all"
    for extension in types["serviceCodeType"].iter(f"{_XS}extension"):
        etree.SubElement(extension, f"{_XS}anyAttribute", namespace="##other", processContents="lax")
    types["anyDataType"] = _fragment(_ANYTHING, "anyDataType")
    _add_defaults(types, release)
    anonymous = {name: types.pop(name) for name in _ANONYMOUS}
    _inline(types.values(), anonymous)
    return _assembled(types, release, soap_schema)


def wsdl(drawn: etree._Element, schemas: Iterable[etree._Element]) -> etree._Element:
    """The WSDL that spyne drew, around these schemas."""
    types = drawn.find(f"{_WSDL}types")
    assert types is not None
    types.clear()
    # Before the schemas come in: spyne's own prefix for SOAP would take the place of the one that they refer by.
    etree.cleanup_namespaces(drawn, keep_ns_prefixes=["tns", "xs"])
    types.extend(schemas)
    for operation in drawn.iter(f"{{{WSDL_SOAP}}}operation"):
        operation.set("soapAction", "")
    drawn.extend(drawn.findall(f"{_WSDL}service"))  # spyne puts it in the middle
    return drawn


def text(element: etree._Element) -> bytes:
    """A document, indented, with its XML declaration; the same element gives the same bytes."""
    etree.indent(element)
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8") + b"\n"


def _fragment(source: str, name: str) -> etree._Element:
    around = etree.fromstring(f'<around xmlns:xs="{XSD}" xmlns:soap="{SOAP_11}">{source}</around>')
    around[0].set("name", name)
    return around[0]


def _name_simple_types(types: dict[str, etree._Element], release: Release) -> None:
    for simple in simples(release).values():
        if not simple.words:
            alias = f'<xs:simpleType><xs:restriction base="{simple.base}"/></xs:simpleType>'
            types[simple.name] = _fragment(alias, simple.name)
    types["relativeOrAbsoluteDateType"] = _fragment(_UNION, "relativeOrAbsoluteDateType")


def _repeat_choices(node: etree._Element) -> None:
    """spyne repeats the alternatives of a choice, each for itself; the schemas repeat the choice."""
    for choice in node.iter(f"{_XS}choice"):
        sequence = choice.getparent()
        for alternative in choice:
            alternative.attrib.pop("minOccurs", "")
            repeated = alternative.attrib.pop("maxOccurs", "")
            if repeated and sequence is not None:
                sequence.set("maxOccurs", repeated)


def _add_defaults(types: dict[str, etree._Element], release: Release) -> None:
    for sequence in sequences(release).values():
        for child in sequence.children:
            for element in types[sequence.name].iter(f"{_XS}element") if child.default else ():
                if element.get("name") == child.name:
                    element.set("default", str(child.default))
    attributes = {"displayOnly": "false", "allowAdaptations": "true" if release in FROM_6_1 else None}
    for node in types.values():
        for attribute in node.iter(f"{_XS}attribute"):
            default = attributes.get(str(attribute.get("name")))
            if default:
                attribute.set("default", default)


def _inline(types: Iterable[etree._Element], anonymous: dict[str, etree._Element]) -> None:
    for node in types:
        for element in list(node.iter(f"{_XS}element")):
            definition = anonymous.get(str(element.get("type")).removeprefix("tns:"))
            if definition is not None:
                del element.attrib["type"]
                inner = deepcopy(definition)
                del inner.attrib["name"]
                element.append(inner)


def _assembled(types: dict[str, etree._Element], release: Release, soap_schema: str | None) -> etree._Element:
    has_attributes = release in FROM_5_2
    prefixes = {"xs": XSD, "tns": release.uri} | ({"soap": SOAP_11} if has_attributes else {})
    out = etree.Element(f"{_XS}schema", nsmap=prefixes, targetNamespace=release.uri, elementFormDefault="qualified")
    note = etree.SubElement(etree.SubElement(out, f"{_XS}annotation"), f"{_XS}documentation")
    note.text = _note(release)
    if has_attributes:
        location = {"schemaLocation": soap_schema} if soap_schema else {}
        etree.SubElement(out, f"{_XS}import", {"namespace": SOAP_11, **location})
        out.append(_fragment(_TRANSACTION_ID, "TransactionID"))
    else:
        etree.SubElement(out, f"{_XS}element", name="TransactionID", type="xs:NMTOKEN")
    for operation in operations_in(release):
        etree.SubElement(out, f"{_XS}element", name=operation.name, type=f"tns:{operation_type(operation)}")
    out.extend(types[name] for name in sorted(types, key=str.lower))
    etree.cleanup_namespaces(out, keep_ns_prefixes=list(prefixes))
    return out


def _note(release: Release) -> str:
    note = f"MM7 messages of {release.suffix} (3GPP TS 23.140), generated from mm7-gateway's model of the protocol."
    if release.inferred:
        note += " Inferred: no schema of this name is public. It is REL-5-MM7-1-4 with MM7Version 5.10.0 added."
    return note
