"""The settings: one TOML file, the environment, and files for secrets, read once into one frozen value."""
