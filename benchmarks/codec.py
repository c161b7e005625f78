"""The codec alone: ordinary messages read and written, against a plain lxml parse and one scan of the body."""

import random
from dataclasses import replace

from lxml import etree

from benchmarks.table import Table
from benchmarks.timing import microseconds
from gateway.mm7 import Address, AddressKind, Content, Encoded, Leaf, Multipart, Recipients, read, write
from gateway.mm7.answers import accepted
from gateway.mm7.messages import DeliverReq, SubmitReq
from gateway.mm7.profiles import profile

_PICTURE = random.Random(1).randbytes(100_000)
_SMIL = b"<smil><body><par><img src='cid:picture'/></par></body></smil>"
_TOKEN = "0123456789abcdef0123456789abcdef"
_DIALECT = profile("3gpp-6.8.0")
_NUMBER, _SHORT_CODE = AddressKind.NUMBER, AddressKind.SHORT_CODE
_SLIDES = Multipart(
    (Leaf("application/smil", _SMIL, "smil"), Leaf("image/jpeg", _PICTURE, "picture", "a.jpg")), start="smil"
)
_DELIVER = DeliverReq(
    mm7_version="6.8.0",
    mms_relay_server_id="mmsc.example.net",
    linked_id="wthr8391",
    sender=Address(_NUMBER, "15555550100"),
    recipients=Recipients(to=(Address(_SHORT_CODE, "28444", False),), cc=(Address(_NUMBER, "15555550101"),)),
    time_stamp="2026-04-15T14:35:21-05:00",
    priority="Normal",
    subject="Weather & so",
    content=Content("cid:content", True),
)
_SUBMIT = SubmitReq(
    mm7_version="6.8.0",
    vasp_id="harbour-news",
    vas_id="28444mms",
    sender=Address(_SHORT_CODE, "28444"),
    recipients=Recipients(to=(Address(_NUMBER, "15555550100"),)),
    delivery_report=True,
    subject="Rock & Roll <3",
    content=Content("cid:content"),
)


def _written(content: Leaf | Multipart | None) -> Encoded:
    message = _DELIVER if content is not None else replace(_DELIVER, content=None)
    return write(message, "vas00324-dlvr", _DIALECT, content=content, boundary=_TOKEN)


def run() -> Table:
    envelope = _written(None).body()
    parser = etree.XMLParser()
    bodies = {
        "DeliverReq, text of the envelope only": _written(None),
        "DeliverReq, 100 KB in one part": _written(Leaf("image/jpeg", _PICTURE, "content")),
        "DeliverReq, 100 KB and SMIL": _written(_SLIDES),
    }
    parse = microseconds(lambda: etree.fromstring(envelope, parser))
    rows: list[tuple[str, ...]] = []
    for name, encoded in bodies.items():
        body, content_type = encoded.body(), encoded.headers["Content-Type"]
        scan = microseconds(lambda body=body: body.find(f"\n--mm7.{_TOKEN}.9".encode()))  # type: ignore[misc]
        taken = microseconds(lambda body=body, type_=content_type: read(body, type_))  # type: ignore[misc]
        rows.append(_row(f"read {name}", taken, parse + scan))
        parse = microseconds(lambda: etree.fromstring(envelope, parser))
    received, _ = read(body, content_type)
    rows.append(_row("write its DeliverRsp", microseconds(lambda: accepted(received, _DIALECT)), parse))
    scan = microseconds(lambda: _PICTURE.find(_TOKEN.encode()))
    taken = microseconds(lambda: write(_SUBMIT, "txn-1", _DIALECT, content=_SLIDES, boundary=_TOKEN))
    rows.append(_row("write SubmitReq, 100 KB and SMIL", taken, parse + scan))
    notes = (
        "reference: a plain lxml parse of the DeliverReq's envelope, and one scan of the body where there is content",
    )
    return Table("The codec", ("what", "µs", "reference µs", "ratio"), tuple(rows), notes)


def _row(name: str, taken: float, reference: float) -> tuple[str, ...]:
    return name, f"{taken:.1f}", f"{reference:.1f}", f"{taken / reference:.2f}"
