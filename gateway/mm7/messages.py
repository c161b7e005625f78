"""Every operation of MM7 as a frozen value. These classes *are* the model table: a field's annotation is its row.

Fields are the element's name in snake_case, in the order of the schema (it is the same in all of them). The containers
SenderIdentification and Status are not fields: what they hold stands directly in the message. Every field may be
absent, because the reader is lenient; what a schema requires is in the row. Times stay as written.

Clauses: TS 23.140 §8.7.1 submit, §8.7.2 deliver, §8.7.3 cancel and replace, §8.7.4 delivery report, §8.7.5 read reply,
§8.7.6 errors. The extended operations are in the schema REL-6-MM7-1-4 only.
"""

from dataclasses import dataclass
from typing import Annotated

from gateway.mm7.table import (
    FROM_5_1,
    FROM_5_2,
    FROM_6_0,
    FROM_6_1,
    FROM_6_2,
    FROM_6_3,
    FROM_6_4,
    Address,
    Content,
    Extra,
    Kind,
    Recipients,
    ReplyCharging,
    Row,
    SentAt,
    UACapabilities,
    UserAgent,
)
from gateway.mm7.versions import ALL, Release

_SENDER_IDENTIFICATION = "SenderIdentification"
_STATUS = "Status"

#: The report's date is called TimeStamp in these (and the copy of the first that is inferred).
_REPORT_HAS_TIMESTAMP = frozenset({Release.R5_4, Release.R5_5, Release.R6_1})

_CHARGED_PARTIES = (
    ("Sender", ALL),
    ("Recipient", ALL),
    ("Both", ALL),
    ("Neither", ALL),
    ("ThirdParty", FROM_6_2),
)
_CONTENT_CLASSES = tuple(
    (word, FROM_6_4)
    for word in (
        "text",
        "image-basic",
        "image-rich",
        "video-basic",
        "video-rich",
        "megapixel",
        "content-basic",
        "content-rich",
    )
)
_DELIVERY_STATUSES = (
    ("Expired", ALL),
    ("Retrieved", ALL),
    ("Rejected", ALL),
    ("Indeterminate", ALL),
    ("Forwarded", ALL),
    ("Unrecognised", FROM_6_1),
    ("Deferred", FROM_6_1),
    ("DeliveryConditionNotMet", FROM_6_3),
)
_MESSAGE_CLASSES = tuple((word, ALL) for word in ("Personal", "Informational", "Advertisement", "Auto"))
_PRIORITIES = tuple((word, ALL) for word in ("Normal", "High", "Low"))
_READ_STATUSES = tuple((word, ALL) for word in ("Indeterminate", "Read", "Deleted"))
_STATUS_EXTENSIONS = tuple((word, FROM_6_0) for word in ("RejectionByMMSRecipient", "RejectionByOtherRS"))

Mm7Version = Annotated[str | None, Row("MM7Version", Kind.VERSION, required=ALL)]
RelayServerId = Annotated[str | None, Row("MMSRelayServerID", Kind.ID)]
VaspId = Annotated[str | None, Row("VASPID", Kind.ID, inside=_SENDER_IDENTIFICATION)]
VasId = Annotated[str | None, Row("VASID", Kind.ID, inside=_SENDER_IDENTIFICATION)]
SenderAddress = Annotated[Address | None, Row("SenderAddress", Kind.SENDER_ADDRESS, inside=_SENDER_IDENTIFICATION)]
OuterVaspId = Annotated[str | None, Row("VASPID", Kind.ID, releases=FROM_6_4)]
OuterVasId = Annotated[str | None, Row("VASID", Kind.ID, releases=FROM_6_4)]
RequiredMessageId = Annotated[str | None, Row("MessageID", Kind.ID, required=ALL)]
Recipient = Annotated[Address | None, Row("Recipient", Kind.ADDRESS, required=ALL)]
Sender = Annotated[Address | None, Row("Sender", Kind.ADDRESS, required=ALL)]
LinkedId = Annotated[str | None, Row("LinkedID", Kind.ID)]
ServiceCode = Annotated[str | None, Row("ServiceCode", Kind.SERVICE_CODE)]
TimeStamp = Annotated[str | None, Row("TimeStamp", Kind.TIME)]
EarliestDeliveryTime = Annotated[str | None, Row("EarliestDeliveryTime", Kind.TIME_OR_PERIOD)]
ExpiryDate = Annotated[str | None, Row("ExpiryDate", Kind.TIME_OR_PERIOD)]
DeliveryReport = Annotated[bool | None, Row("DeliveryReport", Kind.BOOLEAN)]
ReadReply = Annotated[bool | None, Row("ReadReply", Kind.BOOLEAN)]
Priority = Annotated[str | None, Row("Priority", Kind.WORD, words=_PRIORITIES)]
Subject = Annotated[str | None, Row("Subject", Kind.TEXT)]
DistributionIndicator = Annotated[
    bool | None,
    Row(
        "DistributionIndicator",
        Kind.BOOLEAN,
        renamed=(("DistributionProtection", frozenset({Release.R5_0})),),
    ),
]
ApplicId = Annotated[str | None, Row("ApplicID", Kind.TEXT, releases=FROM_6_4)]
ReplyApplicId = Annotated[str | None, Row("ReplyApplicID", Kind.TEXT, releases=FROM_6_4)]
AuxApplicInfo = Annotated[str | None, Row("AuxApplicInfo", Kind.TEXT, releases=FROM_6_4)]
ContentClass = Annotated[str | None, Row("ContentClass", Kind.WORD, releases=FROM_6_4, words=_CONTENT_CLASSES)]
DrmContent = Annotated[bool | None, Row("DRMContent", Kind.BOOLEAN, releases=FROM_6_4)]
Capabilities = Annotated[UACapabilities | None, Row("UACapabilities", Kind.CAPABILITIES, releases=FROM_6_4)]
ContentReference = Annotated[Content | None, Row("Content", Kind.CONTENT)]
StatusCode = Annotated[int | None, Row("StatusCode", Kind.STATUS_CODE, inside=_STATUS, required=ALL)]
StatusText = Annotated[str | None, Row("StatusText", Kind.TEXT, inside=_STATUS, required=ALL)]
Details = Annotated[str | None, Row("Details", Kind.DETAILS, inside=_STATUS)]
ReportText = Annotated[str | None, Row("StatusText", Kind.TEXT)]
Extras = tuple[Extra, ...]


@dataclass(frozen=True, slots=True)
class SubmitReq:
    mm7_version: Mm7Version = None
    vasp_id: VaspId = None
    vas_id: VasId = None
    sender: SenderAddress = None
    recipients: Annotated[Recipients | None, Row("Recipients", Kind.RECIPIENTS, required=ALL)] = None
    service_code: ServiceCode = None
    linked_id: LinkedId = None
    message_class: Annotated[
        str | None,
        Row("MessageClass", Kind.WORD, words=_MESSAGE_CLASSES, default="Informational"),
    ] = None
    time_stamp: TimeStamp = None
    reply_charging: Annotated[ReplyCharging | None, Row("ReplyCharging", Kind.REPLY_CHARGING)] = None
    earliest_delivery_time: EarliestDeliveryTime = None
    expiry_date: ExpiryDate = None
    delivery_report: DeliveryReport = None
    read_reply: ReadReply = None
    priority: Priority = None
    subject: Subject = None
    charged_party: Annotated[str | None, Row("ChargedParty", Kind.WORD, words=_CHARGED_PARTIES)] = None
    charged_party_id: Annotated[str | None, Row("ChargedPartyID", Kind.TEXT, releases=FROM_6_0)] = None
    distribution_indicator: DistributionIndicator = None
    delivery_condition: Annotated[
        tuple[int, ...] | str | None,
        Row("DeliveryCondition", Kind.DELIVERY_CONDITION, releases=FROM_6_3),
    ] = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    content_class: ContentClass = None
    drm_content: DrmContent = None
    content: ContentReference = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class SubmitRsp:
    """REL-5-MM7-1-0 has no MessageID here: a profile may write it all the same, as clients resend without it."""

    mm7_version: Mm7Version = None
    status_code: StatusCode = None
    status_text: StatusText = None
    details: Details = None
    message_id: Annotated[str | None, Row("MessageID", Kind.ID, releases=FROM_5_1, required=FROM_5_1)] = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class DeliverReq:
    mm7_version: Mm7Version = None
    mms_relay_server_id: RelayServerId = None
    vasp_id: OuterVaspId = None
    vas_id: OuterVasId = None
    linked_id: LinkedId = None
    sender: Sender = None
    recipients: Annotated[Recipients | None, Row("Recipients", Kind.RECIPIENTS)] = None
    previouslysentby: Annotated[
        tuple[UserAgent, ...] | None,
        Row("Previouslysentby", Kind.SENT_BY, releases=FROM_6_0),
    ] = None
    previouslysentdateandtime: Annotated[
        tuple[SentAt, ...] | None,
        Row("Previouslysentdateandtime", Kind.SENT_AT, releases=FROM_6_0),
    ] = None
    sender_spi: Annotated[str | None, Row("SenderSPI", Kind.TEXT, releases=FROM_6_0)] = None
    recipient_spi: Annotated[str | None, Row("RecipientSPI", Kind.TEXT, releases=FROM_6_0)] = None
    time_stamp: TimeStamp = None
    reply_charging_id: Annotated[str | None, Row("ReplyChargingID", Kind.ID, required=ALL - FROM_5_2)] = None
    priority: Priority = None
    subject: Subject = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    ua_capabilities: Capabilities = None
    content: ContentReference = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class DeliverRsp:
    mm7_version: Mm7Version = None
    status_code: StatusCode = None
    status_text: StatusText = None
    details: Details = None
    service_code: Annotated[str | None, Row("ServiceCode", Kind.SERVICE_CODE, releases=FROM_5_1)] = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class CancelReq:
    mm7_version: Mm7Version = None
    vasp_id: VaspId = None
    vas_id: VasId = None
    sender: SenderAddress = None
    message_id: RequiredMessageId = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ReplaceReq:
    mm7_version: Mm7Version = None
    vasp_id: VaspId = None
    vas_id: VasId = None
    sender: SenderAddress = None
    message_id: RequiredMessageId = None
    service_code: ServiceCode = None
    time_stamp: TimeStamp = None
    read_reply: ReadReply = None
    earliest_delivery_time: EarliestDeliveryTime = None
    distribution_indicator: DistributionIndicator = None
    content_class: ContentClass = None
    drm_content: DrmContent = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    content: ContentReference = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ExtendedCancelReq:
    mm7_version: Mm7Version = None
    vasp_id: VaspId = None
    vas_id: VasId = None
    sender: SenderAddress = None
    cancel_id: Annotated[str | None, Row("CancelID", Kind.ID, required=ALL)] = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ExtendedCancelRsp:
    """Its Status holds a StatusCode and nothing else."""

    mm7_version: Mm7Version = None
    status_code: StatusCode = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ExtendedReplaceReq:
    """It has no SenderIdentification: VASPID and VASID stand directly in it."""

    mm7_version: Mm7Version = None
    vasp_id: OuterVaspId = None
    vas_id: OuterVasId = None
    service_code: ServiceCode = None
    replace_id: Annotated[str | None, Row("ReplaceID", Kind.ID)] = None
    time_stamp: TimeStamp = None
    earliest_delivery_time: EarliestDeliveryTime = None
    expiry_date: ExpiryDate = None
    read_reply: ReadReply = None
    delivery_report: DeliveryReport = None
    content: ContentReference = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ExtendedReplaceRsp:
    mm7_version: Mm7Version = None
    message_id: RequiredMessageId = None
    status_code: StatusCode = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class DeliveryReportReq:
    """`date` is the element Date, or TimeStamp where the schema calls it so; the reader takes either anywhere."""

    mm7_version: Mm7Version = None
    mms_relay_server_id: RelayServerId = None
    message_id: RequiredMessageId = None
    recipient: Recipient = None
    sender: Sender = None
    date: Annotated[
        str | None,
        Row("Date", Kind.TIME, required=ALL, renamed=(("TimeStamp", _REPORT_HAS_TIMESTAMP),)),
    ] = None
    mm_status: Annotated[str | None, Row("MMStatus", Kind.WORD, required=ALL, words=_DELIVERY_STATUSES)] = None
    mm_status_extension: Annotated[
        str | None,
        Row("MMStatusExtension", Kind.WORD, releases=FROM_6_0, words=_STATUS_EXTENSIONS),
    ] = None
    status_text: ReportText = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    ua_capabilities: Capabilities = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class ReadReplyReq:
    mm7_version: Mm7Version = None
    mms_relay_server_id: RelayServerId = None
    message_id: RequiredMessageId = None
    recipient: Recipient = None
    sender: Sender = None
    time_stamp: Annotated[str | None, Row("TimeStamp", Kind.TIME, required=ALL)] = None
    mm_status: Annotated[str | None, Row("MMStatus", Kind.WORD, required=ALL, words=_READ_STATUSES)] = None
    status_text: ReportText = None
    applic_id: ApplicId = None
    reply_applic_id: ReplyApplicId = None
    aux_applic_info: AuxApplicInfo = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class GenericRsp:
    """What the responses without an element of their own, RSErrorRsp and VASPErrorRsp have in common: everything."""

    mm7_version: Mm7Version = None
    status_code: StatusCode = None
    status_text: StatusText = None
    details: Details = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class CancelRsp(GenericRsp): ...


@dataclass(frozen=True, slots=True)
class ReplaceRsp(GenericRsp): ...


@dataclass(frozen=True, slots=True)
class DeliveryReportRsp(GenericRsp): ...


@dataclass(frozen=True, slots=True)
class ReadReplyRsp(GenericRsp): ...


@dataclass(frozen=True, slots=True)
class RSErrorRsp(GenericRsp): ...


@dataclass(frozen=True, slots=True)
class VASPErrorRsp(GenericRsp): ...


Request = (
    SubmitReq
    | DeliverReq
    | CancelReq
    | ReplaceReq
    | ExtendedCancelReq
    | ExtendedReplaceReq
    | DeliveryReportReq
    | ReadReplyReq
)
Response = SubmitRsp | DeliverRsp | GenericRsp | ExtendedCancelRsp | ExtendedReplaceRsp


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP 1.1 Fault; `error` is what its detail holds, absent for faults about the TransactionID."""

    fault_code: str
    fault_string: str
    error: RSErrorRsp | VASPErrorRsp | None = None


Message = Request | Response | Fault
