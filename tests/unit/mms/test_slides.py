"""Slides, and the SMIL that shows them: well formed, safe names, the right regions."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mm7 import Leaf, Multipart
from gateway.mms.media_types import BY_EXTENSION, UnknownMediaType, kind_of, media_type_of
from gateway.mms.slides import File, Slide, compose, slides_of

PNG = File("sea.png", "image/png", b"png")


def leaves(content: Multipart) -> list[Leaf]:
    return [part for part in content.parts if isinstance(part, Leaf)]


def smil(content: Multipart) -> ET.Element:
    return ET.fromstring(bytes(leaves(content)[0].data))


def shown(content: Multipart) -> list[list[tuple[str, str, str | None]]]:
    """For each slide: tag, source, region."""
    return [
        [(element.tag, element.attrib["src"], element.attrib.get("region")) for element in par]
        for par in smil(content).iter("par")
    ]


def test_one_slide_a_file_and_the_text_on_the_first() -> None:
    slides = slides_of("Hello", [PNG, File("wave.amr", "audio/amr", b"amr")])
    content = compose(slides)
    assert shown(content) == [
        [("img", "sea.png", "Image"), ("text", "text1.txt", "Text")],
        [("audio", "wave.amr", None)],
    ]
    assert [bytes(leaf.data) for leaf in leaves(content)[1:]] == [b"png", b"Hello", b"amr"]


def test_a_text_alone_is_a_slide_and_nothing_is_none() -> None:
    assert [(slide.text, slide.files) for slide in slides_of("Hello", [])] == [("Hello", ())]
    assert slides_of("", []) == ()
    with pytest.raises(ValueError, match="a text or a file"):
        compose([])
    with pytest.raises(ValueError, match="a text or a file"):
        compose([Slide()])


def test_the_smil_is_the_start_and_names_every_part_by_its_location() -> None:
    content = compose(slides_of("Hello", [PNG]))
    assert (content.start, content.start_type) == (leaves(content)[0].content_id, "application/smil")
    sources = {source for slide in shown(content) for _, source, _ in slide}
    assert sources == {leaf.content_location for leaf in leaves(content)[1:]}
    assert all(leaf.content_id == leaf.content_location for leaf in leaves(content))


@pytest.mark.parametrize(
    ("media_type", "tag", "region"),
    [
        ("image/gif", "img", "Image"),
        ("video/3gpp", "video", "Image"),
        ("audio/amr", "audio", None),
        ("text/plain; charset=utf-8", "text", "Text"),
        ("text/x-vcard", "ref", None),
        ("text/html", "ref", None),
        ("application/pdf", "ref", None),
    ],
)
def test_each_kind_stands_in_its_region(media_type: str, tag: str, region: str | None) -> None:
    content = compose([Slide(files=(File("x.bin", media_type, b"x"),))])
    assert shown(content) == [[(tag, "x.bin", region)]]


def test_the_layout_has_the_regions_that_are_named() -> None:
    content = compose(slides_of("Hello", [PNG]))
    regions = {region.attrib["id"] for region in smil(content).iter("region")}
    assert {region for slide in shown(content) for *_, region in slide if region} <= regions
    assert all(re.fullmatch(r"\d+ms", par.attrib["dur"]) for par in smil(content).iter("par"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sea.png", "sea.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\sea.png", "sea.png"),
        ('a"><script>.png', "a_script.png"),
        ("a\r\nX-Header: 1.png", "a_X-Header_1.png"),
        ("фото.jpg", "part.jpg"),
        ("été à la mer.jpg", "t_la_mer.jpg"),
        (".png", "png"),
        ("...", "part"),
        ("", "part"),
        ("slides.smil", "2_slides.smil"),
        ("a" * 300 + ".jpg", "a" * 80 + ".jpg"),
        ("x." + "y" * 300, "x." + "y" * 10),
    ],
)
def test_names_are_safe_wherever_they_stand(name: str, safe: str) -> None:
    content = compose([Slide(files=(File(name, "image/png", b"x"),))])
    assert leaves(content)[1].content_id == safe


def test_no_two_parts_have_one_name() -> None:
    content = compose(slides_of("", [PNG, PNG, PNG, File("2_sea.png", "image/png", b"y")]))
    assert [leaf.content_id for leaf in leaves(content)[1:]] == ["sea.png", "2_sea.png", "3_sea.png", "2_2_sea.png"]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(sorted(BY_EXTENSION.values()))), min_size=1, max_size=6)
)
def test_whatever_files_are_called_the_smil_is_well_formed_and_names_are_safe_and_unique(
    named: list[tuple[str, str]],
) -> None:
    content = compose(slides_of("Hi", [File(name, media_type, b"x") for name, media_type in named]))
    names = [leaf.content_id for leaf in leaves(content)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) and ".." not in name[:2] for name in names)
    assert [source for slide in shown(content) for _, source, _ in slide] == names[1:]


def test_media_types_by_extension() -> None:
    assert media_type_of("SEA.JPEG") == "image/jpeg"
    with pytest.raises(UnknownMediaType, match=r"has the extension \.doc; known are"):
        media_type_of("letter.doc")
    with pytest.raises(UnknownMediaType, match=r"\(none\)"):
        media_type_of("letter")
    known = list(BY_EXTENSION)
    assert all(left != right for left, right in pairwise(known))


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", "image"),
        ("audio/amr", "audio"),
        ("video/mp4", "video"),
        ("text/plain", "text"),
        ("text/html", "object"),
    ],
)
def test_kinds(media_type: str, kind: str) -> None:
    assert kind_of(media_type) == kind
