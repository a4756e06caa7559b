"""Clip sampling, augmentation and data sets built from a manifest."""
