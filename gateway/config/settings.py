"""The one table of settings: what the TOML file, the environment, the docs and `mm7 config check` know of each.

`default` and `example` are as TOML gives them. A default of None: not set; REQUIRED: it must be.
"""

from dataclasses import dataclass
from typing import Any, Final

from gateway.config import kinds
from gateway.config.kinds import Kind

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    kind: Kind
    default: Any
    example: Any
    help: str

    @property
    def is_secret(self) -> bool:
        return self.kind is kinds.SECRET

    @property
    def has_variable(self) -> bool:
        """A name is how variables find their entry, and a table is more than a variable's text can say."""
        return self.key != "name" and self.kind is not kinds.TABLE

    @property
    def field(self) -> str:
        """What is read: of password_file the password."""
        return self.key.removesuffix("_file") if self.is_secret else self.key


@dataclass(frozen=True, slots=True)
class Section:
    """One [table], or [[entries]]: `known_by` is then how the environment names one, by its name or its position."""

    name: str
    help: str
    settings: tuple[Setting, ...]
    known_by: str | None = None

    @property
    def heading(self) -> str:
        return f"[[{self.name}]]" if self.known_by else f"[{self.name}]"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(setting.key for setting in self.settings)


SERVER = Section(
    "server",
    "The two listeners: the public one, for carriers and customers, and the operator's.",
    (
        Setting("listen", kinds.LISTEN, "127.0.0.1:8080", "127.0.0.1:8080", "Public listener."),
        Setting(
            "operator_listen",
            kinds.LISTEN,
            "127.0.0.1:8081",
            "127.0.0.1:8081",
            "Operator's listener: metrics and administration. Whoever reaches it may do everything.",
        ),
        Setting(
            "public_url",
            kinds.HTTP_URL,
            None,
            "https://mms.example.net",
            "Where the outside reaches the public listener; links to media start with it. Not set: the listener.",
        ),
        Setting("tls_cert", kinds.CERTIFICATE, None, "tls/server.pem", "Certificate chain of the public listener."),
        Setting("tls_key", kinds.CERTIFICATE, None, "tls/server.key", "Its private key."),
        Setting(
            "trusted_proxies",
            kinds.NETWORKS,
            [],
            ["192.0.2.10/32"],
            "Networks of reverse proxies whose X-Forwarded-For is believed.",
        ),
        Setting(
            "stop_seconds",
            kinds.SECONDS,
            8,
            8,
            "Seconds that attempts under way get when the gateway is told to stop. A submit without an answer by then "
            "is held, as the carrier may have it. More than 8: let who kills after SIGTERM wait longer too.",
        ),
    ),
)

STORE = Section(
    "store",
    "Where messages, work and media are kept.",
    (
        Setting(
            "url",
            kinds.STORE_URL,
            "sqlite:///var/gateway.db",
            "sqlite:///var/gateway.db",
            "Three slashes: a path beside this file, four: an absolute path; or postgresql://user@host/db.",
        ),
        Setting(
            "media",
            kinds.MEDIA_STORE,
            "store",
            "store",
            "Media with the store: small ones in rows, larger in files beside SQLite or in PostgreSQL. Or s3://bucket/prefix.",
        ),
    ),
)

CARRIER = Section(
    "carrier",
    "One carrier's MMSC: where it is, how it wants to be spoken to, who we are to it and how it shows who it is.",
    (
        Setting(
            "name",
            kinds.ENTRY_NAME,
            REQUIRED,
            "acme",
            "Also the last part of the path that it posts to: /carrier/NAME.",
        ),
        Setting("url", kinds.HTTP_URL, REQUIRED, "https://mmsc.acme.example/mm7", "Where messages are submitted."),
        Setting(
            "profile",
            kinds.TEXT,
            "3gpp-6.8.0",
            "3gpp-6.8.0",
            "Its dialect: a profile that ships with the gateway, or the path of a .toml file.",
        ),
        Setting(
            "dialect",
            kinds.TABLE,
            {},
            {"mm7_prefix": "mm7"},
            "Single values of the profile's [dialect] changed for this carrier.",
        ),
        Setting("vaspid", kinds.TEXT, None, "shop-vasp", "VASPID that we send."),
        Setting("vasid", kinds.TEXT, None, "28444", "VASID that we send."),
        Setting("username", kinds.USER, None, "gateway", "Who we are to it, by HTTP Basic or Digest."),
        Setting("password_file", kinds.SECRET, None, "secrets/acme-password", "The password to it."),
        Setting(
            "auth",
            kinds.choice("auto", "basic", "digest"),
            "auto",
            "auto",
            "auto sends Basic, and Digest from when the carrier asks for it.",
        ),
        Setting("rate", kinds.whole(0), 0, 50, "Messages a second at most; 0: no limit."),
        Setting("connections", kinds.whole(1), 10, 10, "Connections at a time at most."),
        Setting("connect_timeout", kinds.SECONDS, 10, 10, "Seconds until the connection stands, TLS included."),
        Setting(
            "response_timeout", kinds.SECONDS, 60, 60, "Seconds from the request's first byte to the answer's last."
        ),
        Setting("client_cert", kinds.CERTIFICATE, None, "tls/acme.pem", "Certificate that we present."),
        Setting("client_key_file", kinds.CERTIFICATE, None, "tls/acme.key", "Its private key, not encrypted."),
        Setting(
            "ca_file",
            kinds.CERTIFICATE,
            None,
            "tls/acme-ca.pem",
            "The CA that signed the carrier's certificate, in place of the system's.",
        ),
        Setting("bind", kinds.ADDRESS, None, "192.0.2.1", "Source address of our connections."),
        Setting("proxy", kinds.PROXY, None, "http://proxy.example.net:3128", "HTTP proxy on the way to it."),
        Setting("inbound_username", kinds.USER, None, "acme", "What the carrier presents to us, by HTTP Basic."),
        Setting("inbound_password_file", kinds.SECRET, None, "secrets/acme-inbound", "The password with it."),
        Setting(
            "inbound_allow",
            kinds.NETWORKS,
            [],
            ["192.0.2.0/24"],
            "Networks that it posts from. Neither these nor credentials: an error, unless the listener is on loopback.",
        ),
    ),
    known_by="name",
)

ROUTE = Section(
    "route",
    "Which carrier takes a message: the first route that fits decides. Patterns are shell patterns over digits.",
    (
        Setting("to", kinds.TEXT, "*", "1*", "Recipient."),
        Setting("sender", kinds.TEXT, "*", "*", "Sender."),
        Setting("carrier", kinds.ENTRY_NAME, REQUIRED, "acme", "Name of the carrier."),
    ),
    known_by="position",
)

ACCOUNT = Section(
    "account",
    "One customer. Accounts of the file can only be changed here; all others live in the store.",
    (
        Setting("name", kinds.ENTRY_NAME, REQUIRED, "shop", "Its name."),
        Setting(
            "kind", kinds.choice("json", "xml", "mm7"), "json", "json", "What it is sent: JSON postbacks, XML or MM7."
        ),
        Setting("senders", kinds.SENDERS, [], ["28444"], "Short codes and numbers that are its own."),
        Setting(
            "postback_url", kinds.HTTP_URL, None, "https://shop.example/postbacks", "Where everything is posted to…"
        ),
        Setting("mo_url", kinds.HTTP_URL, None, "https://shop.example/mo", "…but MOs to this one…"),
        Setting("report_url", kinds.HTTP_URL, None, "https://shop.example/reports", "…and reports to this one."),
        Setting("api_key_file", kinds.SECRET, None, "secrets/shop-api-key", "The key that it calls us with."),
        Setting("callback_username", kinds.USER, None, "gateway", "Who we are to its URLs, by HTTP Basic or Digest."),
        Setting("callback_password_file", kinds.SECRET, None, "secrets/shop-callback", "The password with it."),
        Setting(
            "callback_client_cert", kinds.CERTIFICATE, None, "tls/shop.pem", "Certificate that we present to its URLs."
        ),
        Setting("callback_client_key_file", kinds.CERTIFICATE, None, "tls/shop.key", "Its private key, not encrypted."),
        Setting(
            "callback_ca_file",
            kinds.CERTIFICATE,
            None,
            "tls/shop-ca.pem",
            "The CA that signed the URLs' certificates, in place of the system's.",
        ),
    ),
    known_by="name",
)

MEDIA = Section(
    "media",
    "Media that customers name by URL.",
    (
        Setting(
            "allow",
            kinds.NETWORKS,
            [],
            ["192.0.2.128/25"],
            "Networks that media may be fetched from although they are private.",
        ),
    ),
)

SECTIONS = (SERVER, STORE, CARRIER, ROUTE, ACCOUNT, MEDIA)
