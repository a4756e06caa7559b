"""Anybody's weight files into ours: what they are, what is left out, whose licence they carry."""
