"""Linking detections into tubes, action spans, interpolation and trimming."""
