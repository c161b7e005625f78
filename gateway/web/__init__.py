"""What every face does with an HTTP request before it knows what it says: who may speak, and how much we read."""
