"""Media types of MMS by file extension, and what kind of thing each is on a slide."""

from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

MediaKind = Literal["image", "audio", "video", "text", "object"]

#: The types that handsets of the OMA MMS conformance classes and today's carriers take, by extension.
BY_EXTENSION: MappingProxyType[str, str] = MappingProxyType(
    {
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".gif": "image/gif",
        ".bmp": "image/bmp",
        ".webp": "image/webp",
        ".heic": "image/heic",
        ".amr": "audio/amr",
        ".mp3": "audio/mpeg",
        ".m4a": "audio/mp4",
        ".aac": "audio/aac",
        ".wav": "audio/x-wav",
        ".mid": "audio/midi",
        ".midi": "audio/midi",
        ".3gp": "video/3gpp",
        ".3gpp": "video/3gpp",
        ".mp4": "video/mp4",
        ".mpg": "video/mpeg",
        ".txt": "text/plain",
        ".smil": "application/smil",
        ".smi": "application/smil",
        ".vcf": "text/x-vcard",
        ".vcs": "text/x-vcalendar",
        ".ics": "text/calendar",
        ".pdf": "application/pdf",
        ".pkpass": "application/vnd.apple.pkpass",
        ".xls": "application/vnd.ms-excel",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


class UnknownMediaType(ValueError):
    """A file whose extension names no type that MMS carries; the text lists those that do."""


def media_type_of(name: str) -> str:
    """The media type of a file's name. Raises UnknownMediaType."""
    extension = PurePath(name).suffix.lower()
    if extension not in BY_EXTENSION:
        known = " ".join(sorted(BY_EXTENSION))
        raise UnknownMediaType(
            f"{name}: no MMS media type has the extension {extension or '(none)'}; known are {known}"
        )
    return BY_EXTENSION[extension]


def kind_of(media_type: str) -> MediaKind:
    """How a part stands on a slide: in the image region, the text region, played, or attached."""
    family = media_type.partition("/")[0]
    if media_type.partition(";")[0].strip() == "text/plain":
        return "text"
    if family == "image":
        return "image"
    if family == "audio":
        return "audio"
    return "video" if family == "video" else "object"
