"""Reusable widgets that know nothing of projects."""
