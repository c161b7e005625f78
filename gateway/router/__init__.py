"""The middle: makes messages durable, finds the account of an MO and the message of a report, makes the events."""
