"""Who a message is from and to: addresses, recipients and user agents out of their elements, however wrapped."""

from lxml import etree

from gateway.mm7 import findings as rules
from gateway.mm7.addresses import classify
from gateway.mm7.findings import quote
from gateway.mm7.frozen import maker
from gateway.mm7.names import is_nmtoken
from gateway.mm7.reading import EXACT, Reader, Reading, Scheme, attributes, boolean_of, text_of, to_count
from gateway.mm7.table import Address, AddressKind, Recipients, UserAgent
from gateway.mm7.xml import local_name, namespace_of

_NAMES = {
    "number": AddressKind.NUMBER,
    "shortcode": AddressKind.SHORT_CODE,
    "rfc2822address": AddressKind.RFC2822,
    "rfc822address": AddressKind.RFC2822,
    "rfc822ad": AddressKind.RFC2822,
}
_LISTS = {"to": 0, "cc": 1, "bcc": 2}
_DISPLAY_ONLY = ["displayOnly"]
_make_address = maker(Address)
_make_recipients = maker(Recipients)


def address_of(element: etree._Element, kind: AddressKind, scheme: Scheme, reading: Reading) -> Address | None:
    """What one Number, ShortCode or RFC2822Address says."""
    text = None if len(element) else element.text
    text = text.strip() if text else text_of(element, reading)
    if not text:
        return None
    if scheme.nmtokens and kind is not AddressKind.RFC2822 and not is_nmtoken(text):
        reading.note(rules.VALUE_NMTOKEN, element, f"{kind} is no NMTOKEN, as this schema wants it", kind.value)
    keys = element.keys()
    if not keys:
        return _make_address(kind, text)
    if keys == _DISPLAY_ONLY:
        exact = EXACT.get(element.get("displayOnly", ""))
        if exact is not None:
            return _make_address(kind, text, exact)
    display, coding, id_ = attributes(element, reading, "displayOnly", "addressCoding", "id")
    only = None if display is None else boolean_of(display, element, reading, "displayOnly")
    return _make_address(kind, text, only, coding, id_)


def addresses_in(element: etree._Element, scheme: Scheme, reading: Reading) -> list[Address]:
    """Every address below an element, in order, however wrapped; a bare text is one (interop E3, E4, E6)."""
    found: list[Address] = []
    tags = scheme.address_tags
    for child in element:
        kind = tags.get(child.tag)
        if kind is None:
            found.extend(_odd_addresses(child, element, scheme, reading))
            continue
        address = address_of(child, kind, scheme, reading)
        if address is not None:
            found.append(address)
    if not found and not len(element) and (element.text or "").strip():
        name = local_name(element)
        reading.note(rules.ADDRESS_BARE, element, f"{name} holds text, not an address element", name)
        found.append(classify(element.text or ""))
    return found


def _odd_addresses(child: etree._Element, parent: etree._Element, scheme: Scheme, reading: Reading) -> list[Address]:
    """What a child that is no address of this schema by its full tag holds all the same."""
    local = local_name(child)
    kind = _NAMES.get(local.lower())
    if kind is None:
        reading.note(rules.ADDRESS_NESTED, child, f"{local_name(parent)} holds {local}, not an address", local)
        return addresses_in(child, scheme, reading)
    _note_tag(child, kind.value, scheme, reading)
    address = address_of(child, kind, scheme, reading)
    return [] if address is None else [address]


def _note_tag(child: etree._Element, expected: str, scheme: Scheme, reading: Reading) -> None:
    local, namespace = local_name(child), namespace_of(child)
    if local != expected:
        reading.note(rules.ELEMENT_CASE, child, f"{local} is not {expected}", local)
    if not namespace and scheme.namespace:
        reading.note(rules.UNQUALIFIED, child, f"{local} is in no namespace")
    elif namespace != scheme.namespace:
        reading.note(rules.NAMESPACE_MIXED, child, f"{local} is in {quote(namespace)}")


def address_reader(scheme: Scheme) -> Reader:
    """Reads Sender and Recipient: an address with an element around it."""

    def read(element: etree._Element, reading: Reading) -> Address | None:
        found = addresses_in(element, scheme, reading)
        if len(found) == 1:
            return found[0]
        name = local_name(element)
        if not found:
            reading.note(rules.ADDRESS_MISSING, element, f"{name} holds no address", name)
            return None
        reading.note(rules.ADDRESS_NESTED, element, f"{name} holds {len(found)} addresses", name)
        return found[0]

    return read


def sender_address_reader(scheme: Scheme) -> Reader:
    """Reads SenderAddress, which is a plain text in the first two schemas."""
    read_address = address_reader(scheme)

    def read(element: etree._Element, reading: Reading) -> Address | None:
        if len(element):
            return read_address(element, reading)  # type: ignore[no-any-return]
        text = text_of(element, reading)
        return classify(text) if text else None

    return read if scheme.nmtokens else read_address


def recipients_reader(scheme: Scheme) -> Reader:
    """Reads Recipients: addresses in To, Cc and Bcc; what stands outside of them is taken as To."""
    tags = scheme.list_tags

    def read(element: etree._Element, reading: Reading) -> Recipients | None:
        lists: tuple[list[Address], ...] = ([], [], [])
        for child in element:
            index = tags.get(child.tag)
            if index is None:
                index = _odd_list(child, scheme, reading)
            found = addresses_in(child, scheme, reading) if index >= 0 else _unlisted(child, element, scheme, reading)
            if not found:
                name = local_name(child)
                reading.note(rules.ADDRESS_MISSING, child, f"{name} holds no address", name)
            lists[max(index, 0)].extend(found)
        to, cc, bcc = lists
        if to or cc or bcc:
            return _make_recipients(tuple(to), tuple(cc), tuple(bcc))
        reading.note(rules.ADDRESS_MISSING, element, "Recipients hold no address", "Recipients")
        return None

    return read


def _odd_list(child: etree._Element, scheme: Scheme, reading: Reading) -> int:
    """Which list an element means that its full tag does not tell, or -1."""
    name = local_name(child).lower()
    index = _LISTS.get(name, -1)
    if index >= 0:
        _note_tag(child, name.title(), scheme, reading)
    return index


def _unlisted(child: etree._Element, parent: etree._Element, scheme: Scheme, reading: Reading) -> list[Address]:
    local = local_name(child)
    reading.note(rules.ADDRESS_NESTED, child, f"Recipients hold {local}, not To, Cc or Bcc", local)
    if local.lower() in _NAMES:
        return _odd_addresses(child, parent, scheme, reading)
    return addresses_in(child, scheme, reading)


def sent_by_reader(scheme: Scheme) -> Reader:
    """Reads Previouslysentby: user agents, each an address with its place in the sequence."""

    def read(element: etree._Element, reading: Reading) -> tuple[UserAgent, ...]:
        agents: list[UserAgent] = []
        for child in element:
            (sequence,) = attributes(child, reading, "sequence")
            agents.extend(UserAgent(one, to_count(sequence or "")) for one in addresses_in(child, scheme, reading)[:1])
        return tuple(agents)

    return read
