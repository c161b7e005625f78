"""Numbers in one form, and whose an MO is."""

import pytest

from gateway.router.match import Accounts
from gateway.store.records import Account


def test_an_mo_belongs_to_the_account_with_its_short_code() -> None:
    shop, bank = Account(name="shop", senders=("28444", "+1 555 555 0199")), Account(name="bank", senders=("28555",))
    accounts = Accounts([shop, bank])
    assert accounts.owner_of(["28555"]) is bank
    assert accounts.owner_of(["15555550101", "15555550199", "28555"]) is shop
    assert accounts.owner_of(["99999"]) is None
    assert accounts.owner_of([]) is None
    assert accounts.named("bank") is bank
    assert accounts.named("nobody") is None
    assert accounts.named(None) is None


def test_two_accounts_with_the_same_name_or_the_same_short_code_are_refused() -> None:
    with pytest.raises(ValueError, match="shop"):
        Accounts([Account(name="shop"), Account(name="shop")])
    with pytest.raises(ValueError, match="28444 belongs to two accounts: shop and bank"):
        Accounts([Account(name="shop", senders=("28444",)), Account(name="bank", senders=("+28444",))])
