"""The command `mm7`: one module a command, and here the table of them."""

from gateway.cli.commands import main

__all__ = ["main"]
