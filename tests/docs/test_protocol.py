"""The page about the protocol is what the tables say."""

import pytest

from tools import docs_protocol


@pytest.mark.requirement("M-04")
def test_the_page_is_current() -> None:
    assert docs_protocol.PAGE.read_text("utf-8") == docs_protocol.page(), "run make docs"
