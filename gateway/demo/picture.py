"""A picture that nobody has to be asked for: a PNG drawn here, with the standard library."""

import struct
import zlib

WIDTH, HEIGHT = 320, 240


def picture(seed: int) -> bytes:
    """A PNG of 320 × 240: colours that run into each other, another picture for each seed."""
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            ring = (x - WIDTH // 2) ** 2 + (y - HEIGHT // 2) ** 2
            rows += bytes(((x + seed * 40) % 256, (y + ring // 90) % 256, (ring // 40 + seed * 80) % 256))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
