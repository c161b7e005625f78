"""The content of a message: media types, slides and the SMIL that a handset shows them by. No network, no store."""
