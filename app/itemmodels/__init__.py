"""Qt models for lists and tables."""
