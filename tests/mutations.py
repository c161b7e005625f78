"""Small changes to an XML element, of the kind that peers make and schemas judge: some break it, some don't."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random

from lxml import etree

Change = Callable[[Random, etree._Element, etree._Element], None]

#: Values on the edge of one type or another; the first few on the edge of most.
_EDGES = ("", "0", "-1", "true", "1:x", "%")
_PLAIN = (" ", "a b", "x", "1", "True", "yes", "1000", "1000.0", "+7", "007", " 7 ", "1e3", "cid:x", "http://[", "漢")
_TIMES = ("2026-01-31T12:00:00Z", "2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31", "2026-01-31T12:00:00")
_MORE_TIMES = ("2026-01-31T12:00:00+15:00", "02026-01-31T12:00:00Z", "P3D", "P", "PT", "P1Y2W", "-P1D", "PT1.5S", "P3d")
_WORDS = ("Normal", "normal", "Personal", "Auto", "ThirdParty", "Both", "text", "image-basic", "encrypted")
_STATUSES = ("Retrieved", "Unrecognised", "Deferred", "Unreachable", "DeliveryConditionNotMet", "Read", "Deleted")
_VERSIONS = ("5.3.0", "5.6.0", "5.10.0", "6.3.0", "6.8.0", "6.7.0")
TEXTS = (*_EDGES, *_PLAIN, *_TIMES, *_MORE_TIMES, *_WORDS, *_STATUSES, *_VERSIONS)

_OF_ADDRESSES = ("displayOnly", "addressCoding", "id")
_OF_OTHERS = ("href", "allowAdaptations", "sequence", "replyChargingSize", "replyDeadline", "UAProf", "TimeStamp")
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_FOREIGN = ("lang", "{urn:of-a-peer}tier", "{http://www.w3.org/2001/XMLSchema-instance}nil")
_OF_SOAP = (f"{_SOAP}mustUnderstand", f"{_SOAP}actor", f"{_SOAP}encodingStyle")
ATTRIBUTES = (*_OF_ADDRESSES, *_OF_OTHERS, *_OF_SOAP, *_FOREIGN)
_NAMES = ("TimeStamp", "Date", "MessageID", "Content", "Number", "ShortCode", "To", "Text", "ApplicID", "StatusText")


def revalued(element: etree._Element) -> Iterator[etree._Element]:
    """An element with each value replaced in turn, also of attributes that it has not; it is changed in place."""
    for node in element.iter("*"):
        if not len(node):
            kept = node.text
            for text in TEXTS:
                node.text = text or None
                yield element
            node.text = kept
        for attribute in ATTRIBUTES:
            present = node.get(attribute)
            for text in TEXTS if present is not None else (*_EDGES, "P3D"):
                node.set(attribute, text)
                yield element
            del node.attrib[attribute]
            if present is not None:
                node.set(attribute, present)


def mutated(rng: Random, element: etree._Element) -> etree._Element:
    """A copy of an element with one to three changes somewhere in it."""
    root = deepcopy(element)
    for _ in range(rng.choice((1, 1, 2, 3))):
        target = rng.choice(list(root.iter("*")))
        rng.choice(_CHANGES)(rng, root, target)
    return root


def _text(rng: Random) -> str:
    return rng.choice(_EDGES if rng.random() < 0.5 else TEXTS)


def _drop(_: Random, root: etree._Element, target: etree._Element) -> None:
    parent = target.getparent()
    if target is not root and parent is not None:
        parent.remove(target)


def _duplicate(_: Random, root: etree._Element, target: etree._Element) -> None:
    if target is not root:
        target.addnext(deepcopy(target))


def _move(rng: Random, root: etree._Element, target: etree._Element) -> None:
    parent = target.getparent()
    if target is not root and parent is not None:
        parent.remove(target)
        parent.insert(rng.randint(0, len(parent)), target)


def _rename(rng: Random, root: etree._Element, target: etree._Element) -> None:
    names = [etree.QName(node).localname for node in root.iter("*")] + list(_NAMES)
    target.tag = f"{{{etree.QName(target).namespace}}}{rng.choice(names)}"


def _elsewhere(_: Random, root: etree._Element, target: etree._Element) -> None:
    if target is not root:
        target.tag = f"{{urn:of-a-peer}}{etree.QName(target).localname}"


def _change_text(rng: Random, _: etree._Element, target: etree._Element) -> None:
    target.text = _text(rng) or None


def _change_text_of_a_leaf(rng: Random, root: etree._Element, _: etree._Element) -> None:
    leaves = [node for node in root.iter("*") if not len(node)] or [root]
    rng.choice(leaves).text = _text(rng) or None


def _add_text_behind(rng: Random, root: etree._Element, target: etree._Element) -> None:
    if target is not root:
        target.tail = rng.choice(("\n  ", "text"))


def _set_attribute(rng: Random, _: etree._Element, target: etree._Element) -> None:
    target.set(rng.choice(ATTRIBUTES), _text(rng))


def _change_attribute(rng: Random, root: etree._Element, _: etree._Element) -> None:
    having = [node for node in root.iter("*") if node.keys()]
    if having:
        target = rng.choice(having)
        target.set(rng.choice(target.keys()), _text(rng))


def _drop_attribute(rng: Random, root: etree._Element, _: etree._Element) -> None:
    having = [node for node in root.iter("*") if node.keys()]
    if having:
        target = rng.choice(having)
        del target.attrib[rng.choice(target.keys())]


def _add_child(rng: Random, root: etree._Element, target: etree._Element) -> None:
    namespace = rng.choice((etree.QName(root).namespace, "urn:of-a-peer"))
    child = etree.SubElement(target, f"{{{namespace}}}{rng.choice(_NAMES)}")
    child.text = _text(rng) or None


def _comment(_: Random, __: etree._Element, target: etree._Element) -> None:
    target.insert(0, etree.Comment("of a peer"))


_CHANGES: tuple[Change, ...] = (
    *(_drop, _duplicate, _move, _rename, _elsewhere, _change_text, _add_text_behind),
    *(_set_attribute, _drop_attribute, _add_child, _comment),
    # More often, as schemas say most about values.
    *(_change_text_of_a_leaf,) * 3,
    *(_change_attribute,) * 3,
)
