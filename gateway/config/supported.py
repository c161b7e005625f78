"""What the settings can ask for and this version has not got. What it merely passes over is a warning (checks.py)."""

from gateway.config.values import Config


def refused(config: Config) -> tuple[str, ...]:
    """Why the gateway can't run with these settings, a line each, with what to write instead."""
    problems = []
    if config.store.path is None:
        problems.append("store.url: this version stores in SQLite only (sqlite:///PATH)")
    if config.store.media != "store":
        problems.append(f'store.media {config.store.media!r}: this version has only "store"')
    return tuple(problems)
