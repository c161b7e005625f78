"""The vocabulary in which the model is written down: what one row of it says, and the values that elements hold.

A row stands as an annotation on a field of a message (messages.py), so that the message types, the codec, the contract,
`explain` and the docs all read the same line (design decision 2).
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from gateway.mm7.versions import ALL, REL_6, Release


class Kind(Enum):
    """The type of an element, as the schemas name it."""

    VERSION = "versionType"
    ID = "messageIDType, entityIDType"  # NMTOKEN up to REL-5-MM7-1-1, a string after it
    TEXT = "xs:string"
    WORD = "an enumeration"
    TIME = "xs:dateTime"
    TIME_OR_PERIOD = "relativeOrAbsoluteDateType"
    BOOLEAN = "xs:boolean"
    STATUS_CODE = "statusCodeType"
    DETAILS = "anyDataType"
    SERVICE_CODE = "serviceCodeType"
    ADDRESS = "addressType"
    SENDER_ADDRESS = "addressType of SenderIdentification"  # a string up to REL-5-MM7-1-1
    RECIPIENTS = "recipientsType"
    REPLY_CHARGING = "ReplyCharging"
    CONTENT = "contentReferenceType"
    CAPABILITIES = "capabilitiesType"
    DELIVERY_CONDITION = "deliveryConditionType"  # a string in REL-6-MM7-1-3
    SENT_BY = "previouslySentByType"
    SENT_AT = "previouslySentByDateTime"


NONE: frozenset[Release] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One element of one operation: its name, type, place, and in which schemas it exists and is required."""

    name: str
    kind: Kind
    inside: str = ""
    releases: frozenset[Release] = ALL
    required: frozenset[Release] = NONE
    #: other names for the same thing: name → the schemas that call it so
    renamed: tuple[tuple[str, frozenset[Release]], ...] = ()
    #: the words that an enumeration lists: word → the schemas that list it
    words: tuple[tuple[str, frozenset[Release]], ...] = ()
    #: what absence means, where the schema says so
    default: str | None = None

    def name_in(self, release: Release) -> str:
        for name, releases in self.renamed:
            if release in releases:
                return name
        return self.name

    def names(self) -> tuple[str, ...]:
        return (self.name, *(name for name, _ in self.renamed))

    def words_in(self, release: Release) -> tuple[str, ...]:
        return tuple(word for word, releases in self.words if release in releases)


class AddressKind(StrEnum):
    NUMBER = "Number"
    SHORT_CODE = "ShortCode"
    RFC2822 = "RFC2822Address"


@dataclass(frozen=True, slots=True)
class Address:
    """An address as written; what it means is for addresses.py to say."""

    kind: AddressKind
    text: str
    display_only: bool | None = None
    address_coding: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Recipients:
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()

    def all(self) -> tuple[Address, ...]:
        return self.to + self.cc + self.bcc


@dataclass(frozen=True, slots=True)
class ReplyCharging:
    """Its presence asks for reply charging; the element has no text."""

    reply_charging_size: int | None = None
    reply_deadline: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    href: str
    allow_adaptations: bool | None = None


@dataclass(frozen=True, slots=True)
class UACapabilities:
    ua_prof: str | None = None
    time_stamp: str | None = None


@dataclass(frozen=True, slots=True)
class UserAgent:
    address: Address
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class SentAt:
    date_time: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """An element that no schema knows, kept so that nothing a peer says is lost (interop E15)."""

    name: str
    text: str = ""
    namespace: str = field(default="", compare=False)


#: Sets of schemas that rows name more than once.
FROM_5_1 = ALL - {Release.R5_0}
FROM_5_2 = FROM_5_1 - {Release.R5_1}
FROM_6_0 = REL_6
FROM_6_1 = FROM_6_0 - {Release.R6_0}
FROM_6_2 = FROM_6_1 - {Release.R6_1}
FROM_6_3 = FROM_6_2 - {Release.R6_2}
FROM_6_4 = frozenset({Release.R6_4})
