"""Training: configuration, run folder, loop, schedule, averaging."""
