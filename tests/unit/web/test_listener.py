"""What a listener says of errors: where they happened, never what a peer sent."""

import logging

import pytest
from aiohttp.http import HttpProcessingError

from gateway.clock import FixedClock
from gateway.log import Log
from gateway.web.listener import _logger, face_of, where


class Lines(list[str]):
    def write(self, line: str, /) -> None:
        self.append(line)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return caught


def test_an_error_is_known_by_its_type_and_place() -> None:
    assert where(raised(KeyError("15555550100"))).startswith("KeyError in raised, line ")
    assert where(KeyError("15555550100")) == "KeyError"


@pytest.mark.parametrize(
    ("path", "face"),
    [
        ("/carrier/acme", "carrier"),
        ("/media/token", "media"),
        ("/", "http"),
        ("/15555550100", "http"),
        ("", "http"),
        ("*", "http"),
    ],
)
def test_the_faces_are_a_closed_set(path: str, face: str) -> None:
    assert face_of(path) == face


@pytest.mark.requirement("U-13")
def test_a_bug_is_logged_without_its_text_and_a_peers_mistake_not_at_all() -> None:
    lines = Lines()
    logger = _logger(Log(lines, FixedClock()))
    logger.error("of %s", "15555550100", exc_info=raised(KeyError("a secret")))
    logger.error("x", exc_info=raised(HttpProcessingError(message="bad header 15555550100")))
    logger.error("x", exc_info=raised(ConnectionResetError("gone")))
    logger.error("without an exception")
    logger.debug("quiet")
    (line,) = lines
    assert "KeyError in raised" in line
    assert "secret" not in line
    assert "15555550100" not in line
    assert logging.getLogger("gateway.web") is not logger
