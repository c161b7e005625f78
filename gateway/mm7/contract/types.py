"""The types of one schema as spyne's classes, out of the shapes that shape.py reads off the model table.

They serve twice: spyne draws schema and WSDL from them, and stock spyne reads and writes whole messages with them, as
the tests' oracle. What spyne reads and writes but has no words for in a schema is mended there: mend.py.
"""

from typing import Any

from gateway.mm7.contract import spyne_shim as spyne
from gateway.mm7.contract.shape import Child, sequences, simples
from gateway.mm7.table import FROM_5_2, FROM_6_0, AddressKind
from gateway.mm7.versions import SOAP_11, Release

Spyne = Any  # spyne's classes are untyped
Members = list[tuple[str, Spyne]]

_BUILT_IN: dict[str, Spyne] = {
    "xs:anyURI": spyne.AnyUri,
    "xs:boolean": spyne.Boolean,
    "xs:dateTime": spyne.DateTime,
    "xs:ID": spyne.ID,
    "xs:NMTOKEN": spyne.NMToken,
    "xs:positiveInteger": spyne.PositiveInteger,
    "xs:string": spyne.Unicode,
}
#: An element that may stand as often as one likes.
_MANY = "unbounded"


class Types:
    """`Types(release)["submitReqType"]`: one class a name."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._uri = release.uri
        self._made = dict(_BUILT_IN)
        # spyne has no class for a union, and none for an element of any others: what reads and writes them stands in.
        self._simple("relativeOrAbsoluteDateType", spyne.Unicode)
        self._simple("anyDataType", spyne.AnyXml)
        for simple in simples(release).values():
            self._simple(simple.name, self[simple.base], simple.words)
        self._addresses()
        self._values()
        if release in FROM_6_0:  # spyne draws every type that builds on one that is used, used itself or not
            self._forwarding()
        for sequence in sequences(release).values():
            members = [(child.name, self._element(child)) for child in sequence.children]
            self._complex(sequence.name, members, sequence.base)
        for error in ("RSErrorRsp", "VASPErrorRsp"):
            # spyne publishes a fault by its type's name, so each has one of its own.
            self._complex(error, [], "genericResponseType")

    def __getitem__(self, name: str) -> Spyne:
        return self._made[name]

    def _addresses(self) -> None:
        coded = {"addressCoding": "addressCodingType", "id": "xs:ID"} if self._release in FROM_6_0 else {}
        for kind in AddressKind:
            text = "xs:string" if self._release in FROM_5_2 or kind is AddressKind.RFC2822 else "xs:NMTOKEN"
            self._complex(kind.value, [_text(self[text]), *self._attributes(displayOnly="xs:boolean", **coded)])
        kinds = [(kind.value, self[kind.value]) for kind in AddressKind]
        self._complex("addressType", _choice(kinds))
        self._complex("multiAddressType", _choice(kinds, _MANY))
        lists = [(name, self["multiAddressType"]) for name in ("To", "Cc", "Bcc")]
        self._complex("recipientsType", _choice(lists, _MANY))

    def _values(self) -> None:
        """What Content, ReplyCharging and the like hold: the same in every schema that has them."""
        period, number, text = "relativeOrAbsoluteDateType", "xs:positiveInteger", "xs:string"
        understand = ("mustUnderstand", spyne.XmlAttribute(self[text], ns=SOAP_11))
        self._complex("TransactionID", [_text(self[text]), understand])
        self._complex("serviceCodeType", [_text(self[text])])
        self._complex("ReplyCharging", self._attributes(replyChargingSize=number, replyDeadline=period))
        href = ("href", spyne.XmlAttribute(self["xs:anyURI"], use="required"))
        self._complex("contentReferenceType", [href, *self._attributes(allowAdaptations="xs:boolean")])
        self._complex("capabilitiesType", self._attributes(UAProf=text, TimeStamp=period))
        self._complex("deliveryConditionType", [("DC", _repeated(self[number]))])

    def _forwarding(self) -> None:
        """Who sent a message on, and when."""
        number = self._attributes(sequence="xs:positiveInteger")
        self._complex("userAgentInfoType", number, "addressType")
        self._complex("previouslySentByType", [("UserAgent", _repeated(self["userAgentInfoType"]))])
        self._complex("userAgentDateTimeType", [_text(self["relativeOrAbsoluteDateType"]), *number])
        self._complex("previouslySentByDateTime", [("DateTime", _repeated(self["userAgentDateTimeType"]))])

    def _simple(self, name: str, base: Spyne, words: tuple[str, ...] = ()) -> None:
        listed = base.customize(type_name=name, values=list(words)) if words else base
        made = type(base)(name, (listed,), {"__type_name__": name, "__namespace__": self._uri})
        self._made[name] = made

    def _complex(self, name: str, members: Members, base: str = "") -> None:
        parent = self[base] if base else spyne.ComplexModel
        body = {"__type_name__": name, "__namespace__": self._uri, "_type_info": members}
        self._made[name] = type(parent)(name, (parent,), body)

    def _attributes(self, **types: str) -> Members:
        return [(name, spyne.XmlAttribute(self[type_])) for name, type_ in types.items()]

    def _element(self, child: Child) -> Spyne:
        # A listed type that is customized loses its name, unless it is told again.
        return self[child.type].customize(type_name=child.type, min_occurs=int(child.required), nillable=False)


def _text(type_: Spyne) -> tuple[str, Spyne]:
    return "text", spyne.XmlData(type_)


def _repeated(type_: Spyne) -> Spyne:
    return type_.customize(min_occurs=0, max_occurs=_MANY, nillable=False)


def _choice(members: Members, max_occurs: int | str = 1) -> Members:
    chosen = {"min_occurs": 0, "max_occurs": max_occurs, "nillable": False, "xml_choice_group": "one"}
    return [(name, type_.customize(**chosen)) for name, type_ in members]
