"""Both backends give the same, and a kept graph needs no torch."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from yowo_core.errors import CheckpointError, ConfigError, DataError
from yowo_core.folder_lock import is_locked
from yowo_core.infer.engine import detect, open_engine
from yowo_core.infer.onnx_cache import GRAPH
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model

ROOT = Path(__file__).resolve().parents[3]
WAIT = 120
SPEC = InputSpec(length=8, size=64)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC)
    path = tmp_path / "small.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("a", "b"), {}))
    return path


def test_onnx_runtime_equals_torch_and_is_kept(model: Path, tmp_path: Path) -> None:
    clip = np.random.default_rng(0).standard_normal((3, 8, 64, 64)).astype(np.float32)
    key = np.ascontiguousarray(clip[:, 3])
    torch_engine, onnx_engine = (open_engine(model, b, "cpu", 1) for b in ("torch", "onnx"))
    assert onnx_engine.labels == torch_engine.labels == ("a", "b")
    assert onnx_engine.spec == torch_engine.spec == SPEC
    for mine, theirs in zip(onnx_engine.run(clip, key), torch_engine.run(clip, key), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)
    script = (
        "import sys; from pathlib import Path; from yowo_core.infer.engine import open_engine; "
        "open_engine(Path(sys.argv[1]), 'onnx', 'cpu', 1); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(model)], check=True, timeout=60)
    assert len(list((tmp_path / "cache" / "onnx").glob("*.onnx"))) == 1


READY = [sys.executable, "-m", "yowo_core.cli.main", "models", "--ready"]


@pytest.mark.slow
def test_two_programs_that_prepare_the_same_model_leave_one_whole_graph(
    model: Path, tmp_path: Path
) -> None:
    pair = [subprocess.Popen([*READY, str(model), "--gently"], cwd=ROOT) for _ in range(2)]
    assert [process.wait(WAIT) for process in pair] == [0, 0]
    (graph,) = (tmp_path / "cache" / "onnx").glob("*.onnx")
    assert not [p for p in graph.parent.iterdir() if p.is_dir()]  # no drafts are left
    assert open_engine(model, "onnx", "cpu", 1, prepares=pytest.fail).labels == ("a", "b")


def test_preparing_ends_with_its_parent_and_keeps_nothing_from_the_next(
    model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / "onnx"
    call = [*READY, str(model), "--stop-on-stdin", "--events"]
    pipe = subprocess.PIPE
    with subprocess.Popen(call, stdin=pipe, stdout=pipe, cwd=ROOT, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert '"preparing"' in process.stdout.readline()
        process.stdin.close()
        assert process.wait(WAIT) == 1
        assert "stopped before the model was ready" in process.stdout.read()
    assert list(folder.glob("*.onnx")) == []
    assert not is_locked(folder)


class AskedError(Exception):
    """A graph was about to be made."""


@pytest.mark.parametrize("content", [b"", b"no graph"])
def test_a_damaged_graph_is_made_anew(model: Path, tmp_path: Path, content: bytes) -> None:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:24]
    damaged = tmp_path / "cache" / "onnx" / f"{digest}-{GRAPH}.onnx"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(content)

    def asked() -> None:
        raise AskedError

    with pytest.raises(AskedError):
        open_engine(model, "onnx", "cpu", 1, prepares=asked)
    assert not damaged.exists()


def test_unknown_backends_and_lost_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tensorflow"):
        open_engine(tmp_path / "m", "tensorflow")
    with pytest.raises(ConfigError, match="'gpu'"):
        open_engine(tmp_path / "m", "onnx", "gpu")
    for backend in ("onnx", "torch"):
        with pytest.raises(CheckpointError, match="no such model file"):
            open_engine(tmp_path / "m", backend)


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_a_clip_of_another_length_or_size_is_refused_with_both(model: Path, backend: str) -> None:
    engine = open_engine(model, backend, "cpu", 1)
    clip = np.zeros((3, 16, 96, 96), np.float32)
    wanted = "this network wants 8 frames of 64x64 pixels in 3 channels"
    with pytest.raises(DataError, match=f"The clip has 16 frames of 96x96 .* channels; {wanted}"):
        engine.run(clip, clip[:, 0])
    with pytest.raises(DataError, match=r"The key frame has 96x96 .* wants 64x64 pixels"):
        engine.run(np.zeros((3, 8, 64, 64), np.float32), clip[:, 0])
    with pytest.raises(DataError, match=r"The clip has the shape 8x64x64; .* 8 frames of 64x64"):
        engine.run(np.zeros((8, 64, 64), np.float32), clip[:, 0])
    pictures = np.zeros((5, 64, 64, 3), np.uint8)
    with pytest.raises(DataError, match="The clip has 5 frames of 64x64"):
        detect(engine, pictures, 0, (64, 64), PostprocessConfig())


def test_a_network_refuses_sides_that_it_cannot_see() -> None:
    network = build(YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, SPEC))
    clip = torch.zeros(1, 3, 8, 64, 64)
    with pytest.raises(DataError, match=r"clip of shape 1x3x8x64x60 .* multiples of 32"):
        network(clip[..., :60], clip[:, :, 0])
    with pytest.raises(
        DataError, match=r"clip's pictures have 64x64 pixels, its key frame .*32x32"
    ):
        network(clip, clip[:, :, 0, :32, :32])
    with pytest.raises(DataError, match="key frame of shape 3x64x64"):
        network(clip, clip[0, :, 0])
