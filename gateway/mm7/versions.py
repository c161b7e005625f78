"""The eleven MM7 namespaces, the MM7Version values that each schema lists, and how a namespace is recognised.

Sources: the published schemas REL-5-MM7-1-0 … REL-6-MM7-1-4 (TS 23.140 Annex L). REL-5-MM7-1-5 is known by name only;
its schema could not be found, so it is *inferred*: the elements of REL-5-MM7-1-4, and MM7Version 5.10.0 added, the one
version that later schemas list and no other Rel-5 schema does.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SCHEMA_BASE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"


class Release(IntEnum):
    """One published schema, in the order of issue; none is 0, so that each is true."""

    R5_0 = 1
    R5_1 = 2
    R5_2 = 3
    R5_3 = 4
    R5_4 = 5
    R5_5 = 6
    R6_0 = 7
    R6_1 = 8
    R6_2 = 9
    R6_3 = 10
    R6_4 = 11

    # Enum hashes the name in Python, and a release is looked up for every message.
    __hash__ = int.__hash__

    @property
    def suffix(self) -> str:
        """The last segment of the namespace, e.g. `REL-6-MM7-1-4`."""
        major, minor = self.name[1:].split("_")
        return f"REL-{major}-MM7-1-{minor}"

    @property
    def uri(self) -> str:
        return SCHEMA_BASE + self.suffix

    @property
    def inferred(self) -> bool:
        """True where no public schema stands behind what we say of it."""
        return self is Release.R5_5


ALL = frozenset(Release)
REL_5 = frozenset(release for release in Release if release < Release.R6_0)
REL_6 = ALL - REL_5

#: MM7Version values that each schema's enumeration lists, newest first.
VERSIONS: dict[Release, tuple[str, ...]] = {
    Release.R5_0: ("5.3.0",),
    Release.R5_1: ("5.3.0",),
    Release.R5_2: ("5.3.0",),
    Release.R5_3: ("5.6.0", "5.5.0", "5.3.0"),
    Release.R5_4: ("5.8.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R5_5: ("5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R6_0: ("6.3.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R6_1: ("6.4.0", "6.3.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R6_2: ("6.5.0", "6.4.0", "6.3.0", "5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R6_3: ("6.6.0", "6.5.0", "6.4.0", "6.3.0", "5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"),
    Release.R6_4: ("6.8.0", "6.6.0", "6.5.0", "6.4.0", "6.3.0", "5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"),
}
NEWEST = Release.R6_4
KNOWN_VERSIONS = frozenset(version for versions in VERSIONS.values() for version in versions)

#: What a version is written in where only the version is asked for: the first schema that lists it.
NATURAL: dict[str, Release] = {version: release for release in reversed(Release) for version in VERSIONS[release]}

_BY_URI = {release.uri: release for release in Release}
_BY_SUFFIX = {release.suffix: release for release in Release}
_SUFFIX = re.compile(r"REL-[56]-MM7-1-[0-5](?![0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamespaceReading:
    """What a namespace on the wire was taken for; `exact` is False where it had to be guessed at."""

    release: Release | None
    exact: bool


@lru_cache(maxsize=1024)
def recognise(uri: str) -> NamespaceReading:
    """Which release a namespace names. Blanks, another host, another case and a `.xsd` behind it are seen through
    (interop X5).
    """
    release = _BY_URI.get(uri)
    if release is not None:
        return NamespaceReading(release, exact=True)
    found = _SUFFIX.search("".join(uri.split()))
    return NamespaceReading(
        _BY_SUFFIX[found.group().upper()] if found and found.group().upper() in _BY_SUFFIX else None, exact=False
    )


def release_named(suffix: str) -> Release:
    """The release of a suffix such as `REL-6-MM7-1-4`, or of a whole namespace.

    Raises ValueError, naming the suffixes there are.
    """
    release = _BY_SUFFIX.get(suffix) or _BY_URI.get(suffix)
    if release is None:
        raise ValueError(f"no MM7 namespace {suffix!r}: there are {', '.join(_BY_SUFFIX)}")
    return release


def answer_version(release: Release, asked: str | None) -> str:
    """The MM7Version of an answer: the request's where the answer's schema lists it, else that schema's newest
    (decision 13).
    """
    return asked if asked in VERSIONS[release] else VERSIONS[release][0]
