"""Times as MM7 writes them, and as it finds them (interop E13). The codec keeps the text; here is what it means."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Nearly every one: in a year of four digits, on a day that every month has.
_USUAL = re.compile(
    r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-]0\d:[0-5]\d)?",
    re.ASCII,
)
DATE_TIME = re.compile(
    r"-?(?:\d{4}|[1-9]\d{4,8})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,12})?"
    r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?",
    re.ASCII,
)
DURATION = re.compile(
    r"-?P(?=\d|T\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?",
    re.ASCII,
)
_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)


def is_date_time(text: str) -> bool:
    """Whether a text is an xs:dateTime, days of the month included."""
    if _USUAL.fullmatch(text):
        return True
    found = DATE_TIME.fullmatch(text)
    if not found:
        return False
    year, month, day = text.lstrip("-").split("T")[0].split("-") if found.group(2) > "28" else ("1", "1", "1")
    if month == "02":
        leap = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
        return day == "29" and leap
    return (day != "31" or month not in _THIRTY_DAYS) and not text.lstrip("-").startswith("0000")


_THIRTY_DAYS = ("04", "06", "09", "11")


def is_duration(text: str) -> bool:
    return DURATION.fullmatch(text) is not None


def parse_time(text: str) -> datetime | None:
    """A point in time, with its zone; without one it is UTC. None where no known form fits."""
    text = text.strip()
    found = _LOOSE.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second, *zone = found.groups()
            naive = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
            return naive - _zone(zone[0] if zone else None)
        parsed = parsedate_to_datetime(text[:100])
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def parse_period(text: str) -> timedelta | None:
    """A length of time, months of 30 days and years of 365. None where it is no xs:duration."""
    found = DURATION.fullmatch(text.strip())
    if not found:
        return None
    years, months, days, hours, minutes, seconds, _ = (int(part or 0) for part in found.groups())
    try:
        period = timedelta(days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
    return -period if text.strip().startswith("-") else period


def write_time(milliseconds: int) -> str:
    """An xs:dateTime in UTC, to the second, of milliseconds since 1970-01-01T00:00:00Z."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _zone(text: str | None) -> timedelta:
    found = _OFFSET.fullmatch(text) if text else None
    if not found:
        return timedelta()
    ahead = timedelta(hours=int(found.group(2)), minutes=int(found.group(3)))
    return -ahead if found.group(1) == "-" else ahead
