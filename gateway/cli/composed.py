"""What the options of `mm7 send` say of the message: checked, and its texts and files as content."""

import argparse
import re
from pathlib import Path

from gateway.cli.common import Failed
from gateway.mm7 import Leaf, Multipart
from gateway.mm7.addresses import normalise
from gateway.mm7.limits import MAX_BODY
from gateway.mms.media_types import UnknownMediaType, media_type_of
from gateway.mms.slides import File, compose, slides_of

_SENDER = re.compile(r"[0-9A-Za-z+#*._-]{1,64}")
_NUMBER = re.compile(r"[0-9]{3,20}")
_MAIL = re.compile(r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9A-Za-z.-]{1,255}")


def check(options: argparse.Namespace) -> None:
    """Raises Failed for what no message can have."""
    for option, text in (("--text", options.text), ("--subject", options.subject or "")):
        if not _is_text(text):
            raise Failed(f"{option}: is not text that this terminal's encoding allows; use UTF-8")
    if not _SENDER.fullmatch(normalise(options.sender)) and not _MAIL.fullmatch(options.sender):
        raise Failed(f"--from {options.sender!r}: give a short code or number, as 28444, or an address with @")
    for number in options.to:
        if not _NUMBER.fullmatch(normalise(number)) and not _MAIL.fullmatch(number):
            raise Failed(f"--to {number!r}: give a number with its country code, as 15555550100, or an address with @")


def _is_text(text: str) -> bool:
    """Bytes that an argument had and that are no text are lone surrogates here."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def content_of(options: argparse.Namespace) -> Multipart:
    try:
        files = [File(path.name, media_type_of(path.name), _data(path)) for path in options.file]
        content = compose(slides_of(options.text, files))
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from error
    except (UnknownMediaType, ValueError) as error:
        raise Failed(f"{error} (--text, --file)") from error
    check_size(sum(len(leaf.data) for leaf in leaves_of(content)))
    return content


def _data(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_BODY + 1)
    if not data:
        raise Failed(f"--file {path}: is empty")
    if len(data) > MAX_BODY:
        raise Failed(f"--file {path}: is larger than {MAX_BODY} bytes, the most that a message may have")
    return data


def check_size(size: int) -> None:
    if size > MAX_BODY:
        raise Failed(f"the message has {size} bytes, {MAX_BODY} are the most that one may have (--text, --file)")


def leaves_of(content: Multipart) -> tuple[Leaf, ...]:
    return tuple(part for part in content.parts if isinstance(part, Leaf))
