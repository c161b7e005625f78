"""The first route that fits decides."""

import pytest

from gateway.router.routes import Route, pick

ROUTES = [
    Route(to="1555*", sender="28444", carrier="special"),
    Route(to="1*", sender="*", carrier="america"),
    Route(to="44*", sender="2844?", carrier="britain"),
]


@pytest.mark.parametrize(
    ("to", "sender", "carrier"),
    [
        ("15555550100", "28444", "special"),
        ("15555550100", "28555", "america"),
        ("12025550100", "28444", "america"),
        ("447700900100", "28445", "britain"),
        ("447700900100", "28555", None),
        ("33000", "28444", None),
    ],
)
def test_the_first_route_that_fits_decides(to: str, sender: str, carrier: str | None) -> None:
    assert pick(ROUTES, to, sender) == carrier


def test_without_routes_there_is_no_way() -> None:
    assert pick([], "15555550100", "28444") is None
