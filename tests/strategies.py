"""Random messages and contents, as a schema allows them, for any release and operation.

Each is a plain function of a `random.Random`, so that a hundred thousand cost little (seed it and they are the same
each time); the strategies below hand it a Random that hypothesis chooses and shrinks. What is made reads back equal: no
value is empty, and identifiers have no blanks around them, as the reader takes both away.

    message(Random(7), Release.R6_4, OPERATIONS["SubmitReq"])      one, now
    messages(Release.R6_4, OPERATIONS["SubmitReq"])                a hypothesis strategy
"""

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import count
from random import Random
from string import ascii_letters, digits
from typing import Any

from hypothesis import strategies as st

from gateway.mm7 import Address, AddressKind, Content, Leaf, Multipart, Recipients, Release
from gateway.mm7.messages import Message
from gateway.mm7.model import OPERATIONS, Element, Operation, operations_in
from gateway.mm7.table import FROM_5_2, FROM_6_0, FROM_6_4, Kind, ReplyCharging, Row, SentAt, UACapabilities, UserAgent
from gateway.mm7.versions import VERSIONS

# Whatever has to be escaped, looks like a blank, has several bytes or none of a width, and is easily lost on the way.
_AWKWARD = "&<>\"'\r\n\t ]]>%;é ß漢字😀\u0301\u200f\u2028\x85\xa0\ufeff\U0001f1e9\U000e0067"
_TEXT = ascii_letters + digits + _AWKWARD
_NAME = ascii_letters + digits + ".-_:éß漢"
_ZONES = ("", "Z", "+00:00", "-05:30", "+14:00", "-14:00")
_PERIODS = ("P3D", "PT1H30M", "P1Y2M3DT4H5M6.75S", "-P1D", "P90D", "PT0S", "P0Y", "PT604800S")
_MEDIA_TYPES = ("image/jpeg", "image/gif", "audio/amr", "video/3gpp", "text/plain; charset=utf-8", "application/smil")
_LARGEST = 10**18 - 1
_ODD_TEXTS = (
    *(
        "",
        " ",
        "a b",
        "-1",
        "0",
        "1.0",
        "true",
        "nonsense",
        "9.9.9",
        "Sender",
        "text",
        "²",
        "٠",
        "ⅷ",
        "a:b",
        "1id",
        "·",
    ),
    *(
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00+14:01",
        "0000-01-01T00:00:00Z",
        "2026-01-01",
    ),
    *("02026-01-01T00:00:00Z", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:60Z", "20260101"),
    *("P", "PT", "P1H", "P1DT", "P1Y2W", "-P", "PT1.S", "P１D", "P-1D", "p1d", "cid:%zz", "http://[", "//a:b", "a#b#c"),
    *("\x00", "\ud800", "\ufffe", "a\nb", "x" * 5000),
)


# --- values


def text(rng: Random) -> str:
    """Any text that XML can carry, of at least one character."""
    found = "".join(rng.choices(_TEXT, k=rng.randint(1, 24)))
    if rng.random() < 0.05:
        found += chr(rng.choice((0x20, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x1FFFE, 0x10FFFF)))
    return found


def trimmed(rng: Random) -> str:
    return text(rng).strip() or "x"


def nmtoken(rng: Random) -> str:
    return "".join(rng.choices(_NAME, k=rng.randint(1, 24)))


def identifier(rng: Random, release: Release) -> str:
    """What a MessageID, VASPID or TransactionID may be: an NMTOKEN up to REL-5-MM7-1-1."""
    return trimmed(rng) if release in FROM_5_2 else nmtoken(rng)


def positive(rng: Random) -> int:
    return rng.randint(1, rng.choice((9, 10_000, _LARGEST)))


def date_time(rng: Random) -> str:
    year = rng.choice((2026, 1999, 9999, 12026, -44)) if rng.random() < 0.1 else rng.randint(2001, 2099)
    day = f"{'-' if year < 0 else ''}{abs(year):04d}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    time = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    fraction = f".{rng.randint(0, 999_999)}" if rng.random() < 0.2 else ""
    return f"{day}T{time}{fraction}{rng.choice(_ZONES)}"


def time_or_period(rng: Random) -> str:
    return rng.choice(_PERIODS) if rng.random() < 0.5 else date_time(rng)


def number(rng: Random) -> str:
    """A telephone number of the range that is kept for documentation."""
    return f"155555501{rng.randint(0, 99):02d}"


def address(rng: Random, release: Release, ids: "count[int] | None" = None) -> Address:
    """An address with the attributes that the schema has; `ids` are the numbers not yet used (xs:ID)."""
    kind = rng.choice(tuple(AddressKind))
    if kind is AddressKind.NUMBER:
        written = number(rng) if release not in FROM_5_2 else rng.choice(("", "+", "00")) + number(rng)
    elif kind is AddressKind.SHORT_CODE:
        written = rng.choice(("28444", "7726", "600100"))
    else:
        written = f"{nmtoken(rng)}@customer.example"
    if rng.random() < 0.1 and release in FROM_5_2:
        written = trimmed(rng)
    found = Address(kind, written, rng.choice((None, True, False)))
    if release not in FROM_6_0:
        return found
    free = f"id{next(ids)}" if ids is not None and rng.random() < 0.3 else None
    return replace(found, address_coding=rng.choice((None, None, "encrypted", "obfuscated")), id=free)


def sender_address(rng: Random, release: Release, ids: "count[int] | None" = None) -> Address:
    """A SenderAddress: a bare text up to REL-5-MM7-1-1, whose kind has to be told from its shape."""
    if release in FROM_5_2:
        return address(rng, release, ids)
    return rng.choice(
        (
            Address(AddressKind.NUMBER, f"+{number(rng)}"),
            Address(AddressKind.SHORT_CODE, "28444"),
            Address(AddressKind.RFC2822, "sender@customer.example"),
        )
    )


def recipients(rng: Random, release: Release, ids: "count[int] | None" = None) -> Recipients:
    lists = [[address(rng, release, ids) for _ in range(rng.choice((0, 0, 1, 1, 2, 7)))] for _ in range(3)]
    if not any(lists):
        lists[0].append(address(rng, release, ids))
    return Recipients(*(tuple(addresses) for addresses in lists))


# --- messages

Value = Callable[[Random, Row, Release, "count[int]"], Any]

_VALUES: dict[Kind, Value] = {
    Kind.VERSION: lambda rng, _, release, __: rng.choice(VERSIONS[release]),
    Kind.ID: lambda rng, _, release, __: identifier(rng, release),
    Kind.TEXT: lambda rng, *_: text(rng),
    Kind.WORD: lambda rng, row, release, _: rng.choice(row.words_in(release)),
    Kind.TIME: lambda rng, *_: date_time(rng),
    Kind.TIME_OR_PERIOD: lambda rng, *_: time_or_period(rng),
    Kind.BOOLEAN: lambda rng, *_: rng.random() < 0.5,
    Kind.STATUS_CODE: lambda rng, *_: rng.randint(1000, 4999),
    Kind.DETAILS: lambda rng, *_: trimmed(rng),
    Kind.SERVICE_CODE: lambda rng, *_: trimmed(rng),
    Kind.ADDRESS: lambda rng, _, release, ids: address(rng, release, ids),
    Kind.SENDER_ADDRESS: lambda rng, _, release, ids: sender_address(rng, release, ids),
    Kind.RECIPIENTS: lambda rng, _, release, ids: recipients(rng, release, ids),
    Kind.REPLY_CHARGING: lambda rng, *_: ReplyCharging(_maybe(rng, positive), _maybe(rng, time_or_period)),
    Kind.CONTENT: lambda rng, *_: Content(f"cid:{nmtoken(rng)}@customer.example", rng.choice((None, True, False))),
    Kind.CAPABILITIES: lambda rng, *_: UACapabilities(_maybe(rng, text), _maybe(rng, time_or_period)),
    Kind.DELIVERY_CONDITION: lambda rng, _, release, __: _delivery_condition(rng, release),
    Kind.SENT_BY: lambda rng, _, release, ids: tuple(
        UserAgent(address(rng, release, ids), _maybe(rng, positive)) for _ in range(rng.randint(0, 3))
    ),
    Kind.SENT_AT: lambda rng, *_: tuple(
        SentAt(time_or_period(rng), _maybe(rng, positive)) for _ in range(rng.randint(0, 3))
    ),
}


def message(rng: Random, release: Release, operation: Operation) -> Message:
    """A message with the elements that the schema requires, and some of the others: now few, now many."""
    share = rng.choice((0.1, 0.5, 0.9))
    return _made(rng, release, operation, lambda _: rng.random() < share)


def smallest(release: Release, operation: Operation) -> Message:
    """A message with what the schema requires and nothing else."""
    return _made(Random(0), release, operation, lambda _: False)


def fullest(release: Release, operation: Operation) -> Message:
    """A message with every element that the schema has."""
    return _made(Random(1), release, operation, lambda _: True)


def content_for(rng: Random, made: Message) -> "tuple[Message, Leaf | Multipart | None]":
    """The content that a message points to; its href names the content that is returned."""
    reference: Content | None = getattr(made, "content", None)
    return made, content(rng, reference.href.removeprefix("cid:")) if reference else None


def unlikely(rng: Random, made: Message) -> Message:
    """A message in which one or two of the elements are absent, or hold what no schema may allow there."""
    present = [field.name for field in fields(made) if getattr(made, field.name) not in (None, ())]
    chosen = rng.sample(present, k=min(len(present), rng.randint(1, 2)))
    changes = {name: _odd(rng, getattr(made, name)) if rng.random() < 0.9 else None for name in chosen}
    untyped: Any = made  # fields of whichever message it is
    odd: Message = replace(untyped, **changes)
    return odd


def pairs() -> list[tuple[Release, Operation]]:
    """Every operation in every release."""
    return [(release, operation) for release in Release for operation in operations_in(release)]


def _made(rng: Random, release: Release, operation: Operation, present: Callable[[Element], bool]) -> Message:
    ids = count()
    values = {
        element.field: _VALUES[element.row.kind](rng, element.row, release, ids)
        for element in operation.elements_in(release)
        if release in element.row.required or present(element)
    }
    made: Callable[..., Message] = operation.type
    return made(**values)


def _odd(rng: Random, value: Any) -> Any:  # noqa: ANN401
    """A value like this one with something odd in its place, or somewhere in it; an xs:ID is left as it is."""
    if isinstance(value, bool | AddressKind) or value is None:
        return value
    if isinstance(value, int):
        return rng.choice((0, -1, 1, 10**18, 10**30))
    if isinstance(value, str):
        return rng.choice(_ODD_TEXTS)
    if isinstance(value, tuple):
        return tuple(_odd(rng, item) if rng.random() < 0.7 else item for item in value)
    inner = [field.name for field in fields(value) if field.name != "id"]
    return replace(value, **{name: _odd(rng, getattr(value, name)) for name in inner if rng.random() < 0.5})


def _maybe(rng: Random, make: Callable[[Random], Any]) -> Any:  # noqa: ANN401
    return make(rng) if rng.random() < 0.5 else None


def _delivery_condition(rng: Random, release: Release) -> tuple[int, ...] | str:
    return tuple(positive(rng) for _ in range(rng.randint(0, 3))) if release in FROM_6_4 else trimmed(rng)


# --- contents


def octets(rng: Random) -> bytes:
    """Bytes that a careless reader of MIME breaks: line ends at the ends, what looks like a boundary, nothing."""
    ends = (b"", b"\r\n", b"\n", b"--", b"--mm7.", b"\r\n--mm7.token.0", b"\r\n\r\n", b"\x00", b"\xff\xd8\xff")
    return rng.choice(ends) + rng.randbytes(rng.choice((0, 1, 40))) + rng.choice(ends)


def leaf(rng: Random, content_id: str) -> Leaf:
    location = f"part-{rng.randint(0, 99)}.bin" if rng.random() < 0.5 else ""
    return Leaf(rng.choice(_MEDIA_TYPES), octets(rng), content_id, location)


def content(rng: Random, content_id: str) -> Leaf | Multipart:
    """A bare part, or a multipart of up to four, one of them possibly a multipart again."""
    if rng.random() < 0.3:
        return leaf(rng, content_id)
    parts: list[Leaf | Multipart] = [leaf(rng, f"part{number}") for number in range(rng.randint(1, 4))]
    if rng.random() < 0.1:
        parts.append(Multipart((leaf(rng, "inner"),), "alternative", "nested"))
    return Multipart(tuple(parts), rng.choice(("related", "mixed")), content_id, rng.choice(("", "part0")))


# --- strategies

_randoms = st.randoms(use_true_random=False)


def messages(release: Release, operation: Operation) -> st.SearchStrategy[Message]:
    return _randoms.map(lambda rng: message(rng, release, operation))


def any_message() -> st.SearchStrategy[tuple[Release, Message]]:
    """A message of any operation, with the release that it is one of."""
    pair = st.sampled_from(pairs())
    return st.builds(lambda chosen, rng: (chosen[0], message(rng, *chosen)), pair, _randoms)


def requests(release: Release) -> st.SearchStrategy[Message]:
    names = [operation.name for operation in operations_in(release) if operation.is_request]
    return st.sampled_from(names).flatmap(lambda name: messages(release, OPERATIONS[name]))


def addresses(release: Release) -> st.SearchStrategy[Address]:
    return _randoms.map(lambda rng: address(rng, release))


def contents(content_id: str = "content") -> st.SearchStrategy[Leaf | Multipart]:
    return _randoms.map(lambda rng: content(rng, content_id))
