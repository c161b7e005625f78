"""Frozen values that are made fast are like any other."""

from dataclasses import FrozenInstanceError

import pytest

from gateway.mm7.frozen import maker
from gateway.mm7.messages import CancelRsp, DeliverReq
from gateway.mm7.table import Address, AddressKind


def test_what_is_made_is_equal_to_what_the_type_makes() -> None:
    made = maker(Address)(AddressKind.NUMBER, "15555550100", display_only=True)
    assert type(made) is Address
    assert made == Address(AddressKind.NUMBER, "15555550100", display_only=True)


def test_fields_that_are_left_out_have_their_defaults() -> None:
    assert maker(DeliverReq)() == DeliverReq()


def test_a_type_that_inherits_all_of_its_fields_can_be_made() -> None:
    assert maker(CancelRsp)("6.8.0", 1000) == CancelRsp("6.8.0", 1000)


def test_what_is_made_is_frozen() -> None:
    made = maker(Address)(AddressKind.NUMBER, "15555550100")
    with pytest.raises(FrozenInstanceError):
        made.text = "15555550101"  # type: ignore[misc]


def test_what_is_made_can_be_hashed() -> None:
    assert hash(maker(Address)(AddressKind.NUMBER, "1")) == hash(Address(AddressKind.NUMBER, "1"))
