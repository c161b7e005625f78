"""What every test may use."""

import os
from pathlib import Path

import hypothesis
import pytest

from tests import shared

pytest_plugins = ["tests.no_skips", "tests.requirements_report"]

# No deadline: a shared machine's clock proves nothing. CI tries the same examples each time: red means a change.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The shared material's directory; skips, saying so, where it is absent."""
    found = shared.find()
    if found is None:
        pytest.skip(shared.ABSENT)
    return found
