"""Large content, one after the other in a few append-only files beside the database: `<db>.media/000001.pack`, ….

Promise: when `keep` returns, the content survives a power cut; what `read` returns has the hash it was stored under.
Blocking: `keep` is called by one thread, `read` by any, neither by the event loop's.

One file for each content would cost two journal commits apiece (its data, its name). Appending to a file whose space is
reserved costs one flush for everything that came together: measured, a fifth of the processor time at 100 KB.

Why this order, and what a crash leaves:
* Content is written and flushed before `keep` returns, and the row that names it is committed after that: a row never
  names what a power cut can take away. A crash in between leaves bytes that no row names, and no one was answered.
* A pack's name is on the disk before anything is put into it.
* Nothing is ever written where a row may point to: a process only appends, and only to packs it has made itself. What
  a crash left at the end of one stays as it is, and goes with its pack.

When a pack may go: when no row names it *and* its process has left it (or is gone). Before that it may hold content
that is kept and whose row is still to be committed, or that is handed out again because it is remembered: so content
is remembered only as long as its pack is the open one. A number is never given twice, its pack being there or not.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from gateway.store import disk
from gateway.store.disk import BLOCK
from gateway.store.records import Buffer
from gateway.store.store import ContentDamaged, StoreFailed

SCRATCH = 1024 * 1024
"""Bytes of aligned memory that content is gathered in on its way out: one write for so many."""

RESERVE = 16 * 1024 * 1024
"""Bytes by which a pack grows: within them nothing but data has to be flushed."""

FULL = 256 * 1024 * 1024
"""A pack with more bytes than this gets no more content."""

REMEMBERED = 4096
"""Contents that are recognised when they come again: a campaign's picture is kept once."""

LAST = "last"
"""The file with the highest number that a pack was ever given."""

_HEADER = b"mm7 gateway media pack 1\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where content lies, and its SHA-256."""

    digest: bytes
    pack: int
    start: int


class Packs:
    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.sync_directory(root.parent)
        self._root = root
        self._scratch = mmap(-1, SCRATCH)
        self._open: _Pack | None = None
        self._known: OrderedDict[bytes, Kept] = OrderedDict()  # what lies in the open pack

    def keep(self, contents: Sequence[Buffer]) -> list[Kept]:
        """Put all of them on the disk. Raises OSError; none of them counts as kept then."""
        if self._open is not None and self._open.end > FULL:
            self._leave()
        digests = [hashlib.sha256(content).digest() for content in contents]
        fresh = dict(zip(digests, contents, strict=True))
        try:
            self._append({digest: content for digest, content in fresh.items() if digest not in self._known})
        except BaseException:
            # After a failed flush nobody knows what this pack holds: it gets no more.
            self._leave()
            raise
        kept = [self._known[digest] for digest in digests]
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return kept

    def read(self, kept: Kept, size: int) -> bytes:
        """Raises ContentDamaged where something else lies there, StoreFailed where it can't be read now."""
        try:
            descriptor = os.open(self._path(kept.pack), os.O_RDONLY)
            try:
                data = os.pread(descriptor, size, kept.start)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise StoreFailed(f"pack {kept.pack} can't be read: {error.strerror}") from error
        check(data, kept.digest)
        return data

    def close(self) -> None:
        """Give back the space that was reserved and not used."""
        self._leave()
        self._scratch.close()

    def _append(self, fresh: dict[bytes, Buffer]) -> None:
        if not fresh:
            return
        pack = self._open = self._open or self._make()
        starts = pack.append(list(fresh.values()), self._scratch)
        for digest, start in zip(fresh, starts, strict=True):
            self._known[digest] = Kept(digest, pack.number, start)

    def _make(self) -> _Pack:
        """The next number that no process has taken."""
        number = max(self._last(), *(int(path.stem) for path in self._root.glob("*.pack") if path.stem.isdecimal()), 0)
        while True:
            number += 1
            disk.replace(self._root / LAST, str(number).encode())
            with contextlib.suppress(FileExistsError):
                return _Pack(self._path(number), number, self._scratch)

    def _last(self) -> int:
        try:
            written = (self._root / LAST).read_text("ascii", "replace")
        except FileNotFoundError:
            return 0
        return int(written) if written.isdecimal() else 0

    def _leave(self) -> None:
        self._known.clear()
        if self._open is not None:
            self._open.close()
            if self._open.end == BLOCK:  # nothing was kept in it: a full disk must not fill with beginnings
                self._path(self._open.number).unlink(missing_ok=True)
            self._open = None

    def _path(self, number: int) -> Path:
        return self._root / f"{number:06d}.pack"


class _Pack:
    """A file that only grows. The header fills the first block."""

    def __init__(self, path: Path, number: int, scratch: mmap) -> None:
        scratch[:BLOCK] = _HEADER.ljust(BLOCK, b"\0")
        with memoryview(scratch) as memory:
            self._descriptor = disk.create(path, memory[:BLOCK])
        self.number = number
        self.end = self._reserved = BLOCK

    def append(self, contents: Sequence[Buffer], scratch: mmap) -> list[int]:
        """Put them one after the other, each at a block's beginning, and flush once. Returns where each begins."""
        starts = []
        end = self.end
        with memoryview(scratch) as memory:
            filled = 0
            for content in contents:
                starts.append(end + filled)
                with memoryview(content) as rest:
                    for offset in range(0, len(rest), SCRATCH):
                        piece = rest[offset : offset + SCRATCH]
                        if filled + len(piece) > SCRATCH:
                            end, filled = self._write(memory[:filled], end), 0
                        scratch[filled : filled + len(piece)] = piece
                        filled = -(-(filled + len(piece)) // BLOCK) * BLOCK
            end = self._write(memory[:filled], end)
        disk.data_to_disk(self._descriptor)
        self.end = end
        return starts

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self.end)
        os.close(self._descriptor)

    def _write(self, data: memoryview, start: int) -> int:
        end = start + len(data)
        if end > self._reserved:
            self._reserve(end)
        disk.write_at(self._descriptor, data, start)
        return end

    def _reserve(self, end: int) -> None:
        size = -(-(end - self._reserved) // RESERVE) * RESERVE
        try:
            disk.reserve(self._descriptor, self._reserved, size)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            # Nearly full: what there is is better given to content than to a reserve.
            size = end - self._reserved
            disk.reserve(self._descriptor, self._reserved, size)
        self._reserved += size


def check(data: bytes, digest: bytes) -> None:
    """Raises ContentDamaged where the content doesn't have that hash."""
    if hashlib.sha256(data).digest() != digest:
        raise ContentDamaged(f"content {digest.hex()} is not what was stored")
