"""Both backends give the same, and a kept graph needs no torch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.infer.engine import open_engine
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model

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


def test_unknown_backends_and_lost_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tensorflow"):
        open_engine(tmp_path / "m", "tensorflow")
    with pytest.raises(ConfigError, match="'gpu'"):
        open_engine(tmp_path / "m", "onnx", "gpu")
    for backend in ("onnx", "torch"):
        with pytest.raises(CheckpointError, match="no such model file"):
            open_engine(tmp_path / "m", backend)
