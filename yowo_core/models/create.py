"""Build a network from its name or its configuration."""

from yowo_core.models.variants import YOWOv3Config, variant
from yowo_core.models.yowov3 import YOWOv3


def create_model(name: str, num_classes: int) -> YOWOv3:
    """A freshly initialised network by variant name; ConfigError lists the known names."""
    return build(variant(name).config(num_classes))


def build(config: YOWOv3Config) -> YOWOv3:
    """A freshly initialised network of exactly this configuration."""
    return YOWOv3(config)
