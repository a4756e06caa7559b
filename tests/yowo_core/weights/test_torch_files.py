import argparse
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.yowo_core.weights.crafted import Call, Named, pickled, tensor, write_legacy, write_zip
from yowo_core.errors import CheckpointError
from yowo_core.weights.read import read_tensors

FORMS = pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])


def _network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Sequential(nn.Linear(4, 4).half(), nn.ReLU())
    )


def _save(value: Any, path: Path, new: bool) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=new)
    return path


def _assert_same(path: Path, state: dict[str, Tensor]) -> None:
    found = read_tensors(path).tensors
    assert list(found) == list(state)
    for name, value in state.items():
        array = found[name]
        assert array.shape == value.shape
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert found.info()[name].dtype == str(value.dtype).removeprefix("torch.")
        expected = value.float() if value.dtype == torch.bfloat16 else value
        assert np.array_equal(array, expected.numpy())


@FORMS
def test_a_bare_state_dict(tmp_path: Path, new: bool) -> None:
    state = _network().state_dict()
    path = _save(state, tmp_path / "bare.pth", new)
    _assert_same(path, state)
    file = read_tensors(path)
    assert (file.container, file.place, file.prefix) == (
        "torch zip" if new else "torch legacy",
        "bare",
        "",
    )
    assert not file.left_out


@FORMS
def test_a_training_checkpoint_with_prefix_optimiser_and_namespace(
    tmp_path: Path, new: bool
) -> None:
    network = _network()
    optimiser = torch.optim.Adam(network[0].parameters())
    network[0](torch.ones(1, 3, 4, 4)).sum().backward()
    optimiser.step()
    whole = {
        "epoch": 7,
        "state_dict": nn.DataParallel(network).state_dict(),
        "optimizer": optimiser.state_dict(),
        "score": np.float64(0.75),
        "args": argparse.Namespace(dataset="ucf24", len_clip=16, lr=1e-4, root=Path("x"), gpu=None),
        "arch": "resnext-101",
        "hooks": [object],
    }
    path = _save(whole, tmp_path / "yowo.pth", new)
    _assert_same(path, network.state_dict())
    file = read_tensors(path)
    assert (file.place, file.prefix) == ("state_dict", "module.")
    assert file.facts == {
        "epoch": 7,
        "score": 0.75,
        "arch": "resnext-101",
        "args.dataset": "ucf24",
        "args.len_clip": 16,
        "args.lr": 1e-4,
    }
    assert set(file.left_out) == {"optimizer", "args", "hooks"}
    assert "optimiser" in file.left_out["optimizer"]


@FORMS
def test_every_type_of_number(tmp_path: Path, new: bool) -> None:
    kinds = ["float16", "float32", "float64", "bfloat16", "bool", "complex64"]
    kinds += ["uint8", "int8", "int16", "int32", "int64"]
    state = {k: torch.tensor([[0, 1], [2, 100]]).to(getattr(torch, k)) for k in kinds}
    state["one number"] = torch.tensor(2.5)
    state["none"] = torch.empty(0, 3)
    _assert_same(_save(state, tmp_path / "types.pt", new), state)


@FORMS
def test_views_transposed_sliced_expanded_and_sharing(tmp_path: Path, new: bool) -> None:
    whole = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    state = {
        "whole": whole,
        "transposed": whole.permute(2, 0, 1),
        "column": whole[:, 1:3, ::2],
        "row": whole[2, 3],
        "expanded": whole[0, 0, :1].expand(4, 6),
        "parameter": nn.Parameter(whole.double()),
    }
    with_plain = {k: v.detach() for k, v in state.items()}
    _assert_same(_save(state, tmp_path / "views.pt", new), with_plain)


def test_old_storages_that_are_parts_of_others(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype=np.float32)
    part = tensor("7", numbers[:2])
    key = part.args[0].key  # type: ignore[attr-defined]
    part.args[0].key = (*key[:4], 6, ("view", 3, 2))  # type: ignore[attr-defined]
    path = write_legacy(tmp_path / "o.pth", pickled({"a": part}), {"7": numbers.tobytes()})
    assert read_tensors(path).tensors["a"].tolist() == [3.0, 4.0]


def test_an_ordered_dictionary_as_python_2_wrote_it(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    pairs = [["module.a", tensor("1", numbers)], ["module.b", tensor("1", numbers.T)]]
    made = Call(Named("collections", "OrderedDict"), (pairs,))
    whole = {"state_dict": made, "arch": "resnet-18", "epoch": 50}
    path = write_legacy(tmp_path / "py2.pth", pickled(whole, 1), {"1": numbers.tobytes()})
    file = read_tensors(path)
    assert (file.prefix, list(file.tensors)) == ("module.", ["a", "b"])
    assert np.array_equal(file.tensors["b"], numbers.T)


def test_a_tensor_of_a_special_kind_is_left_out_with_its_reason(tmp_path: Path) -> None:
    state = {"a": torch.ones(2), "b": torch.eye(3).to_sparse()}
    file = read_tensors(_save(state, tmp_path / "sparse.pt", True))
    assert list(file.tensors) == ["a"]
    assert "sparse" in file.left_out["b"]


def test_numbers_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    path = _save({"a": torch.ones(4), "b": torch.zeros(4)}, tmp_path / "lazy.pt", True)
    file = read_tensors(path)
    first = file.tensors["a"]
    first[0] = 9
    assert file.tensors["a"][0] == 1
    path.unlink()
    with pytest.raises(CheckpointError, match="could not be read"):
        file.tensors["b"]


@FORMS
def test_a_checkpoint_without_weights_names_what_it_holds(tmp_path: Path, new: bool) -> None:
    path = _save({"epoch": 3, "loss": 0.5}, tmp_path / "none.pth", new)
    with pytest.raises(CheckpointError, match="holds no weights: it holds epoch, loss"):
        read_tensors(path)


@FORMS
def test_averaged_weights_are_preferred_and_the_others_named(tmp_path: Path, new: bool) -> None:
    whole = {"model": {"a": torch.zeros(2)}, "ema": {"a": torch.ones(2)}}
    file = read_tensors(_save(whole, tmp_path / "two.pt", new))
    assert file.place == "ema"
    assert file.tensors["a"].tolist() == [1, 1]
    assert "averaged" in file.left_out["model"]


# --- pickled modules of a package that is not installed ------------------------------------------


@pytest.fixture
def detection_model() -> Iterator[nn.Module]:
    """A module whose classes can be imported while the test writes it, and no longer after."""
    package, inner = types.ModuleType("ultralytics"), types.ModuleType("ultralytics.nn.tasks")

    class Conv(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, bias=False)
            self.bn = nn.BatchNorm2d(4)
            self.act = nn.SiLU()
            self.register_buffer("passing", torch.zeros(3), persistent=False)

    class DetectionModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = nn.Sequential(Conv(), nn.Upsample(2), Conv())
            self.names = {0: "person", 1: "bicycle"}
            self.yaml = {"nc": 2, "scale": "n", "backbone": [[-1, 1, "Conv"]]}
            self.stride = torch.tensor([8.0, 16.0])
            self.args = types.SimpleNamespace(box=7.5)
            self.criterion = None

    for kind in (Conv, DetectionModel):
        kind.__module__, kind.__qualname__ = inner.__name__, kind.__name__
        setattr(inner, kind.__name__, kind)
    sys.modules |= {"ultralytics": package, "ultralytics.nn.tasks": inner}
    torch.manual_seed(1)
    yield DetectionModel().half()
    sys.modules.pop("ultralytics", None)
    sys.modules.pop("ultralytics.nn.tasks", None)


def _forget_package() -> None:
    del sys.modules["ultralytics"], sys.modules["ultralytics.nn.tasks"]


@FORMS
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
@pytest.mark.parametrize("place", ["model", "ema"])
def test_a_pickled_module_of_an_unknown_package(
    tmp_path: Path, new: bool, place: str, detection_model: nn.Module
) -> None:
    whole: dict[str, Any] = {"epoch": -1, "best_fitness": None, "model": None, "ema": None}
    whole |= {place: detection_model, "optimizer": None, "version": "8.0.100"}
    whole |= {"train_args": {"imgsz": 640, "data": "coco.yaml"}, "date": "2023-05-01"}
    path = _save(whole, tmp_path / "yolov8n.pt", new)
    _forget_package()
    _assert_same(path, detection_model.state_dict())
    file = read_tensors(path)
    assert file.place == place
    assert "model.0.conv.weight" in file.tensors
    assert not any("passing" in name for name in file.tensors)
    assert file.facts["class"] == "ultralytics.nn.tasks.DetectionModel"
    assert file.facts["names"] == ("person", "bicycle")
    assert file.facts["yaml.scale"] == "n"
    assert file.facts["train_args.imgsz"] == 640
    assert "ultralytics" not in sys.modules


@FORMS
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_a_module_that_is_the_whole_file(tmp_path: Path, new: bool) -> None:
    network = _network()
    path = _save(network, tmp_path / "whole.pt", new)
    _assert_same(path, network.state_dict())
    assert read_tensors(path).facts["class"] == "torch.nn.modules.container.Sequential"


def test_a_module_kept_inside_an_averaging_record(tmp_path: Path) -> None:
    numbers = np.ones(2, np.float32)
    inside = {"_parameters": {"a": tensor("0", numbers)}, "_buffers": {}, "_modules": {}}
    module = Call(Named("somewhere.nn", "Net"), (), inside)
    average = Call(Named("somewhere.ema", "Average"), (), {"updates": 3, "module": module})
    path = write_zip(tmp_path / "e.pt", pickled({"ema": average}), {"0": numbers.tobytes()})
    file = read_tensors(path)
    assert (file.place, list(file.tensors)) == ("ema.module", ["a"])


def test_a_safetensors_file_is_known_whatever_its_first_byte_is(tmp_path: Path) -> None:
    """The first byte is the lowest of the header's length, which may be that of a pickle."""
    lengths = set()
    for text in range(0, 256, 8):
        path = tmp_path / f"{text}.safetensors"
        save_file({"a": torch.ones(2)}, path, {"text": "x" * text})
        lengths.add(path.read_bytes()[0])
        found = read_tensors(path)
        assert found.container == "safetensors"
        np.testing.assert_array_equal(found.tensors["a"], [1, 1])
    assert 0x80 in lengths
