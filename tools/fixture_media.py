"""Writes fixtures/media: the smallest files that are really of their type, made with nothing but the standard library.

The same bytes each time. Every one can be opened: a lighthouse of 16 × 16 squares, a tenth of a second of tone.
"""

import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

MEDIA = Path(__file__).resolve().parent.parent / "fixtures" / "media"

# One letter a square: night, tower, light, sea.
PICTURE = """\
nnnnnnnnnnnnnnnn
nnnnnnnnnnnnnnnn
nnnnnnnlnnnnnnnn
nnllllllllllllnn
nnnnnnllllnnnnnn
nnnnnnttttnnnnnn
nnnnnnttttnnnnnn
nnnnnnttttnnnnnn
nnnnnttttttnnnnn
nnnnnttttttnnnnn
nnnnnttttttnnnnn
nnnnttttttttnnnn
nnnnttttttttnnnn
ssssssssssssssss
ssssssssssssssss
ssssssssssssssss""".splitlines()
COLOURS = {"n": (16, 24, 64), "t": (240, 240, 240), "l": (255, 208, 64), "s": (32, 96, 144)}


def png() -> bytes:
    """PNG 1.2: a palette would do, but true colour is what phones send."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes(COLOURS[square]) for square in row) for row in PICTURE)
    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def gif() -> bytes:
    """GIF89a; codes of three bits: a clear code comes before the table would outgrow them, so nothing is compressed."""
    palette = b"".join(bytes(COLOURS[name]) for name in "ntls")
    codes = []
    squares = ["ntls".index(square) for row in PICTURE for square in row]
    for start in range(0, len(squares), 2):
        codes += [4, *squares[start : start + 2]]
    codes.append(5)
    bits = "".join(f"{code:03b}" for code in reversed(codes))
    data = int(bits, 2).to_bytes((len(bits) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    image = b"," + struct.pack("<HHHHB", 0, 0, 16, 16, 0) + b"\x02" + blocks + b"\0"
    return b"GIF89a" + struct.pack("<HHBBB", 16, 16, 0xF1, 0, 0) + palette + image + b";"


def jpeg() -> bytes:
    """Baseline JPEG (T.81) of 16 × 16 greys: one table of each kind, an average a block of 8 × 8 and no detail."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    def average(column: int, row: int) -> int:
        squares = (PICTURE[row * 8 + y][column * 8 + x] for y in range(8) for x in range(8))
        return round(sum(sum(COLOURS[square]) / 3 for square in squares) / 64)

    # Huffman: DC differences of 0 to 11 bits have codes of 4 bits, the one AC code is "end of block", two bits.
    dc = bytes([0, 0, 0, 12, *[0] * 12, *range(12)])
    ac = bytes([0, 1, *[0] * 14, 0])
    bits = ""
    last = 0
    for row in range(2):
        for column in range(2):
            level = average(column, row) - 128
            difference, last = level - last, level
            size = abs(difference).bit_length()
            value = difference if difference > 0 else difference + (1 << size) - 1
            bits += f"{size:04b}" + (f"{value:0{size}b}" if size else "") + "00"
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xDB, b"\0" + bytes([8] * 64)),
            segment(0xC0, struct.pack(">BHHBBBB", 8, 16, 16, 1, 1, 0x11, 0)),
            segment(0xC4, b"\0" + dc),
            segment(0xC4, b"\x10" + ac),
            segment(0xDA, b"\x01\x01\0\0\x3f\0"),
            data,
            b"\xff\xd9",
        )
    )


def wav() -> bytes:
    """RIFF WAVE: 440 Hz for a tenth of a second, 8 bits, 8 kHz."""
    samples = bytes(round(128 + 96 * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(800))
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def amr() -> bytes:
    """AMR (RFC 4867 §5): five frames of "no data", a tenth of a second of silence."""
    return b"#!AMR\n" + b"\x7c" * 5


SMIL = (
    '<smil><head><layout><root-layout width="160" height="120"/>'
    '<region id="Image" left="0" top="0" width="160" height="80" fit="meet"/>'
    '<region id="Text" left="0" top="80" width="160" height="40" fit="scroll"/></layout></head>'
    '<body><par dur="5s"><img src="light.png" region="Image"/><text src="note.txt" region="Text"/></par></body>'
    "</smil>\r\n"
)
VCARD = "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Keeper;Ada\r\nTEL:+15555550100\r\nEND:VCARD\r\n"
NOTE = "The light is lit. Grüße from the harbour, 5 € a ticket.\r\n"

FILES: dict[str, Callable[[], bytes]] = {
    "light.png": png,
    "light.gif": gif,
    "light.jpg": jpeg,
    "tone.wav": wav,
    "silence.amr": amr,
    "show.smil": SMIL.encode,
    "keeper.vcf": VCARD.encode,
    "note.txt": NOTE.encode,
}


def main() -> None:
    MEDIA.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (MEDIA / name).write_bytes(make())


if __name__ == "__main__":
    main()
