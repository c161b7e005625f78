"""What must hold between settings. Each check is given what could be read and says what is wrong, a line each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from gateway.config.reading import Read, environment_name, nearest

Reads: TypeAlias = Mapping[str, Sequence[Read]]
"""By section, in the document's order."""

_GUARDS = "set inbound_username and inbound_password_file, or inbound_allow"
_PAIRS = {
    "server": (("tls_cert", "tls_key"),),
    "carrier": (
        ("username", "password"),
        ("inbound_username", "inbound_password"),
        ("client_cert", "client_key_file"),
    ),
    "account": (
        ("callback_username", "callback_password"),
        ("callback_client_cert", "callback_client_key_file"),
    ),
}


def problems(reads: Reads) -> list[str]:
    return [problem for check in _CHECKS for problem in check(reads)]


def warnings(reads: Reads) -> list[str]:
    """What works and is surely not meant. Only of reads without problems."""
    return [warning for check in _WARNINGS for warning in check(reads)]


def _halves(reads: Reads) -> Iterator[str]:
    for section, pairs in _PAIRS.items():
        for read in reads[section]:
            keys = {setting.field: setting.key for setting in read.entry.section.settings}
            for pair in pairs:
                if read.knows(*pair) and [read.values[field] is None for field in pair] in (
                    [True, False],
                    [False, True],
                ):
                    there, absent = sorted(pair, key=lambda field: read.values[field] is None)
                    yield f"{read.where}: {keys[there]} needs {keys[absent]} beside it"


def _one_name_each(reads: Reads) -> Iterator[str]:
    for section in ("carrier", "account"):
        taken: dict[str, str] = {}
        for name in (read.values["name"] for read in reads[section] if read.knows("name")):
            known_as = environment_name(name)
            other = taken.get(known_as)
            taken[known_as] = name
            if other is not None:
                differ = "" if other == name else f" and {other}: they differ only in case, - . or _"
                yield f"[[{section}]] {name}{differ}: this name stands there twice"


def _one_account_a_sender(reads: Reads) -> Iterator[str]:
    taken: dict[str, str] = {}
    for read in reads["account"]:
        for sender in read.values.get("senders", ()):
            if sender in taken:
                yield f"{read.where}: sender {sender} belongs to {taken[sender]} already"
            taken.setdefault(sender, read.where)


def _routes_lead_somewhere(reads: Reads) -> Iterator[str]:
    names = [read.values["name"] for read in reads["carrier"] if read.knows("name")]
    for read in reads["route"]:
        if read.knows("carrier") and read.values["carrier"] not in names:
            carrier = read.values["carrier"]
            yield f"{read.where}: carrier {carrier} is not among the carriers: {nearest(carrier, names)}"


def _carriers_are_known_by_something(reads: Reads) -> Iterator[str]:
    server = reads["server"][0] if reads["server"] else None
    if server is None or not server.knows("listen") or server.values["listen"].is_loopback:
        return
    for read in reads["carrier"]:
        if read.knows("inbound_username", "inbound_allow") and not _is_guarded(read):
            yield f"{read.where}: anyone could post as this carrier: {_GUARDS}, or let [server] listen on 127.0.0.1"


def _is_guarded(read: Read) -> bool:
    return read.values["inbound_username"] is not None or bool(read.values["inbound_allow"])


def _two_listeners(reads: Reads) -> Iterator[str]:
    for read in reads["server"]:
        if read.knows("listen", "operator_listen"):
            listen = read.values["listen"]
            if listen == read.values["operator_listen"] and listen.port:
                yield f"{read.where}: listen and operator_listen are both {listen}"


def _operators_only(reads: Reads) -> Iterator[str]:
    for read in reads["server"]:
        if not read.values["operator_listen"].is_loopback:
            yield f"{read.where}: operator_listen is not on loopback: whoever reaches it may administer the gateway"


def _reachable_media(reads: Reads) -> Iterator[str]:
    for read in reads["server"]:
        if read.values["public_url"] is None and not read.values["listen"].is_loopback:
            yield f"{read.where}: public_url is not set: links to media would start with the listener's address"


def _no_way_out(reads: Reads) -> Iterator[str]:
    if reads["carrier"] and not reads["route"]:
        yield "there is no [[route]]: no message would find its carrier"


def _open_behind_a_proxy(reads: Reads) -> Iterator[str]:
    for server in reads["server"]:
        if server.values["listen"].is_loopback and server.values["trusted_proxies"]:
            for read in reads["carrier"]:
                if not _is_guarded(read):
                    yield f"{read.where}: who comes through the trusted proxies could post as this carrier: {_GUARDS}"


def _unheard(reads: Reads) -> Iterator[str]:
    for read in reads["account"]:
        absent = [what for key, what in (("mo_url", "MOs"), ("report_url", "reports")) if read.values[key] is None]
        if absent and read.values["postback_url"] is None:
            yield f"{read.where}: no postback_url and no URL for {' and '.join(absent)}: they stay here"


def _not_yet(reads: Reads) -> Iterator[str]:
    """What can be set and does nothing in this version: whoever sets it must not rely on it."""
    for read in reads["carrier"]:
        if read.values["rate"]:
            yield f"{read.where}: rate is not kept to in this version: messages go as fast as the carrier takes them"
    for read in reads["account"]:
        if read.values["kind"] != "json":
            yield f"{read.where}: kind {read.values['kind']} is told by JSON in this version, as kind json is"
        if read.values["api_key"] is not None:
            yield f"{read.where}: api_key_file is not used in this version: customers can't call it yet"
    for read in reads["media"]:
        if read.values["allow"]:
            yield f"{read.where}: allow is not used in this version: media are not fetched from URLs yet"


_CHECKS: Sequence[Callable[[Reads], Iterator[str]]] = (
    _halves,
    _two_listeners,
    _carriers_are_known_by_something,
    _one_name_each,
    _routes_lead_somewhere,
    _one_account_a_sender,
)
_WARNINGS: Sequence[Callable[[Reads], Iterator[str]]] = (
    _operators_only,
    _reachable_media,
    _open_behind_a_proxy,
    _no_way_out,
    _unheard,
    _not_yet,
)
