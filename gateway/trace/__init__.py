"""Wire bytes of exchanges: what they say (explain.py). Recording, export and replay come with the store of traces."""
