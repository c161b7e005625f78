"""A dialect: how one kind of peer wants to be written to, how strictly it is read, and what its refusals are called.

One value object drives reader and writer (design decisions 1, 12, 13). `profiles/*.toml` are dialects as data, each
value with its source; profiles.py reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from gateway.mm7.findings import Finding, Level, Rule
from gateway.mm7.versions import NEWEST, VERSIONS, Release


class DetailsForm(Enum):
    """How a response's Details are written: the schema wants elements, most peers write text."""

    ELEMENT = "element"
    TEXT = "text"
    OMIT = "omit"


class Strictness(Enum):
    """The level from which a finding is an error."""

    LENIENT = "lenient"
    STRICT = "strict"


class Codes(Enum):
    """Which table the StatusCodes of our refusals are from (decision 12)."""

    GPP = "3gpp"
    SINCH = "sinch"


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """Two dialects are the same if they are one object, so that what is made for one can be kept by it."""

    name: str = "3gpp-6.8.0"

    # --- what is written
    release: Release = NEWEST
    version: str = VERSIONS[NEWEST][0]
    #: the namespace text, where it is not the release's own
    namespace: str = ""
    soap_prefix: str = "env"
    #: prefix of the operation and its elements; empty: they are in a default namespace
    mm7_prefix: str = ""
    transaction_prefix: str = "mm7"
    must_understand: bool = True
    soap_action: str = '""'
    envelope_type: str = "text/xml; charset=utf-8"
    #: the parameters of multipart/related as peers want them (interop H7, H8)
    start_brackets: bool = True
    quoted_type: bool = True
    content_id_brackets: bool = True
    #: the multipart around the content
    content_type: str = "multipart/related"
    #: one part stands as it is, without a multipart around it
    single_part_bare: bool = False
    transfer_encoding: str = "binary"
    content_location: bool = True
    details: DetailsForm = DetailsForm.ELEMENT
    #: "Operation/Element" written although the schema has no place for it, and left out although it wants it (decision
    #: 13)
    beyond_schema: frozenset[str] = frozenset()
    omitted: frozenset[str] = frozenset()
    #: elements whose words are written although the enumeration does not list them
    free_words: frozenset[str] = frozenset()
    sender_address: bool = True
    number_prefix: str = ""
    number_suffix: str = ""
    extras: bool = False

    # --- how it is read
    strictness: Strictness = Strictness.LENIENT
    undeclared_prefixes: bool = False
    blank_answer_accepts: bool = False
    levels: Mapping[str, Level] = field(default_factory=lambda: MappingProxyType({}))

    # --- how it is refused, and what its refusals mean
    codes: Codes = Codes.GPP
    code_overrides: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    fault_http_status: int = 500
    retryable: frozenset[int] = frozenset()
    permanent: frozenset[int] = frozenset()
    max_recipients: int = 0

    @property
    def uri(self) -> str:
        return self.namespace or self.release.uri

    def level(self, finding: Finding) -> Level:
        """A profile names a rule, or a rule about one thing; strictness raises warnings to errors."""
        for key in (finding.key, finding.rule.id):
            if key in self.levels:
                return self.levels[key]
        if self.strictness is Strictness.STRICT and finding.rule.level is Level.WARNING:
            return Level.ERROR
        return finding.rule.level

    def code(self, rule: Rule, key: str) -> int:
        for name in (key, rule.id):
            if name in self.code_overrides:
                return self.code_overrides[name]
        return rule.sinch if self.codes is Codes.SINCH else rule.code


LENIENT = Dialect()
