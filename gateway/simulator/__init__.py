"""The other end, to test against: an MMSC. It is a peer: nothing of the gateway's rooms above the protocol is in it."""
