"""The namespaces, the versions they list, and how they are recognised."""

import pytest

from gateway.mm7.versions import NATURAL, VERSIONS, Release, answer_version, recognise, release_named


@pytest.mark.requirement("M-04")
def test_there_are_eleven_namespaces_and_only_one_is_inferred() -> None:
    assert len(Release) == 11
    assert [release.suffix for release in Release if release.inferred] == ["REL-5-MM7-1-5"]
    assert Release.R6_4.uri.endswith("/schema/REL-6-MM7-1-4")


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize("release", Release)
def test_a_namespace_is_recognised_exactly(release: Release) -> None:
    assert (recognise(release.uri).release, recognise(release.uri).exact) == (release, True)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    "uri", ["http://www.3gpp.com/x/rel-5-mm7-1-2", " REL-5-MM7-1-2\n", "urn:REL-5-MM7-1-2.xsd", "REL-5-\nMM7-1-2"]
)
def test_a_namespace_is_recognised_in_disguise(uri: str) -> None:
    assert (recognise(uri).release, recognise(uri).exact) == (Release.R5_2, False)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize("uri", ["", "urn:mm7", "REL-5-MM7-1", "REL-6-MM7-1-5", "REL-6-MM7-6-7", "REL-5-MM7-1-22"])
def test_a_strange_namespace_is_none(uri: str) -> None:
    assert recognise(uri).release is None


def test_a_release_is_named_by_suffix_or_namespace() -> None:
    assert release_named("REL-6-MM7-1-0") is release_named(Release.R6_0.uri) is Release.R6_0
    with pytest.raises(ValueError, match="there are REL-5-MM7-1-0"):
        release_named("REL-7-MM7-1-0")


@pytest.mark.requirement("M-04")
def test_the_natural_namespace_of_a_version_is_the_first_that_lists_it() -> None:
    assert NATURAL["5.3.0"] is Release.R5_0
    assert NATURAL["5.10.0"] is Release.R5_5
    assert {NATURAL[version] for versions in VERSIONS.values() for version in versions} <= set(Release)


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("release", "asked", "answered"),
    [
        (Release.R6_0, "5.6.0", "5.6.0"),
        (Release.R6_0, "5.8.0", "6.3.0"),
        (Release.R6_4, "6.7.0", "6.8.0"),
        (Release.R5_2, None, "5.3.0"),
    ],
)
def test_the_version_of_an_answer(release: Release, asked: str | None, answered: str) -> None:
    assert answer_version(release, asked) == answered
