"""Profiles: dialects as data, each value with its source, each mistake with the way out."""

import pytest

from gateway.mm7 import Level, Release
from gateway.mm7 import findings as rules
from gateway.mm7.dialect import Codes, DetailsForm, Dialect, Strictness
from gateway.mm7.findings import Finding
from gateway.mm7.profiles import ProfileError, parse_profile, profile, profile_names, profile_sources

VENDORS = {"sinch", "vibes", "openmarket", "nokia", "mbuni", "unicom-cn", "skt-kr"}
VERSIONS = ("5.3.0", "5.5.0", "5.6.0", "5.8.0", "5.10.0", "6.3.0", "6.4.0", "6.5.0", "6.6.0", "6.8.0")


@pytest.mark.requirement("U-07")
def test_every_version_and_every_vendor_has_its_profile() -> None:
    assert set(profile_names()) == VENDORS | {f"3gpp-{version}" for version in VERSIONS}


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_3gpp_profile_writes_its_version_and_nothing_that_a_schema_has_not(version: str) -> None:
    dialect = profile(f"3gpp-{version}")
    assert (dialect.name, dialect.version, dialect.codes) == (f"3gpp-{version}", version, Codes.GPP)
    assert not dialect.beyond_schema | dialect.omitted | dialect.free_words
    assert dialect.details is DetailsForm.ELEMENT


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize("name", profile_names())
def test_each_value_of_a_profile_has_a_source(name: str) -> None:
    base, dialect = Dialect(), profile(name)
    sources = profile_sources(name)
    parent = profile("3gpp-6.8.0") if name == "sinch" else base
    for knob in ("soap_action", "codes", "blank_answer_accepts", "transfer_encoding", "undeclared_prefixes"):
        assert getattr(dialect, knob) == getattr(parent, knob) or knob in sources
    assert bool(dialect.levels) <= ("levels" in sources)
    assert all(sources.values())


@pytest.mark.requirement("U-07")
def test_a_profile_is_made_once() -> None:
    assert profile("sinch") is profile("sinch")


@pytest.mark.requirement("U-07")
def test_a_profile_of_ones_own_builds_on_a_shipped_one() -> None:
    dialect = parse_profile(
        """
        extends = "sinch"
        [dialect]
        release = "REL-5-MM7-1-3"
        strictness = "strict"
        retryable = [3000]
        max_recipients = 5
        [levels]
        "element.missing:Recipients" = "error"
        [code_overrides]
        "element.missing:Recipients" = 2502
        "element.missing" = 2000
        """,
        "mine",
    )
    assert (dialect.name, dialect.release, dialect.version) == ("mine", Release.R5_3, "5.6.0")
    assert (dialect.strictness, dialect.retryable, dialect.max_recipients) == (Strictness.STRICT, frozenset({3000}), 5)
    missing = Finding(rules.ELEMENT_MISSING, 0, "", "Recipients")
    assert dialect.level(missing) is Level.ERROR
    assert dialect.code(rules.ELEMENT_MISSING, missing.key) == 2502
    assert dialect.code(rules.ELEMENT_MISSING, "element.missing:Sender") == 2000
    assert dialect.code(rules.VERSION_UNKNOWN, "version.unknown") == 2505


@pytest.mark.requirement("U-07")
def test_strictness_makes_errors_of_warnings_but_not_of_what_is_only_worth_knowing() -> None:
    warning, info = Finding(rules.ORDER, 0, ""), Finding(rules.LINE_ENDS, 0, "")
    strict, lenient = Dialect(strictness=Strictness.STRICT), Dialect()
    assert (strict.level(warning), strict.level(info)) == (Level.ERROR, Level.INFO)
    assert (lenient.level(warning), lenient.level(info)) == (Level.WARNING, Level.INFO)


@pytest.mark.requirement("M-16")
def test_the_code_of_a_refusal_is_of_the_dialects_table() -> None:
    assert Dialect().code(rules.VERSION_UNKNOWN, "version.unknown") == 4002
    assert Dialect(codes=Codes.SINCH).code(rules.VERSION_UNKNOWN, "version.unknown") == 2505


@pytest.mark.requirement("U-07")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[dialect", "profile mine: "),
        ("extends = 'sinsh'", "did you mean 'sinch'"),
        ("extends = [1]", "there are 3gpp-5.10.0"),
        ("titel = 'x'", "unknown key titel: did you mean 'title'"),
        ("zzz = 1", "there are"),
        ("levels = 3", "levels is a table"),
        ("[dialect]\nsoap_prefx = 'x'", "did you mean 'soap_prefix'"),
        ("[dialect]\nrelease = 'REL-7'", "there are REL-5-MM7-1-0"),
        ("[dialect]\nversion = '6.7.0'", "which lists 6.8.0"),
        ("[dialect]\ndetails = 'prose'", "one of element, text, omit"),
        ("[dialect]\nmust_understand = 1", "is a bool"),
        ("[dialect]\nretryable = 3000", "is a list"),
        ("[dialect]\nretryable = ['3000']", "list of int"),
        ("[dialect]\nomitted = [1]", "list of str"),
        ("[dialect]\nsoap_prefix = 'a b'", "is a prefix"),
        ("[dialect]\nmm7_prefix = 'a b'", "or empty"),
        ("[dialect]\ntransaction_prefix = '1'", "or empty"),
        ("[dialect]\nmm7_prefix = 'env'", "another than"),
        ("[dialect]\ntransfer_encoding = 'gzip'", "one of binary"),
        ("[dialect]\ncontent_type = 'text/xml'", "multipart/ and a word"),
        ("[levels]\n'element.ordr' = 'error'", "did you mean 'element.order'"),
        ("[levels]\n'element.order' = 'fatal'", "one of info, warning, error"),
        ("[code_overrides]\n'element.order' = 999", "from 1000 to 4999"),
        ("[code_overrides]\n'elements' = 1000", "names no rule"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(text: str, says: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "mine")
    assert says in str(caught.value)


def test_there_is_no_profile_of_a_strange_name() -> None:
    with pytest.raises(ProfileError, match="did you mean 'sinch'"):
        profile("sinch2")


def test_the_namespace_that_is_written_is_the_releases_or_the_profiles_own() -> None:
    assert Dialect().uri == Release.R6_4.uri
    assert Dialect(namespace="urn:own").uri == "urn:own"
