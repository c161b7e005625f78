"""Commands as processes of their own, as a person or an init system runs them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

#: seconds that any of them may take
PATIENCE = 30.0


@dataclass
class Process:
    """A running command. `lines` is what it has said on both of its outputs so far."""

    inner: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def says(self, pattern: str) -> re.Match[str]:
        """Waits for a line."""
        for line in self.lines:
            if found := re.search(pattern, line):
                return found
        assert self.inner.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.inner.stdout.readline()).decode():
                self.lines.append(line.rstrip("\n"))
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"it ended without saying {pattern!r}: {self.lines}")

    def tell(self, number: signal.Signals) -> None:
        self.inner.send_signal(number)

    async def ends(self, within: float = PATIENCE) -> int:
        assert self.inner.stdout is not None
        async with asyncio.timeout(within):
            self.lines += (await self.inner.stdout.read()).decode().splitlines()
            return await self.inner.wait()


@asynccontextmanager
async def started(*arguments: str | Path, folder: Path) -> AsyncIterator[Process]:
    """`mm7 ARGUMENTS`, killed at the end where it still runs."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MM7_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", *map(str, arguments)),
        cwd=folder,
        env=environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1 << 22,
    )
    running = Process(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await running.ends()


async def command(*arguments: str | Path, folder: Path) -> tuple[int, str]:
    """Runs a command to its end: exit status, and what it printed."""
    async with started(*arguments, folder=folder) as process:
        code = await process.ends()
        return code, "\n".join(process.lines)
