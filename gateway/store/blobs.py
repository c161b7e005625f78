"""Large content in files named by its SHA-256, beside the database: `<db>.media/ab/cdef…`.

Promise: when `put` returns, the content survives a power cut; what `get` returns has the hash it was asked for.
Blocking: called in threads only, never in the event loop's.

Why the order write → fdatasync → rename → fsync of the directory, all before the row is committed:
* A crash before the rename leaves a file in `new/` that nothing names; `forget_unfinished` removes it at a later start.
* A crash after the rename and before the row leaves content that no row names; retention sweeps it. No one was told
  that it was accepted.
* The rename comes after the fdatasync, so a file that has its final name has its final bytes.
* The directory is fsynced before the row is committed, so a row never names a file that a power cut can take away.
  Where the file is there already it is fsynced all the same: whoever renamed it may not have come to that yet.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
from pathlib import Path

from gateway.store.records import Buffer
from gateway.store.store import ContentDamaged

if sys.platform == "darwin":
    import fcntl

    def _to_disk(descriptor: int) -> None:
        # fsync on macOS stops at the drive's own cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

    _data_to_disk = _to_disk
else:
    _to_disk = os.fsync
    _data_to_disk = os.fdatasync


class Blobs:
    def __init__(self, root: Path) -> None:
        """Make the directories once, so that no `put` has to make any of them durable."""
        self._root = root
        self._new = root / "new"
        self._new.mkdir(parents=True, exist_ok=True)
        for number in range(256):
            (root / f"{number:02x}").mkdir(exist_ok=True)
        _sync_directory(root)
        _sync_directory(root.parent)

    def put(self, data: Buffer) -> bytes:
        """Keep the content; returns its SHA-256. Raises OSError where the disk refuses."""
        digest = hashlib.sha256(data).digest()
        final = self._path(digest)
        if not final.exists():
            self._write(data, final)
        _sync_directory(final.parent)
        return digest

    def get(self, digest: bytes) -> bytes:
        """Raises ContentDamaged where the file is missing or holds something else."""
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise ContentDamaged(f"content {digest.hex()} is missing") from None
        check(data, digest)
        return data

    def forget_unfinished(self, before: float) -> None:
        """Remove what a crash left half written: files begun before `before` (seconds since 1970)."""
        for leftover in self._new.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if leftover.stat().st_mtime < before:
                    leftover.unlink()

    def _write(self, data: Buffer, final: Path) -> None:
        temporary = self._new / secrets.token_hex(8)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                rest = memoryview(data).cast("B")
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                _data_to_disk(descriptor)
            finally:
                os.close(descriptor)
            temporary.rename(final)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._root / name[:2] / name[2:]


def check(data: bytes, digest: bytes) -> None:
    """Raises ContentDamaged where the content doesn't have that hash."""
    if hashlib.sha256(data).digest() != digest:
        raise ContentDamaged(f"content {digest.hex()} is not what was stored")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        _to_disk(descriptor)
    finally:
        os.close(descriptor)
