"""Which bodies are read in the event loop, and which beside it."""

import pytest

from gateway.carrier.endpoint import LARGE, LARGE_ENVELOPE, _is_quick
from tests.integration.running import deliver, related, report


@pytest.mark.requirement("U-15")
def test_what_takes_no_time_is_read_at_once() -> None:
    assert _is_quick(report("m-1"))
    assert _is_quick(b"x" * LARGE_ENVELOPE)
    assert _is_quick(related(deliver(), bytes(100_000))[0])


@pytest.mark.requirement("U-15")
def test_what_takes_time_is_read_beside_the_event_loop() -> None:
    assert not _is_quick(related(deliver(), bytes(LARGE))[0])
    crowded = deliver().replace(b"<ShortCode>", b"<Number>1</Number>" * 5000 + b"<ShortCode>")
    assert not _is_quick(crowded)
    assert not _is_quick(related(crowded)[0])
