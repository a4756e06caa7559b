"""Official checkpoints, one family a file: what a file is, and its tensors under our names."""
