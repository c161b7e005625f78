"""What we know of a carrier: where it is, its dialect, who we are to it, and what it has to present to us."""

from dataclasses import dataclass, field

from gateway.delivery.http import LinkSettings
from gateway.mm7 import LENIENT, Dialect
from gateway.web.access import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLink:
    """One carrier of the configuration. `rate` is messages a second, 0 for no limit."""

    name: str
    url: str
    dialect: Dialect = LENIENT
    vaspid: str | None = None
    vasid: str | None = None
    http: LinkSettings = field(default_factory=LinkSettings)
    rate: int = 0
    inbound: Access = field(default_factory=Access)
