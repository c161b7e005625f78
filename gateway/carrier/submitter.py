"""Does the work of kind `submit`: one attempt at handing a message to its carrier."""

from collections.abc import Mapping

from gateway.carrier.link import CarrierLink
from gateway.carrier.submit import build, read_answer
from gateway.delivery.attempt import Kind, Settle
from gateway.delivery.http import HttpSender, NotConnected, SendError, StillOurs
from gateway.delivery.outcome import Deferred, InDoubt, Outcome, Refused
from gateway.delivery.retry import SUBMIT
from gateway.mm7 import Encoded, Unwritable
from gateway.store.records import Work
from gateway.store.store import ContentDamaged, Store, StoreError


async def hand_over(
    sender: HttpSender, link: CarrierLink, encoded: Encoded, transaction_id: str, still_ours: StillOurs | None = None
) -> Outcome:
    """Posts a SubmitReq, once, and says what became of it."""
    try:
        answer = await sender.post(
            link.url,
            encoded.headers,
            encoded.chunks,
            link=link.http,
            peer=f"carrier {link.name}",
            still_ours=still_ours,
        )
    except NotConnected as error:
        return Deferred(f"not connected: {error}")
    except SendError as error:
        return InDoubt(f"no answer: {error}")
    return read_answer(answer, transaction_id, link.dialect)


class Submitter:
    """A `delivery.line.Handler`. `links` are the carriers by name, as they stand now."""

    def __init__(self, store: Store, sender: HttpSender, links: Mapping[str, CarrierLink]) -> None:
        self._store = store
        self._sender = sender
        self._links = links

    def reload(self, links: Mapping[str, CarrierLink]) -> None:
        """From the next attempt on."""
        self._links = links

    def kind(self, settle: Settle) -> Kind:
        """How delivery does submits, in a gateway and in a command alike."""
        return Kind(name="submit", handler=self, settle=settle, policy=SUBMIT, abreast=self.abreast)

    def abreast(self, carrier: str) -> int:
        """How many submits a carrier gets at once: as many as it has connections."""
        link = self._links.get(carrier)
        return link.http.connections if link is not None else 1

    async def __call__(self, work: Work, still_ours: StillOurs) -> Outcome:
        link = self._links.get(work.destination)
        if link is None:
            return Deferred(f"no carrier named {work.destination} is configured")
        message = await self._store.message(work.tracking_id)
        if message is None:
            return Refused("the message is not in the store any more")
        most = link.dialect.max_recipients
        if most and len(message.recipients) > most:
            return Refused(f"{link.name} takes {most} recipients in a message, this one has {len(message.recipients)}")
        try:
            encoded = build(message, await self._store.content(work.tracking_id), link)
        except Unwritable as error:
            # It may quote a value that an account gave us: where the log leaves it out.
            return Refused(f'it can not be written for {link.name}: "{error}"')
        except ContentDamaged as error:
            return Refused(str(error))
        except StoreError as error:  # a volume that is not mounted comes back
            return Deferred(str(error))
        return await hand_over(self._sender, link, encoded, message.transaction_id, still_ours)
