"""Speed and memory, measured by scripts of their own: python -m benchmarks.NAME."""
