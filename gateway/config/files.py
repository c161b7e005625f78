"""The files that settings name. `read_file` is the only thing in this room that touches the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.config.words import shown

LARGEST_FILE = 1024 * 1024
"""Bytes of a settings, profile, secret or certificate file: one that is larger was named by mistake."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files that settings name, relative to `base`. `read_file` raises OSError."""

    base: Path
    read_file: Callable[[Path], bytes]

    def path(self, name: str) -> str:
        return str(self.base / name)

    def read(self, name: str) -> bytes:
        """Raises ValueError with a sentence."""
        try:
            return self.read_file(self.base / name)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else None
            raise ValueError(f"cannot read {shown(name)}: {said or error}") from error

    def text(self, name: str) -> str:
        """Raises ValueError with a sentence."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{shown(name)} is not UTF-8 text") from error


def read_file(path: Path) -> bytes:
    """Raises OSError."""
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise OSError(f"it is larger than {LARGEST_FILE} bytes")
    return content
