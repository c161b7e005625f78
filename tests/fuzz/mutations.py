"""Bodies that no one meant: messages of ours (and of the corpus, if it is there), broken as messages break.

Pure: the same seed of chance gives the same bodies.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from gateway.mm7.capture import read_capture
from tests import shared

MAX_SIZE = 64 * 1024


@dataclass(frozen=True)
class Sample:
    """A body with its Content-Type, and where it is from."""

    body: bytes
    content_type: str | None
    source: str


Mutation = Callable[[Random, bytes, Sequence[Sample]], bytes]


def seeds() -> list[Sample]:
    paths = sorted((shared.ROOT / "fixtures").rglob("*.http"))
    base = shared.find()
    if base is not None:
        paths += sorted(
            path for path in (base / "corpus").glob("[rs]*/*.*") if path.suffix in (".http", ".xml", ".txt")
        )
    captures = ((path.name, read_capture(path.read_bytes())) for path in paths)
    return [Sample(capture.body[:MAX_SIZE], capture.content_type, name) for name, capture in captures]


def mutated(chance: Random, samples: Sequence[Sample], count: int) -> Iterator[Sample]:
    for _ in range(count):
        sample = chance.choice(samples)
        body, names = sample.body, [sample.source]
        for mutation in chance.choices(MUTATIONS, k=chance.choice((1, 1, 2, 2, 3, 5))):
            body = mutation(chance, body, samples)[:MAX_SIZE]
            names.append(mutation.__name__)
        yield Sample(body, _content_type(chance, sample.content_type), " ".join(names))


def _content_type(chance: Random, value: str | None) -> str | None:
    if value is None or chance.random() < 0.8:
        return value
    return chance.choice(
        (
            None,
            "",
            "text/xml",
            "text/xml; charset=utf-16",
            "multipart/related",
            value.replace("outer", "inner"),
            value.replace('"', ""),
            value[: chance.randrange(len(value) + 1)],
            value + value,
            re.sub(r";\s*(start|type)=[^;]*", "", value),
            re.sub(r"[<>]", "", value),
            flipped(chance, value.encode(), ()).decode("latin-1"),
            'multipart/related; boundary="' + "=" * 2000 + '"',
            "multipart/related; " + "boundary*0*=a%; " * 50,
        )
    )


def _span(chance: Random, body: bytes, most: int = 400) -> tuple[int, int]:
    start = chance.randrange(len(body) + 1)
    return start, min(len(body), start + chance.randrange(1, most))


def flipped(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    changed = bytearray(body)
    for _turn in range(chance.randrange(1, 9) if body else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def deleted(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    start, end = _span(chance, body)
    return body[:start] + body[end:]


def doubled(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    start, end = _span(chance, body)
    return body[:end] + body[start:end] * chance.choice((1, 1, 2, 40)) + body[end:]


def spliced(chance: Random, body: bytes, samples: Sequence[Sample]) -> bytes:
    other = chance.choice(samples).body
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


def truncated(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


INSERTIONS = (
    *(b"\0", b"\r", b"\n", b"\r\n\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\x1b$B"),
    *(b"<", b">", b"&", b"&x;", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<a>" * 70),
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
    *(b"--outer\r\n", b"--outer--\r\n", b"--inner\r\n", b"\r\n--\r\n"),
    *(b"cid:", b"xmlns=''", b"xmlns:x=''", b' href="%zz"', b"=\r\n", b"====", b"9" * 30),
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
)


def inserted(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice(INSERTIONS) + body[at:]


REMOVALS = (
    b"cid:",
    b"\r\n\r\n",
    b"Content-ID: ",
    b"Content-Type: ",
    b'"',
    b"xmlns",
    b"-",
    b"=",
    b": ",
    b"</",
    b"<",
    b">",
)


def removed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    return body.replace(chance.choice(REMOVALS), b"", chance.choice((-1, 1, 2, 5)))


def line_ends_changed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    old, new = chance.choice(((b"\r\n", b"\n"), (b"\r\n", b"\r\r\n"), (b"\n", b"\r"), (b"\r\n", b""), (b"\n", b"\n\n")))
    return body.replace(old, new, chance.choice((-1, 1, 3)))


def boundaries_changed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    old = chance.choice((b"--outer", b"--inner", b"--outer--", b'"inner"', b"--"))
    new = chance.choice((b"--outer", b"--inner", b"--", b"--inner--", b"", b'"outer"', b"--outerx", "—".encode()))
    return body.replace(old, new, chance.choice((-1, 1, 2)))


def headers_changed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    lines = body.split(b"\r\n")
    places = [at for at, line in enumerate(lines) if line.lower().startswith(b"content-")]
    if not places:
        return body
    at = chance.choice(places)
    lines[at] = chance.choice(
        (
            b"",
            lines[at].replace(b":", b"", 1),
            lines[at] + b"; " + lines[at],
            b" " + lines[at],
            lines[at].replace(b" ", b"\r\n", 1),
            b"\r\n".join([lines[at]] * 70),
            lines[at] + b"x" * 20_000,
            b"Content-Transfer-Encoding: " + chance.choice((b"base64", b"quoted-printable", b"x-uuencode", b"8bit")),
            b"Content-Type: "
            + chance.choice((b"multipart/mixed", b"text/xml; charset=hz", b"multipart/", b";;;", b"")),
        )
    )
    return b"\r\n".join(lines)


def namespaces_changed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    pattern, new = chance.choice(
        (
            (rb"REL-\d-MM7-1-\d", b"REL-9-MM7-9-9"),
            (rb"xmlns(:\w+)?=", b"xmlnz="),
            (rb"mm7:", b"env:"),
            (rb"env:", b"a:b:"),
            (rb"</(\w)", rb"</x:\1"),
            (rb'xmlns="', b'xmlns=" '),
            (rb"schemas.xmlsoap.org", b"example.net"),
            (rb"<(\w+)>", rb'<\1 xmlns="urn:x">'),
        )
    )
    return re.sub(pattern, new, body, count=chance.choice((0, 1)))


def elements_changed(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    found = [match.group(1) for match in re.finditer(rb"<([A-Za-z][\w:]*)", body)]
    if not found:
        return body
    name, other = chance.choice(found), chance.choice(found)
    return chance.choice(
        (
            body.replace(b"<" + name, b"<" + other),
            body.replace(name, other),
            body.replace(name, name.lower()),
            body.replace(b"<" + name + b">", b"<" + name + b"><" + other + b"/>"),
            body.replace(b"</" + name + b">", b"", 1),
            body.replace(b"<" + name + b">", b"<" + name + b"><x>" + b"<x>" * 65 + b"</x>" * 66),
        )
    )


def recoded(chance: Random, body: bytes, _: Sequence[Sample]) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-be", "utf-7", "cp949", "latin-1", "utf-8-sig", "hz")), "replace"
    )


MUTATIONS: tuple[Mutation, ...] = (
    *(flipped, flipped, deleted, doubled, spliced, truncated, inserted, inserted, removed, line_ends_changed),
    *(boundaries_changed, headers_changed, headers_changed, namespaces_changed, elements_changed, elements_changed),
    recoded,
)
