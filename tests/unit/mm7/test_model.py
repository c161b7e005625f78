"""The model table against the facts of the official schemas, read off them into reference/mm7-schema.json."""

from dataclasses import fields
from itertools import groupby
from typing import Any

import pytest

from gateway.mm7.model import OPERATIONS, Direction, Element, Operation, answer_to, operation_of, operations_in
from gateway.mm7.table import Address, Content, Kind, ReplyCharging, SentAt, UACapabilities, UserAgent
from gateway.mm7.versions import VERSIONS, Release
from tests import oracle, shared

#: The schemas' types where a row's kind has several, or none of its name.
_TYPES = {
    Kind.ID: {"messageIDType", "entityIDType"},
    Kind.TEXT: {"xs:string", "statusTextType", "chargedPartyIDType", "serviceProviderIDType"},
    Kind.SENDER_ADDRESS: {"xs:string", "addressType"},
    Kind.DELIVERY_CONDITION: {"xs:string", "deliveryConditionType"},
    Kind.REPLY_CHARGING: {"(inline)"},
}

RELEASES = [release for release in Release if not release.inferred]
every_release = pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.suffix)


@pytest.fixture
def official(shared_dir: object, release: Release) -> oracle.Facts:  # noqa: ARG001
    return oracle.reference()[release.suffix]


@pytest.mark.requirement("M-04")
def test_the_reference_is_what_the_official_schemas_say() -> None:
    names = oracle.official_names()
    if not names:
        pytest.skip(shared.ABSENT)

    read = {name: oracle.comparable(oracle.facts(oracle.official_source(name))) for name in names}

    assert read == oracle.comparable(oracle.reference())
    assert sorted(names) == sorted(release.suffix for release in RELEASES)


@pytest.mark.requirement("M-02", "M-04")
@every_release
def test_every_operation_of_a_schema_is_in_the_table_and_no_other(release: Release, official: oracle.Facts) -> None:
    assert {operation.name for operation in operations_in(release)} == set(official["elements"]) - {"TransactionID"}


@pytest.mark.requirement("M-02", "M-04")
@every_release
def test_every_element_has_its_place_number_type_and_default(release: Release, official: oracle.Facts) -> None:
    for operation in operations_in(release):
        expected = list(_schema_rows(operation.name, official))

        assert list(_table_rows(operation, release)) == [row[:4] for row in expected]
        for element, row in zip(operation.elements_in(release), expected, strict=True):
            kind = element.row.kind
            if kind is not Kind.WORD:
                assert row[4] in _TYPES.get(kind, {kind.value}), (operation.name, element.row.name)


@pytest.mark.requirement("M-04")
@every_release
def test_every_enumeration_has_its_words_in_order(release: Release, official: oracle.Facts) -> None:
    words = official["simpleTypes"]
    for operation in operations_in(release):
        rows = _schema_rows(operation.name, official)
        for element, (*_, type_) in zip(operation.elements_in(release), rows, strict=True):
            if element.row.kind is Kind.WORD:
                assert list(element.row.words_in(release)) == words[type_]["enum"]

    assert list(VERSIONS[release]) == words["versionType"]["enum"]


@pytest.mark.requirement("M-04")
@every_release
def test_every_value_has_its_attributes(release: Release, official: oracle.Facts) -> None:
    types = official["complexTypes"]
    charging = next(child for child in types["submitReqType"]["children"] if child["name"] == "ReplyCharging")
    address = types["addressType"]["children"][0]["inline"]

    expected = {Content: types["contentReferenceType"], ReplyCharging: charging["inline"]}
    if release >= Release.R6_0:
        expected |= {UserAgent: types["userAgentInfoType"], SentAt: types["userAgentDateTimeType"], Address: address}
    if release >= Release.R6_4:
        expected[UACapabilities] = types["capabilitiesType"]

    for type_, facts in expected.items():
        assert {_camel(attribute["name"]) for attribute in facts["attrs"]} <= {_camel(f.name) for f in fields(type_)}
    assert {attribute["name"] for attribute in address["attrs"]} == (
        {"displayOnly", "addressCoding", "id"} if release >= Release.R6_0 else {"displayOnly"}
    )


@pytest.mark.requirement("M-04")
def test_the_schema_that_nobody_has_is_the_one_before_it_with_its_own_version() -> None:
    # REL-5-MM7-1-5 is known by name only.
    assert [release for release in Release if release.inferred] == [Release.R5_5]
    assert set(VERSIONS[Release.R5_5]) - set(VERSIONS[Release.R5_4]) == {"5.10.0"}
    for operation in OPERATIONS.values():
        assert operation.elements_in(Release.R5_5) == operation.elements_in(Release.R5_4)
        for element in operation.elements_in(Release.R5_5):
            row = element.row
            assert row.name_in(Release.R5_5) == row.name_in(Release.R5_4)
            assert row.words_in(Release.R5_5) == row.words_in(Release.R5_4)
            assert (Release.R5_5 in row.required) is (Release.R5_4 in row.required)


@pytest.mark.requirement("M-02")
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_an_operation_and_its_message_find_each_other(operation: Operation) -> None:
    type_: Any = operation.type
    message = type_()

    assert operation_of(message) is operation
    assert operation.is_request is operation.name.endswith("Req")
    if operation.is_request:
        answer = OPERATIONS[str(operation.answer)]
        assert answer_to(message) is answer.type
        assert {operation.direction, answer.direction} == set(Direction)


def test_content_is_carried_by_the_four_that_the_specification_names() -> None:
    carrying = {operation.name for operation in OPERATIONS.values() if operation.carries_content}

    assert carrying == {"SubmitReq", "DeliverReq", "ReplaceReq", "extendedReplaceReq"}


Row = tuple[str, str, bool, str | None]


def _table_rows(operation: Operation, release: Release) -> list[Row]:
    def row(element: Element) -> Row:
        found = element.row
        return found.inside, found.name_in(release), release in found.required, found.default

    return [row(element) for element in operation.elements_in(release)]


def _schema_rows(operation: str, official: oracle.Facts) -> list[tuple[str, str, bool, str | None, str]]:
    """The leaves of an operation as its schema has them: container, name, required, default, type."""
    types = official["complexTypes"]
    found = []
    for child in types[official["elements"][operation]["type"]]["children"]:
        container = child["name"] if child["name"] in ("SenderIdentification", "Status") else ""
        for leaf in types[child["type"]]["children"] if container else [child]:
            assert not container or child["min"] == "1"
            found.append((container, leaf["name"], leaf["min"] == "1", leaf["default"], leaf["type"]))
    assert [name for name, _ in groupby(row[0] for row in found if row[0])] in (
        [],
        ["SenderIdentification"],
        ["Status"],
    )
    return found


def _camel(name: str) -> str:
    return name.replace("_", "").lower()
