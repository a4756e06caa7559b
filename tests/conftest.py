"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("untimed", deadline=None)  # speed is measured in benchmarks/
settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of footage, papers and fixtures beside the checkout; skips where it is not."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' does not stand beside the checkout")
    return SHARED
