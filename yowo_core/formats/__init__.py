"""Interchange formats, one file a format: to and from AnnotationSet."""
