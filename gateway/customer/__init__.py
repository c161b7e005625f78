"""The north face: what accounts are told, and where they fetch the content of an MO."""
