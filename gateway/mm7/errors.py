"""The one way in which reading fails, and the one way in which writing does.

Exception
└── Mm7Error
    ├── Unreadable   what a peer sent can't be read: its fault, with a rule, an offset, and what could still be made out
    └── Unwritable   what we were asked to write has no place in that schema: our fault
"""

from gateway.mm7.findings import Rule


class Mm7Error(Exception):
    """Base of both; never raised itself."""


class Unreadable(Mm7Error):
    """`offset` counts bytes from the start of what was read; operation and TransactionID are given where known."""

    def __init__(
        self,
        rule: Rule,
        offset: int,
        text: str,
        operation: str | None = None,
        transaction_id: str | None = None,
        namespace: str | None = None,
    ) -> None:
        super().__init__(f"{text} (at byte {offset})")
        self.rule = rule
        self.offset = offset
        self.text = text
        self.operation = operation
        self.transaction_id = transaction_id
        self.namespace = namespace


class Unwritable(Mm7Error, ValueError):
    """A message that the schema of its namespace does not allow; the text names the element and the way out."""
