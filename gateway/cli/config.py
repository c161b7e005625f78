"""`mm7 config check`: whether the settings can be used, and what is in effect."""

import argparse

from yarl import URL

from gateway.cli.common import Commands, add_config_option, add_json_option, command, load_config, print_json, table


def add_to(commands: Commands) -> None:
    parser = command(commands, "config", "Look at the settings.", "  mm7 config check --config gateway.toml")
    inner = parser.add_subparsers(metavar="check", required=True)
    check = command(
        inner,
        "check",
        "Say whether the settings can be used; every problem is listed, with the way out.",
        "  mm7 config check --config gateway.toml",
    )
    add_config_option(check)
    add_json_option(check)
    check.set_defaults(run=run)


def _shown(url: str) -> str:
    """A URL without the password that may be in it."""
    return str(URL(url).with_password(None)) if "@" in url else url


def run(options: argparse.Namespace) -> int:
    config = load_config(options.config)
    if options.json:
        print_json(
            {
                "listen": str(config.server.listen),
                "operator_listen": str(config.server.operator_listen),
                "store": _shown(config.store.url),
                "carriers": [carrier.name for carrier in config.carriers],
                "accounts": [account.name for account in config.accounts],
                "warnings": list(config.warnings),
                "digest": config.digest,
            }
        )
        return 0
    print(f"listen {config.server.listen}, operator {config.server.operator_listen}, store {_shown(config.store.url)}")
    if config.carriers:
        rows = [(carrier.name, carrier.dialect.name, carrier.url) for carrier in config.carriers]
        print(table(("CARRIER", "PROFILE", "URL"), rows))
    if config.accounts:
        rows = [(account.name, account.kind, ", ".join(account.senders)) for account in config.accounts]
        print(table(("ACCOUNT", "KIND", "SENDERS"), rows))
    for warning in config.warnings:
        print(f"warning: {warning}")
    print("the settings can be used")
    return 0
