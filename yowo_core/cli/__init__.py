"""The command yowo."""
