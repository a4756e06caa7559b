"""Annotations, video, models, training and evaluation of action detection; no Qt, no database."""
