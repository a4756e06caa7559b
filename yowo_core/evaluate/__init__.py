"""Metrics of spatio-temporal action detection on numpy."""
