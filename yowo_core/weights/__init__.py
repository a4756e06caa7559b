"""Tensors out of anybody's weight file, without running anything of it; free of torch."""
