"""Addresses: what kind a bare text is, and the number in it to compare by."""

import pytest

from gateway.mm7.addresses import classify, normalise
from gateway.mm7.table import Address, AddressKind

NUMBER, SHORT_CODE, MAIL = AddressKind.NUMBER, AddressKind.SHORT_CODE, AddressKind.RFC2822


@pytest.mark.requirement("M-15")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("28444", SHORT_CODE),
        ("#3030", SHORT_CODE),
        ("28444/TYPE=PLMN", SHORT_CODE),
        ("15555550100", NUMBER),
        ("+1555550", NUMBER),
        ("15555550100/TYPE=PLMN@mmsc.example.net", NUMBER),
        ("jo@example.net", MAIL),
        ("", NUMBER),
    ],
)
def test_the_kind_of_a_bare_address_is_told_from_its_shape(text: str, kind: AddressKind) -> None:
    assert classify(f" {text}\n") == Address(kind, text)


@pytest.mark.requirement("M-15")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+1 (555) 555-0100", "15555550100"),
        ("0015555550100", "15555550100"),
        ("15555550100", "15555550100"),
        ("15555550100/type=plmn", "15555550100"),
        ("+15555550100/TYPE=PLMN@mmsc.example.net", "15555550100"),
        ("15555550100/TYPE=two words", "15555550100/TYPE=two words"),
    ],
)
def test_a_number_is_compared_without_its_dress(text: str, number: str) -> None:
    assert normalise(text) == number


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("15555550100", "15555550100"),
        ("+15555550100", "15555550100"),
        (" +1 (555) 555-01.00 ", "15555550100"),
        ("+15555550100/TYPE=PLMN", "15555550100"),
        ("15555550100/type=plmn", "15555550100"),
        ("28444", "28444"),
        ("someone@example.net", "someone@example.net"),
        (" Someone@example.net ", "Someone@example.net"),
        ("SHOP", "SHOP"),
        ("", ""),
        ("+", "+"),
        ("١٢٣", "١٢٣"),
    ],
)
def test_a_number_is_its_digits_and_any_other_address_is_itself(written: str, normal: str) -> None:
    assert normalise(written) == normal
    assert normalise(normal) == normal
