"""The demonstration: real parts talking to each other over real sockets, and a commentary on what they say."""
