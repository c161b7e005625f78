"""StatusCodes and MMStatus words: their texts, what they mean for a retry, and how strangers among them are read.

Sources: TS 23.140 §8.7.8.6 (texts agree in three unrelated products); the provider's table of its MM7 service. A code
that no table knows counts as x000 of its class, one outside the classes as 3000 (§8.7.8.6).
"""

import re
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Verdict(Enum):
    """What a status means for the one who sent the request."""

    ACCEPTED = "accepted"
    RETRYABLE = "retryable"
    PERMANENT = "permanent"


class Owner(Enum):
    """Whose fault an error is: 2xxx is the sender's, 3xxx and 4xxx the answering side's."""

    THEIRS = "theirs"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Code:
    code: int
    text: str
    details: str = ""
    verdict: Verdict = Verdict.PERMANENT

    @property
    def owner(self) -> Owner:
        return Owner.THEIRS if self.code < 3000 else Owner.OURS


def _table(*codes: Code) -> MappingProxyType[int, Code]:
    return MappingProxyType({code.code: code for code in codes})


_OK, _RETRY = Verdict.ACCEPTED, Verdict.RETRYABLE

#: TS 23.140; 2008, 2009, 3004 and 4008 came with the application ids of REL-6-MM7-1-4.
GPP: MappingProxyType[int, Code] = _table(
    Code(1000, "Success", verdict=_OK),
    Code(1100, "Partial success", verdict=_OK),
    Code(2000, "Client error"),
    Code(2001, "Operation restricted"),
    Code(2002, "Address Error"),
    Code(2003, "Address Not Found"),
    Code(2004, "Multimedia content refused"),
    Code(2005, "Message ID Not found"),
    Code(2006, "LinkedID not found"),
    Code(2007, "Message format corrupt"),
    Code(2008, "Application ID not found"),
    Code(2009, "Reply Application ID not found"),
    Code(3000, "Server Error", verdict=_RETRY),
    Code(3001, "Not Possible"),
    Code(3002, "Message rejected"),
    Code(3003, "Multiple addresses not supported"),
    Code(3004, "Application Addressing not supported"),
    Code(4000, "General service error"),
    Code(4001, "Improper identification"),
    Code(4002, "Unsupported version"),
    Code(4003, "Unsupported operation"),
    Code(4004, "Validation error"),
    Code(4005, "Service error"),
    Code(4006, "Service unavailable", verdict=_RETRY),
    Code(4007, "Service denied"),
    Code(4008, "Application denied"),
)

#: The provider's service: its StatusText, what it writes into Details, and whether its words say to try again.
SINCH: MappingProxyType[int, Code] = _table(
    Code(1000, "Success", "Successfully parsed and validated request.", _OK),
    Code(1100, "Partial success", verdict=_OK),
    Code(2000, "Client error", "Invalid IP Address or Protocol"),
    Code(2002, "Address Error", "Invalid Address"),
    Code(2004, "Multimedia refused", "Carrier refuses content"),
    Code(2007, "Unable to parse request", "Message format corrupt"),
    Code(2500, "Missing or Invalid HTTP header Content-Length or Content-Type", "Send both headers, and valid ones."),
    Code(2502, "Missing destination address", "The recipient has to stand where this MM7 version has it."),
    Code(2503, "Multiple destination addresses not supported", "Send one message to each recipient."),
    Code(2504, "Missing source address", "The sender has to stand where this MM7 version has it."),
    Code(2505, "Missing or unsupported MM7 Version", "MM7Version has to be a supported one, in the form x.y.z."),
    Code(2506, "Missing XML element - Content", "SubmitReq has to have the element Content."),
    Code(2507, "Unsupported namespace", "Every namespace has to be on the list of supported ones."),
    Code(2510, "Missing or Invalid SOAP header", "The SOAP Header has to hold a TransactionID and nothing else."),
    Code(2511, "Missing or Invalid SOAP body", "The SOAP Body has to hold the SubmitReq."),
    Code(2512, "Unsupported operation", "SubmitReq is the only supported operation"),
    Code(2513, "Unable to parse attachment", "The attachment has to be there, and to be encoded properly."),
    Code(2514, "Invalid SOAP attachment header Content-Type", "Every attachment has to have a valid Content-Type."),
    Code(
        2515, "Invalid SOAP body part Content-Type", "The part with the SOAP envelope has to have a valid Content-Type."
    ),
    Code(2550, "Account disabled", "The account is no longer provisioned for MMS."),
    Code(2551, "Account not Provisioned for MM7", "The account is not provisioned for the MM7 API."),
    Code(2560, "Content length exceeded maximum supported request size", "Send less content."),
    Code(2561, "Invalid sender identification", "SenderIdentification is invalid or missing."),
    Code(2562, "Invalid VASID", "The VASID is the service id."),
    Code(2563, "Invalid source address", "The short code is wrong or not provisioned."),
    Code(2564, "Invalid VASPID", "The VASPID is the API key."),
    Code(2565, "Message rejected, reply charging not supported", "Leave out ReplyCharging."),
    Code(2566, "Invalid carrier", "There is no carrier with this id."),
    Code(2567, "Missing carrier ID", "The carrier's id has to be passed."),
    Code(2568, "Unable to authenticate", "User name and password have to be right, in the Authorization header."),
    Code(2569, "Carrier Lookup Service is down. Please retry.", "", _RETRY),
    Code(2571, "No recipient", "Exactly one recipient has to have displayOnly false; none has."),
    Code(2572, "Several recipients", "Exactly one recipient has to have displayOnly false; several have."),
    Code(3000, "System error", "Internal system or service error.", _RETRY),
    Code(3001, "Number blacklisted", "The number receives no messages; do not retry."),
    Code(3002, "Charged party not supported", "Leave out ChargedParty."),
    Code(3003, "Multimedia download failed", "The content behind a URL could not be fetched in time."),
    Code(3500, "Timeout", "Carrier gateway timeout", _RETRY),
    Code(3510, "Throughput exceeded", "Retry later.", _RETRY),
    Code(3520, "Provisioning issue", "The account needs its manager's attention."),
    Code(4000, "General service error", "The carrier rejects the message because of a general service error."),
    Code(4002, "Unsupported MM7 version", "The carrier does not support this MM7 version."),
    Code(4003, "Unsupported operation", "The carrier rejects the operation or its format."),
    Code(4004, "Validation error", "Validation error"),
    Code(4006, "Service unavailable", "The carrier's capacity is reached; retry later.", _RETRY),
    Code(4007, "Service denied", "The carrier denies service for the recipient's address."),
)


def describe(code: int) -> Code:
    """A code with its text; one that no table knows is read as x000 of its class, one of no class as 3000."""
    known = GPP.get(code) or SINCH.get(code)
    if known is not None:
        return known
    family = GPP[code // 1000 * 1000] if 1000 <= code <= 4999 else GPP[3000]
    return Code(code, family.text, verdict=family.verdict)


def judge(code: int, retryable: frozenset[int] = frozenset(), permanent: frozenset[int] = frozenset()) -> Verdict:
    """What a peer's StatusCode means; its profile may know better (interop E19).

    A code of no class (200, 5000) counts as permanent, though 3GPP would have it retried: nobody knows what it says.
    """
    if code in retryable:
        return Verdict.RETRYABLE
    if code in permanent or not 1000 <= code <= 4999:
        return Verdict.PERMANENT
    return describe(code).verdict


class MmStatus(Enum):
    """What a delivery report says, whatever word it uses for it (interop E10)."""

    RETRIEVED = "Retrieved"
    EXPIRED = "Expired"
    REJECTED = "Rejected"
    INDETERMINATE = "Indeterminate"
    FORWARDED = "Forwarded"
    UNRECOGNISED = "Unrecognised"
    DEFERRED = "Deferred"
    CONDITION_NOT_MET = "DeliveryConditionNotMet"
    NOT_SUPPORTED = "NotSupported"
    UNREACHABLE = "Unreachable"


class ReadStatus(Enum):
    READ = "Read"
    DELETED = "Deleted"
    INDETERMINATE = "Indeterminate"


_BETWEEN_WORDS = re.compile(r"[\s_-]+")
_LAST_WORD = re.compile(r"(?<![a-z])([a-z]{1,40}+)\W*$")
_DELIVERY_WORDS = {status.value.lower(): status for status in MmStatus} | {
    "unrecognized": MmStatus.UNRECOGNISED,
    "success": MmStatus.RETRIEVED,
    "delivered": MmStatus.RETRIEVED,
    "1000": MmStatus.RETRIEVED,
}
_READ_WORDS = {status.value.lower(): status for status in ReadStatus} | {"1000": ReadStatus.READ}


def read_mm_status(text: str | None) -> MmStatus:
    """The word in any case, else its last word; a stranger is Indeterminate, as a report is never refused."""
    bare, last = _words(text)
    return _DELIVERY_WORDS.get(bare) or _DELIVERY_WORDS.get(last) or MmStatus.INDETERMINATE


def read_read_status(text: str | None) -> ReadStatus:
    bare, last = _words(text)
    return _READ_WORDS.get(bare) or _READ_WORDS.get(last) or ReadStatus.INDETERMINATE


def _words(text: str | None) -> tuple[str, str]:
    """The end of a status as one word in lower case (`Not Supported` is NotSupported), and the last word of it."""
    end = (text or "")[-80:].strip().lower()
    last = _LAST_WORD.search(end)
    return _BETWEEN_WORDS.sub("", end), last.group(1) if last else ""
