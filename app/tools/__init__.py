"""Canvas tools as plain state machines."""
