"""Label assignment: which predictions answer for which ground truth."""
