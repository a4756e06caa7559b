"""Data that ships with the program: the demo, label maps, icons; no code."""
