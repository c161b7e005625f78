"""What the reader saw that a schema or a specification does not allow, and what it did about it.

A finding is never thrown away and never decides anything: the level at which it becomes an error is a setting of the
dialect (design decision 1). Each rule names its clause, what the reader does, and the status code that it is refused
with.
"""

from dataclasses import dataclass
from enum import IntEnum

from gateway.mm7.limits import MAX_FINDINGS, MAX_QUOTE, MAX_TEXT


class Level(IntEnum):
    INFO = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """`code` is the 3GPP StatusCode of a refusal for this reason, `sinch` the provider's."""

    id: str
    level: Level
    clause: str
    does: str
    code: int = 4004
    sinch: int = 2007


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen. `offset` counts bytes from the start of what was read; `about` is the element, header or part."""

    rule: Rule
    offset: int
    text: str
    about: str = ""

    @property
    def key(self) -> str:
        """`element.missing:Recipients`: what a profile can name to treat this case on its own."""
        return f"{self.rule.id}:{self.about}" if self.about else self.rule.id


def printable(text: str) -> str:
    """A peer's text as a terminal may show it: no line of its own, no commands, no change of direction."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def quote(text: str) -> str:
    """A peer's text as a finding shows it: short, on one line, printable, in quotation marks.

    So XML can carry it too, where it comes back to the peer in the Details of an answer.
    """
    line = printable(" ".join(text[: 4 * MAX_QUOTE].split()))
    return f'"{line[: MAX_QUOTE - 1]}…"' if len(line) > MAX_QUOTE else f'"{line}"'


class Findings:
    """Collects findings of one message; the first of a kind about a thing is kept, in the order seen, up to a limit."""

    __slots__ = ("_kept", "_seen", "dropped")

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._seen: set[tuple[str, str]] = set()
        self.dropped = 0

    def add(self, rule: Rule, offset: int, text: str, about: str = "") -> None:
        if self.wants(rule, about):
            self._seen.add((rule.id, about))
            self._kept.append(Finding(rule, offset, text[:MAX_TEXT], about[:MAX_QUOTE]))

    def wants(self, rule: Rule, about: str = "") -> bool:
        """Whether a finding would be kept, to be asked where its offset costs something; if not, it is counted."""
        if (rule.id, about) not in self._seen and len(self._kept) < MAX_FINDINGS:
            return True
        self.dropped += 1
        return False

    def all(self) -> tuple[Finding, ...]:
        return tuple(self._kept)


RULES: dict[str, Rule] = {}


def _rule(name: str, level: Level, clause: str, does: str, code: int = 4004, sinch: int = 2007) -> Rule:
    assert name not in RULES, name
    RULES[name] = rule = Rule(name, level, clause, does, code, sinch)
    return rule


_I, _W, _E = Level.INFO, Level.WARNING, Level.ERROR
_SOAP = "TS 23.140 §8.7.8.1"
_HTTP = "TS 23.140 §8.7.8.2"
_SCHEMA = "TS 23.140 Annex L"
_MIME = "RFC 2046 §5.1"
_PART = "RFC 2045 §5"
_XML = "XML 1.0"

# --- HTTP and MIME
CONTENT_TYPE_MISSING = _rule(
    "http.content-type-missing", _W, _HTTP, "the type is told from the first bytes", 4004, 2500
)
CONTENT_TYPE_WRONG = _rule("http.content-type-wrong", _W, _HTTP, "the type is told from the first bytes", 4004, 2500)
BODY_EMPTY = _rule("http.body-empty", _E, _HTTP, "nothing can be read", 4004, 2511)
BODY_TOO_LARGE = _rule("http.body-too-large", _E, "limit", "the body is not read", 2004, 2560)
BARE_XML = _rule("mime.bare-xml", _W, _HTTP, "the body is read as the envelope", 4004, 2500)
BOUNDARY_MISSING = _rule("mime.boundary-missing", _W, _MIME, "the first delimiter line is taken", 4004, 2500)
BOUNDARY_WRONG = _rule("mime.boundary-wrong", _W, _MIME, "the first delimiter line is taken", 4004, 2500)
BOUNDARY_NOWHERE = _rule("mime.boundary-nowhere", _E, _MIME, "nothing can be read", 4004, 2500)
UNOPENED = _rule("mime.multipart-unopened", _E, _MIME, "kept as one part, unopened", 2004, 2513)
CLOSE_MISSING = _rule(
    "mime.close-missing", _E, _MIME, "the end of the body closes the parts; the last may be cut", 2004, 2513
)
CLOSE_MALFORMED = _rule("mime.close-malformed", _W, _MIME, "read as the closing delimiter", 2004, 2513)
PREAMBLE = _rule("mime.preamble", _I, _MIME, "skipped", 4004, 2513)
EPILOGUE = _rule("mime.epilogue", _I, _MIME, "skipped", 4004, 2513)
LINE_ENDS = _rule("mime.line-ends", _I, _MIME, "read all the same", 4004, 2513)
HEADER_MALFORMED = _rule("mime.header-malformed", _W, _PART, "taken as the line before going on", 4004, 2514)
BLANK_LINE_MISSING = _rule(
    "mime.blank-line-missing", _W, _PART, "the part begins at the first line that is no header", 4004, 2514
)
PART_TYPE_MISSING = _rule(
    "mime.part-type-missing", _W, "TS 23.140 §8.7.8.2", "taken for application/octet-stream", 2004, 2514
)
ENCODING_UNKNOWN = _rule("mime.encoding-unknown", _W, "RFC 2045 §6", "read as binary", 2004, 2513)
BASE64_DAMAGED = _rule("mime.base64-damaged", _W, "RFC 2045 §6.8", "what can be decoded is kept", 2004, 2513)
CONTENT_ID_BARE = _rule("mime.content-id-bare", _I, "RFC 2392", "compared without brackets", 2004, 2514)
TOO_MANY_PARTS = _rule("mime.too-many-parts", _E, "limit", "not read", 2004, 2513)
HEADERS_TOO_LARGE = _rule("mime.headers-too-large", _E, "limit", "not read", 2004, 2514)
NESTED_TOO_DEEP = _rule("mime.nested-too-deep", _E, "limit", "not read", 2004, 2513)
START_MISSING = _rule("mime.start-missing", _I, "RFC 2387 §3.2", "the first part is the envelope", 4004, 2500)
START_FORM = _rule("mime.start-form", _I, "RFC 2387 §3.2", "compared without brackets and cid:", 4004, 2500)
START_UNRESOLVED = _rule("mime.start-unresolved", _W, "RFC 2387 §3.2", "the first XML part is the envelope", 4004, 2500)
ENVELOPE_NOT_FIRST = _rule("mime.envelope-not-first", _I, _HTTP, "read where it stands", 4004, 2500)
ENVELOPE_TYPE = _rule("mime.envelope-type", _W, _HTTP, "read as XML", 4004, 2515)
ENVELOPE_NOWHERE = _rule("mime.envelope-nowhere", _E, _HTTP, "nothing can be read", 4004, 2515)
FLAT_PARTS = _rule(
    "mime.flat-parts", _I, _HTTP, "the parts beside the envelope are taken together as the content", 2004, 2513
)

# --- XML
XML_MALFORMED = _rule("xml.malformed", _E, _XML, "not read")
XML_DOCTYPE = _rule("xml.doctype", _E, "SOAP 1.1 §3", "not read")
XML_TOO_LARGE = _rule("xml.too-large", _E, "limit", "not read")
XML_TOO_DEEP = _rule("xml.too-deep", _E, "limit", "not read")
XML_TOO_MANY = _rule("xml.too-many-elements", _E, "limit", "not read")
XML_PREFIX = _rule("xml.prefix-undeclared", _W, "Namespaces in XML §5", "elements are known by their local names")
XML_NAMESPACE_URI = _rule("xml.namespace-uri", _W, "Namespaces in XML §2.2", "read as it is written")
XML_TRAILING = _rule("xml.trailing", _W, _XML, "cut off behind the envelope's end tag")
XML_LEADING = _rule("xml.leading", _I, _XML, "blanks before the XML declaration are skipped")
CHARSET_LIE = _rule("xml.charset-lie", _W, _XML, "read in the encoding that its bytes are in")
CHARSET_GUESSED = _rule("xml.charset-guessed", _W, _XML, "undecodable bytes were replaced or guessed at")

# --- SOAP
SOAP_12 = _rule("soap.version-1.2", _W, _SOAP, "read alike; the answer is SOAP 1.1")
SOAP_NAMESPACE = _rule("soap.namespace", _W, _SOAP, "known by the local name Envelope")
ENVELOPE_MISSING = _rule("soap.envelope-missing", _E, _SOAP, "the operation is read as the whole message", 4004, 2511)
BODY_MISSING = _rule("soap.body-missing", _E, _SOAP, "nothing can be read", 4004, 2511)
HEADER_EXTRA = _rule("soap.header-extra", _I, _SOAP, "ignored", 4004, 2510)
ACTOR = _rule("soap.actor", _I, _SOAP, "ignored", 4004, 2510)
ENCODING_STYLE = _rule("soap.encoding-style", _I, _SOAP, "ignored", 4004, 2510)
FAULT_PLACE = _rule("soap.fault-outside-body", _W, "SOAP 1.1 §4.4", "read where it stands")
FAULT_QUALIFIED = _rule("soap.fault-qualified", _I, "SOAP 1.1 §4.4", "known by local names")
FAULT_MISSING = _rule("soap.fault-missing", _I, "TS 23.140 §8.7.8.6", "the error is read without a Fault around it")
FAULT_SHAPE = _rule("soap.fault-shape", _W, "TS 23.140 §8.7.8.6", "the status is taken from where it stands")
TRANSACTION_ID_MISSING = _rule(
    "header.transaction-id-missing", _E, _SOAP, "refused: an answer could not be matched", 4004, 2510
)
TRANSACTION_ID_ABSENT = _rule(
    "header.transaction-id-absent-in-answer", _W, _SOAP, "matched by the HTTP exchange", 4004, 2510
)
TRANSACTION_ID_PADDED = _rule(
    "header.transaction-id-padded", _I, _SOAP, "echoed as sent, compared without blanks", 4004, 2510
)
TRANSACTION_ID_TOO_LONG = _rule("header.transaction-id-too-long", _E, "limit", "not read, nor repeated", 4004, 2510)
TRANSACTION_ID_AGAIN = _rule("header.transaction-id-again", _W, _SOAP, "the first one counts", 4004, 2510)
TRANSACTION_ID_PLACE = _rule("header.transaction-id-misplaced", _W, _SOAP, "read where it stands", 4004, 2510)
OPERATION_UNKNOWN = _rule("operation.unknown", _E, "TS 23.140 §8.7.6", "not read", 4003, 2512)
OPERATION_NOT_IN_SCHEMA = _rule("operation.not-in-schema", _W, _SCHEMA, "read as in the newest schema", 4003, 2512)
PRE_SCHEMA = _rule(
    "operation.pre-schema-dialect", _E, "interop X18", "not read: MM7 from before the schemas", 4002, 2505
)
MORE_IN_BODY = _rule("soap.body-extra", _W, _SOAP, "the first element of the Body counts", 4004, 2511)

# --- namespaces and versions
NAMESPACE_MISSING = _rule(
    "namespace.missing", _W, _SCHEMA, "read by local names, as in the dialect's namespace", 4004, 2507
)
NAMESPACE_UNKNOWN = _rule("namespace.unknown", _W, _SCHEMA, "read by local names and echoed", 4004, 2507)
NAMESPACE_VARIANT = _rule("namespace.variant", _W, _SCHEMA, "taken for the namespace it resembles", 4004, 2507)
NAMESPACE_MIXED = _rule("namespace.mixed", _W, _SCHEMA, "the operation's namespace counts", 4004, 2507)
UNQUALIFIED = _rule(
    "namespace.unqualified", _W, _SCHEMA, "elements without a namespace are read as the operation's", 4004, 2507
)
VERSION_UNKNOWN = _rule("version.unknown", _W, _SCHEMA, "accepted; the answer is in the namespace's newest", 4002, 2505)
VERSION_NOT_IN_SCHEMA = _rule(
    "version.not-in-schema", _W, _SCHEMA, "accepted; the answer is in the namespace's newest", 4002, 2505
)

# --- elements and values
ORDER = _rule("element.order", _W, _SCHEMA, "read in any order")
ELEMENT_MISSING = _rule("element.missing", _W, _SCHEMA, "read without it")
ELEMENT_AGAIN = _rule("element.again", _W, _SCHEMA, "the first one counts")
ELEMENT_EMPTY = _rule("element.empty", _I, _SCHEMA, "taken as absent")
ELEMENT_UNKNOWN = _rule("element.unknown", _I, _SCHEMA, "kept as an extra")
ELEMENT_NOT_IN_SCHEMA = _rule("element.not-in-schema", _W, _SCHEMA, "read as in the schema that has it")
ELEMENT_RENAMED = _rule("element.renamed", _W, _SCHEMA, "read as the name that this schema has for it")
ELEMENT_CASE = _rule("element.misspelt", _W, _SCHEMA, "read as the element that it resembles")
ELEMENT_PLACE = _rule("element.misplaced", _W, _SCHEMA, "read where it stands")
ATTRIBUTE_QUALIFIED = _rule("attribute.qualified", _W, _SCHEMA, "known by its local name")
ATTRIBUTE_UNKNOWN = _rule("attribute.unknown", _I, _SCHEMA, "ignored")
VALUE_BOOLEAN = _rule("value.boolean", _W, "XML Schema Part 2 §3.2.2", "read leniently")
VALUE_TIME = _rule("value.time", _W, "XML Schema Part 2 §3.2.7", "kept as written")
VALUE_WORD = _rule("value.word", _W, _SCHEMA, "kept as written")
VALUE_NUMBER = _rule("value.number", _W, "XML Schema Part 2 §3.3.25", "taken as absent")
VALUE_NMTOKEN = _rule("value.nmtoken", _W, "XML Schema Part 2 §3.3.4", "kept as written")
ADDRESS_BARE = _rule("address.bare", _W, "TS 23.140 §8.7.8.5", "the kind of address is told from its shape", 2002, 2002)
ADDRESS_NESTED = _rule("address.nested", _W, _SCHEMA, "the first address counts", 2002, 2002)
ADDRESS_MISSING = _rule("address.missing", _W, _SCHEMA, "read without it", 2002, 2002)
DETAILS_TEXT = _rule("status.details-text", _I, _SCHEMA, "the text is read")
STATUS_CLASS = _rule("status.unknown-class", _W, "TS 23.140 §8.7.8.6", "treated as 3000")

# --- content
HREF_UNRESOLVED = _rule(
    "content.href-unresolved", _W, "RFC 2392", "the content beside the envelope is taken", 2004, 2513
)
HREF_FORM = _rule("content.href-form", _W, "RFC 2392", "compared without cid, colon, blanks and brackets", 2004, 2513)
HREF_NESTED = _rule("content.href-nested", _W, _HTTP, "the whole content around that part is taken", 2004, 2513)
HREF_MISSING = _rule("content.href-missing", _W, _SCHEMA, "the content beside the envelope is taken", 2004, 2513)
REFERENCE_MISSING = _rule(
    "content.reference-missing", _W, _SCHEMA, "the parts beside the envelope are taken", 2004, 2506
)
LEFT_OUT = _rule(
    "content.left-out", _W, _HTTP, "not read: the content is the multipart that Content points to", 2004, 2513
)
CONTENT_MISSING = _rule("content.missing", _E, _HTTP, "refused: the content that is announced is not there", 2004, 2513)
