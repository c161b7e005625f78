"""Whose an MO is: the account that holds the short code or number it was sent to."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.mm7.addresses import normalise
from gateway.store.records import Account


class Accounts:
    """The accounts as they stand now. Never changed: a reload makes another.

    Raises ValueError where two of them have the same name or the same sender.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_name: dict[str, Account] = {}
        self._by_sender: dict[str, Account] = {}
        for account in accounts:
            _put(self._by_name, account.name, account)
            for sender in account.senders:
                _put(self._by_sender, normalise(sender), account)

    def named(self, name: str | None) -> Account | None:
        return None if name is None else self._by_name.get(name)

    def owner_of(self, addresses: Iterable[str]) -> Account | None:
        """The account of the first of these normalised addresses that belongs to any."""
        owners = (self._by_sender.get(address) for address in addresses)
        return next((owner for owner in owners if owner is not None), None)


def _put(accounts: dict[str, Account], key: str, account: Account) -> None:
    if key in accounts:
        raise ValueError(f"{key} belongs to two accounts: {accounts[key].name} and {account.name}")
    accounts[key] = account
