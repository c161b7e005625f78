"""Putting bytes on the disk: what each platform needs so that they are there after a power cut. Blocking.

Large content bypasses the page cache where the system can (O_DIRECT): it is on its way to the disk anyway, and filling
the cache with it costs more processor time than anything else that happens to it.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

BLOCK = 4096
"""O_DIRECT wants addresses, offsets and lengths in multiples of the disk's block; no disk in use has larger ones."""

_DIRECT: int = getattr(os, "O_DIRECT", 0)
_UNABLE = (errno.EINVAL, errno.EOPNOTSUPP)

if sys.platform == "darwin":
    import fcntl

    def to_disk(descriptor: int) -> None:
        # fsync on macOS stops at the drive's own cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)

    data_to_disk = to_disk

    def reserve(descriptor: int, start: int, size: int) -> None:
        """macOS has no such call that Python knows: the file grows as it is written."""
else:
    to_disk = os.fsync
    data_to_disk = os.fdatasync

    def reserve(descriptor: int, start: int, size: int) -> None:
        """Take the space now, so that what is written into it later has only itself to be flushed."""
        try:
            os.posix_fallocate(descriptor, start, size)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise


def create(path: Path, first: memoryview) -> int:
    """Make a file that begins with these blocks (aligned memory), its name on the disk. Returns its descriptor.

    Raises OSError, FileExistsError; a file that could not be begun is not left behind.
    """
    try:
        descriptor = _begin(path, first, _DIRECT)
    except OSError as error:
        if error.errno not in _UNABLE:
            raise
        # A file system without direct access says so here, the name made: tmpfs of older kernels, some others.
        path.unlink(missing_ok=True)
        descriptor = _begin(path, first, 0)
    sync_directory(path.parent)
    return descriptor


def write_at(descriptor: int, data: memoryview, start: int) -> None:
    """All of it, or OSError."""
    while data:
        written = os.pwrite(descriptor, data, start)
        data, start = data[written:], start + written


def replace(path: Path, data: bytes) -> None:
    """Give a small file this content, whole after a power cut or as it was before."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        to_disk(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Names that were made or changed in it are on the disk on return."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        to_disk(descriptor)
    finally:
        os.close(descriptor)


def _begin(path: Path, first: memoryview, how: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | how, 0o600)
    try:
        write_at(descriptor, first, 0)
        to_disk(descriptor)
    except BaseException:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise
    return descriptor
