"""Texts and files as slides, and slides as the parts of a message with the SMIL that shows them.

The SMIL is the subset of the OMA MMS conformance document: one root layout, the regions Image and Text, one `par` a
slide. Media are named in it by Content-Location, which every handset resolves, and have the same name as Content-ID.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.sax.saxutils import quoteattr

from gateway.mm7 import Leaf, Multipart
from gateway.mms.media_types import kind_of

#: seconds that a slide is shown where nothing that plays says otherwise
SLIDE_SECONDS = 10
SMIL_TYPE = "application/smil"
_SMIL_ID = "slides.smil"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
#: characters of a part's name: handsets make a file of it
_LONGEST_STEM, _LONGEST_SUFFIX = 80, 10
_REGIONS = {"image": "Image", "video": "Image", "text": "Text"}
_TAGS = {"image": "img", "video": "video", "audio": "audio", "text": "text"}


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """One medium of a slide. `data` is in the form that it is sent in."""

    name: str
    media_type: str
    data: bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """What is shown together: a text, and files of which at most one is an image or video, and one is audio."""

    text: str = ""
    files: tuple[File, ...] = ()
    seconds: int = SLIDE_SECONDS


def slides_of(text: str, files: Sequence[File]) -> tuple[Slide, ...]:
    """One slide a file, the text on the first; a text alone is a slide of its own."""
    if not files:
        return (Slide(text),) if text else ()
    first, *others = files
    return (Slide(text, (first,)), *(Slide(files=(file,)) for file in others))


def compose(slides: Iterable[Slide]) -> Multipart:
    """The content of a message: the SMIL first, then the media in the order in which they are shown.

    Raises ValueError where there is nothing on any slide.
    """
    leaves: list[Leaf] = []
    shown: list[str] = []
    for number, slide in enumerate(slides, 1):
        elements = []
        for file in _files(slide, number):
            name = _free_name(file.name, leaves)
            leaves.append(Leaf(file.media_type, file.data, content_id=name, content_location=name))
            elements.append(_element(kind_of(file.media_type), name))
        shown.append(f'<par dur="{slide.seconds}000ms">{"".join(elements)}</par>')
    if not leaves:
        raise ValueError("a message needs a text or a file")
    smil = Leaf(SMIL_TYPE, _smil(shown), content_id=_SMIL_ID, content_location=_SMIL_ID)
    return Multipart((smil, *leaves), content_id="content", start=_SMIL_ID, start_type=SMIL_TYPE)


def _files(slide: Slide, number: int) -> tuple[File, ...]:
    if not slide.text:
        return slide.files
    return (*slide.files, File(f"text{number}.txt", "text/plain; charset=utf-8", slide.text.encode()))


def _free_name(name: str, taken: Sequence[Leaf]) -> str:
    """A name that is safe in a header, in SMIL and in a URL, and that no other part has."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem, suffix = (_UNSAFE.sub("_", text).strip("._") for text in (path.stem, path.suffix))
    safe = (stem[:_LONGEST_STEM] or "part") + (f".{suffix[:_LONGEST_SUFFIX]}" if suffix else "")
    names = {leaf.content_id for leaf in taken} | {_SMIL_ID}
    if safe not in names:
        return safe
    return next(candidate for number in range(2, len(names) + 3) if (candidate := f"{number}_{safe}") not in names)


def _element(kind: str, name: str) -> str:
    if kind not in _TAGS:
        return f"<ref src={quoteattr(name)}/>"
    region = f' region="{_REGIONS[kind]}"' if kind in _REGIONS else ""
    return f"<{_TAGS[kind]} src={quoteattr(name)}{region}/>"


def _smil(pars: Sequence[str]) -> bytes:
    layout = (
        '<layout><root-layout width="100%" height="100%"/>'
        '<region id="Image" left="0" top="0" width="100%" height="70%" fit="meet"/>'
        '<region id="Text" left="0" top="70%" width="100%" height="30%" fit="scroll"/></layout>'
    )
    return f"<smil><head>{layout}</head><body>{''.join(pars)}</body></smil>".encode()
