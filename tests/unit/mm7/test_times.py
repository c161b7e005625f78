"""Times: which texts the schema takes for one, and what peers' own forms mean."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.mm7.times import is_date_time, is_duration, parse_period, parse_time, write_time


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    "text",
    [
        "2026-04-15T14:35:21-05:00",
        "2026-04-15T14:35:21",
        "2026-04-15T14:35:21.123456Z",
        "2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z",
        "2026-12-31T23:59:59+14:00",
        "-0044-03-15T12:00:00Z",
        "12026-04-15T14:35:21Z",
    ],
)
def test_an_xs_date_time_is_one(text: str) -> None:
    assert is_date_time(text)


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "02026-04-15T14:35:21Z",
        "2026-4-15T14:35:21Z",
        "2026-04-15 14:35:21",
        "2026-04-15T14:35:21+14:01",
        "20260415143521",
        "P3D",
    ],
)
def test_what_is_no_xs_date_time_is_none(text: str) -> None:
    assert not is_date_time(text)


@pytest.mark.parametrize(
    ("text", "holds"), [("P3D", True), ("PT1.5S", True), ("-P1Y2M", True), ("P", False), ("P1YT", False)]
)
def test_durations_are_told(text: str, holds: bool) -> None:  # noqa: FBT001
    assert is_duration(text) is holds


@pytest.mark.requirement("M-21")
@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2026-04-15T14:35:21-05:00", datetime(2026, 4, 15, 19, 35, 21, tzinfo=UTC)),
        ("2026-04-15T14:35:21+0530", datetime(2026, 4, 15, 9, 5, 21, tzinfo=UTC)),
        (" 2026-4-5 4:05:06 ", datetime(2026, 4, 5, 4, 5, 6, tzinfo=UTC)),
        ("2026-04-15T14:35:21.9Z", datetime(2026, 4, 15, 14, 35, 21, tzinfo=UTC)),
        ("20260415143521", datetime(2026, 4, 15, 14, 35, 21, tzinfo=UTC)),
        ("Wed, 15 Apr 2026 14:35:21 +0200", datetime(2026, 4, 15, 12, 35, 21, tzinfo=UTC)),
        ("Wed, 15 Apr 2026 14:35:21 -0000", datetime(2026, 4, 15, 14, 35, 21, tzinfo=UTC)),
    ],
)
def test_times_in_the_forms_of_the_wire_are_understood(text: str, meaning: datetime) -> None:
    assert parse_time(text) == meaning


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P3D", timedelta(days=3)),
        (" P1Y2M3DT4H5M6.5S ", timedelta(days=428, hours=4, minutes=5, seconds=6)),
        ("-PT1H", timedelta(hours=-1)),
        ("P999999999Y", None),
        ("3 days", None),
    ],
)
def test_periods_are_read(text: str, length: timedelta | None) -> None:
    assert parse_period(text) == length


def test_a_time_is_written_in_utc_to_the_second() -> None:
    assert write_time(1_776_263_721_999) == "2026-04-15T14:35:21Z"
