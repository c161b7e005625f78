"""A gateway for the tests that need nothing special of one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.running import House, running


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running(tmp_path) as running_house:
        yield running_house
