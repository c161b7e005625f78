"""`mm7 send`: build one MMS and submit it.

With a carrier of the configuration the message goes the gateway's own way: it is accepted into the store, submitted
from there, and reports that come to a running gateway later find it. With --url it is submitted at once, and nothing is
stored.
"""

import argparse
import asyncio
import json
from dataclasses import replace
from pathlib import Path

from gateway.carrier.link import CarrierLink
from gateway.carrier.submit import build
from gateway.carrier.submitter import hand_over
from gateway.cli.common import (
    Commands,
    Failed,
    add_config_option,
    add_json_option,
    chosen_profile,
    command,
    credentials,
    load_config,
    url_of,
)
from gateway.cli.composed import check, check_size, content_of, leaves_of
from gateway.cli.node import submit_through_store
from gateway.cli.sent import Sent, show
from gateway.clock import RandomIds, SystemClock
from gateway.config import Config
from gateway.delivery.http import HttpSender, LinkSettings
from gateway.mm7 import Dialect, Leaf, Multipart, Unwritable
from gateway.mm7.addresses import normalise
from gateway.mm7.profiles import ProfileError, parse_profile
from gateway.mm7.versions import NATURAL, release_named
from gateway.router.incoming import Address, NewMT
from gateway.router.routes import pick
from gateway.store.records import Media, Message, Part, Recipient


def add_to(commands: Commands) -> None:
    parser = command(
        commands,
        "send",
        "Build one MMS of text and files, and submit it by MM7.",
        "  mm7 send --to 15555550100 --from 28444 --text Hello --file picture.jpg --carrier acme\n"
        "  mm7 send --to 15555550100 --from 28444 --text Hello --url http://127.0.0.1:9000/mm7 --vaspid me --vasid svc",
    )
    parser.add_argument("--to", metavar="NUMBER", required=True, action="append", help="recipient; may be repeated")
    parser.add_argument(
        "--from", metavar="CODE", required=True, dest="sender", help="short code or number of the sender"
    )
    parser.add_argument("--text", default="", help="text of the first slide")
    parser.add_argument(
        "--file", metavar="FILE", type=Path, action="append", default=[], help="a slide each; may be repeated"
    )
    parser.add_argument("--subject", help="shown above the slides")
    parser.add_argument("--account", metavar="NAME", help="whose message it is: told of what becomes of it")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--carrier", metavar="NAME", help="a carrier of the configuration (default: what the routes say)"
    )
    where.add_argument("--url", help="an MMSC that no configuration knows; nothing is stored")
    parser.add_argument("--vaspid", help="with --url: who we are to the MMSC")
    parser.add_argument("--vasid", help="with --url: as which service")
    parser.add_argument("--username", help="with --url: HTTP Basic or Digest")
    parser.add_argument("--password-file", metavar="FILE", type=Path, help="with --url: the password")
    parser.add_argument("--profile", metavar="NAME", default="3gpp-6.8.0", help="with --url: the dialect")
    parser.add_argument("--version", metavar="X.Y.Z", help=f"with --url: MM7Version, one of {' '.join(NATURAL)}")
    parser.add_argument("--namespace", metavar="REL-n-MM7-1-n", help="with --url: the schema")
    add_config_option(parser)
    add_json_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    check(options)
    content = content_of(options)
    if options.url is not None:
        sent = asyncio.run(_direct(options, content))
    else:
        config = load_config(options.config)
        sent = asyncio.run(_stored(options, content, config))
    return show(sent, as_json=options.json)


async def _stored(options: argparse.Namespace, content: Multipart, config: Config) -> Sent:
    if options.carrier and options.carrier not in {carrier.name for carrier in config.carriers}:
        known = ", ".join(carrier.name for carrier in config.carriers) or "none"
        raise Failed(f"no carrier named {options.carrier!r} is configured; there are: {known} (or give --url)")
    if options.account and options.account not in {account.name for account in config.accounts}:
        known = ", ".join(account.name for account in config.accounts) or "none"
        raise Failed(f"no account named {options.account!r} is configured; there are: {known}")
    _check_routes(options, config)
    message = NewMT(
        account=options.account,
        sender=options.sender,
        recipients=tuple(Address(number) for number in options.to),
        media=tuple(
            Media(
                media_type=leaf.media_type,
                data=leaf.data,
                name=leaf.content_location or None,
                content_id=leaf.content_id,
                content_location=leaf.content_location,
            )
            for leaf in leaves_of(content)
        ),
        carrier=options.carrier,
        subject=options.subject,
    )
    tracking_id, transaction_id, outcome = await submit_through_store(config, message)
    return Sent(tracking_id, transaction_id, outcome, stored=True)


def _check_routes(options: argparse.Namespace, config: Config) -> None:
    for number in () if options.carrier else options.to:
        if pick(config.routes, normalise(number), normalise(options.sender)) is None:
            raise Failed(f"no route leads to the recipient {number}: add a [[route]], or give --carrier or --url")


async def _direct(options: argparse.Namespace, content: Multipart) -> Sent:
    ids, now = RandomIds(), SystemClock().now()
    message = Message(
        tracking_id=ids.tracking_id(),
        direction="MT",
        account=None,
        carrier="",
        sender=normalise(options.sender),
        accepted_at=now,
        transaction_id=ids.transaction_id(),
        subject=options.subject,
        recipients=tuple(Recipient(position=at, number=normalise(number)) for at, number in enumerate(options.to)),
    )
    url = url_of("--url", options.url)
    username, password = credentials(options.username, options.password_file) or (None, None)
    link = CarrierLink(
        name=url,
        url=url,
        dialect=_dialect(options),
        vaspid=options.vaspid,
        vasid=options.vasid,
        http=LinkSettings(username=username, password=password),
    )
    parts = [(_part(message, at, leaf), bytes(leaf.data)) for at, leaf in enumerate(leaves_of(content))]
    try:
        encoded = build(message, parts, link)
    except Unwritable as error:
        raise Failed(str(error)) from error
    check_size(encoded.length)
    sender = HttpSender()
    try:
        outcome = await hand_over(sender, link, encoded, message.transaction_id)
    finally:
        await sender.close()
    return Sent(message.tracking_id, message.transaction_id, outcome, stored=False)


def _part(message: Message, position: int, leaf: Leaf) -> Part:
    return Part(
        tracking_id=message.tracking_id,
        position=position,
        media_type=leaf.media_type,
        name=None,
        content_id=leaf.content_id,
        content_location=leaf.content_location,
        size=len(leaf.data),
        sha256="",
        token="",
    )


def _dialect(options: argparse.Namespace) -> Dialect:
    """The profile, with the namespace and version that were asked for."""
    dialect = chosen_profile(options.profile)
    try:
        if options.namespace:
            dialect = replace(dialect, release=release_named(options.namespace), namespace="")
        elif options.version in NATURAL:
            dialect = replace(dialect, release=NATURAL[options.version], namespace="")
        if not (options.version or options.namespace):
            return dialect
        knobs = {"release": dialect.release.suffix} | ({"version": options.version} if options.version else {})
        checked = parse_profile(
            "[dialect]\n" + "".join(f"{key} = {json.dumps(knobs[key])}\n" for key in knobs), "--version"
        )
    except (ValueError, ProfileError) as error:
        raise Failed(str(error)) from error
    return replace(dialect, version=checked.version)
