"""Edits as values: applied in one transaction, each with its inverse and a note of change."""
