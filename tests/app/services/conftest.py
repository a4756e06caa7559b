"""Real videos whose frames tell their number, and a real, tiny model."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.services.background import Background
from app.services.frame_source import FrameSource
from app.services.job_runner import JobRunner
from benchmarks.barcode_clip import ClipForm, write_clip

ROOT = Path(__file__).resolve().parents[3]
FORM = ClipForm(options={"g": "12", "bf": "2", "preset": "ultrafast"})
LONG = ClipForm(options={"g": "300", "keyint_min": "300", "bf": "2", "sc_threshold": "0"})

MAKE_MODEL = """
import sys
from dataclasses import replace
from pathlib import Path
import torch
from yowo_core.models.card import ModelCard
from yowo_core.models.create import build
from yowo_core.input_spec import InputSpec
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model

torch.manual_seed(0)
config = replace(variant("yowov3-tiny").config(2), input=InputSpec(length=8, size=64))
model = build(config)
for layer in model.cls.last_layers():
    layer.bias.data.fill_(1.0)  # an untrained model that is sure of everything
save_model(Path(sys.argv[1]), model.state_dict(), ModelCard(config, ("walk", "read"), {}))
"""


MAKE_NANO = """
import sys
from dataclasses import replace
from pathlib import Path
import torch
from yowo_core.models.card import ModelCard
from yowo_core.models.create import build
from yowo_core.models.variants import variant
from yowo_core.models.weights import save_model

torch.manual_seed(0)
config = variant("yowov2-nano").config(2)
config = replace(config, input=replace(config.input, length=8, size=64))
model = build(config)
for layer in (*model.confidence, *model.classes):
    layer.bias.data.fill_(1.0)  # an untrained model that is sure of everything
save_model(Path(sys.argv[1]), model.state_dict(), ModelCard(config, ("jump", "sit"), {}))
"""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames, 30 a second, a key frame every 12."""
    path = tmp_path_factory.mktemp("videos") / "clip.mp4"
    return write_clip(path, range(60), FORM, Fraction(1, 30))


@pytest.fixture(scope="session")
def long_gop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 frames with only one key frame."""
    path = tmp_path_factory.mktemp("videos") / "long.mp4"
    return write_clip(path, range(300), LONG, Fraction(1, 30))


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 frames whose gaps are 20 ms, but 300 ms after frame 5."""
    times = [20 * n + (280 if n > 5 else 0) for n in range(12)]
    return write_clip(tmp_path_factory.mktemp("videos") / "uneven.mp4", times, FORM)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained YOWOv3-Tiny for clips of 8 frames at 64 pixels with the classes walk, read."""
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(path)], check=True, cwd=ROOT, timeout=120)
    return path


@pytest.fixture(scope="session")
def nano_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained YOWOv2-Nano for clips of 8 frames at 64 pixels with the classes jump, sit."""
    path = tmp_path_factory.mktemp("models") / "nano.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_NANO, str(path)], check=True, cwd=ROOT, timeout=120)
    return path


@pytest.fixture
def source(qapp: object) -> Iterator[FrameSource]:
    made = FrameSource()
    yield made
    made.shutdown()


@pytest.fixture
def small_source(qapp: object) -> Iterator[FrameSource]:
    made = FrameSource(cache_bytes=2 * 1024 * 1024)
    yield made
    made.shutdown()


@pytest.fixture
def runner(qapp: object) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    made.shutdown()


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    made = Background()
    yield made
    made.shutdown()


@pytest.fixture
def opened(source: FrameSource, qtbot: QtBot) -> Callable[[Path], FrameSource]:
    """Opens a video in the source and waits until it is open."""

    def open_and_wait(path: Path) -> FrameSource:
        with qtbot.waitSignal(source.opened, timeout=30_000):
            source.open(path)
        return source

    return open_and_wait
