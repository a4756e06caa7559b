"""Torch-free table of every network that can be built by name, one part a family."""

import difflib

from yowo_core.errors import ConfigError
from yowo_core.models.configs import (
    center3d,
    improved_yowo,
    linknet,
    yolov3,
    yowo,
    yowoplus,
    yowov2,
    yowov3,
)
from yowo_core.models.configs.variant import Variant

VARIANTS: tuple[Variant, ...] = (
    *yowo.VARIANTS,
    *yowoplus.VARIANTS,
    *yowov2.VARIANTS,
    *center3d.VARIANTS,
    *improved_yowo.VARIANTS,
    *yolov3.VARIANTS,
    *linknet.VARIANTS,
    *yowov3.VARIANTS,  # last: its grid is long
)


def variant(name: str) -> Variant:
    """Look a variant up by name; ConfigError lists the known names, the nearest first."""
    known = {v.name: v for v in VARIANTS}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=8, cutoff=0.0)
    raise ConfigError(f"No model is called {name!r}; the nearest names: {', '.join(near)}.")
