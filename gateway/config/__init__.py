"""The settings: one TOML file, the environment, and files for secrets, read once into one frozen value."""

from gateway.config.load import load, parse
from gateway.config.supported import refused
from gateway.config.values import Config, ConfigError, Listen, MediaRules, Network, Server, Store

__all__ = ["Config", "ConfigError", "Listen", "MediaRules", "Network", "Server", "Store", "load", "parse", "refused"]
