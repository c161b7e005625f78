"""The result of reading: one message with what surrounds it."""

from dataclasses import dataclass

from gateway.mm7.messages import Fault, Message
from gateway.mm7.mime import Part
from gateway.mm7.model import operation_of
from gateway.mm7.versions import Release


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with its TransactionID as sent (None where there is none), its namespace, and its content.

    `release` is the schema that it was read as; `namespace` is the text of the operation's namespace, empty where it
    had none. `content` is the part that Content points to, or the parts beside the envelope where that could not be
    told.
    """

    message: Message
    transaction_id: str | None = None
    release: Release | None = None
    namespace: str = ""
    content: Part | None = None

    @property
    def operation(self) -> str:
        """The operation's name; for a Fault the element in its detail, or `Fault`."""
        message = self.message
        if isinstance(message, Fault):
            return operation_of(message.error).name if message.error else "Fault"
        return operation_of(message).name

    @property
    def transaction_key(self) -> str:
        """The TransactionID to compare by: without the blanks around it (interop X10)."""
        return (self.transaction_id or "").strip()

    @property
    def leaves(self) -> tuple[Part, ...]:
        """The parts of the content that hold something, in order, SMIL included."""
        return tuple(self.content.leaves()) if self.content is not None else ()
