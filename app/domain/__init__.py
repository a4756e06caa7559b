"""Frozen values that a project adds to annotations."""
