"""Names, another head, another clip, half precision, and files that are ours or match half."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from yowo_core.errors import CheckpointError, ConfigError
from yowo_core.input_spec import InputSpec
from yowo_core.models.branch_card import Backbone, BranchCard
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.importing.backbones import build_backbone
from yowo_core.models.importing.data_sets import guess, names_of
from yowo_core.models.importing.importer import Import, Wishes, examined, planned, write
from yowo_core.models.importing.report import as_object, as_text
from yowo_core.models.weights import load_model, save_model

CONFIG = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 3, InputSpec(length=8, size=64))
NAMES = ("walk", "read", "sit")


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    path = tmp_path / "ours.safetensors"
    torch.manual_seed(1)
    card = ModelCard(CONFIG, NAMES, {"frame_map": 71.5})
    save_model(path, build(CONFIG).state_dict(), card, torch.float32)
    return path


def _plan(path: Path, *wishes: object) -> Import:
    return planned(examined(path), Wishes(*wishes))  # type: ignore[arg-type]


def test_our_own_file_is_told_as_such_and_stays_what_it_is(ours: Path, tmp_path: Path) -> None:
    plan = _plan(ours)
    assert "YOWO Studio already" in as_text(plan)
    assert as_object(plan)["labels"] == list(NAMES)
    write(plan, tmp_path / "again.safetensors")
    (old, card), (new, again) = load_model(ours), load_model(tmp_path / "again.safetensors")
    assert again == card
    for name, value in old.state_dict().items():
        assert torch.equal(new.state_dict()[name], value)


def test_names_of_the_same_number_name_the_outputs(ours: Path, tmp_path: Path) -> None:
    plan = _plan(ours, ("a", "b", "c"))
    assert plan.head is None
    write(plan, tmp_path / "named.safetensors")
    assert load_model(tmp_path / "named.safetensors")[1].labels == ("a", "b", "c")
    with pytest.raises(ConfigError, match="Two classes are called 'a'"):
        _plan(ours, ("a", "b", "a"))


def test_a_new_head_starts_fresh_and_its_tensors_are_named(ours: Path, tmp_path: Path) -> None:
    plan = _plan(ours, (), 5)
    told = as_object(plan)
    assert told["new_head"]["fresh"] == [f"class-{n}" for n in range(1, 6)]
    assert told["new_head"]["tensors"][0] == "cls.predict.0.2.weight"
    assert "train before use" in as_text(plan)
    write(plan, tmp_path / "five.safetensors")
    (old, _), (new, card) = load_model(ours), load_model(tmp_path / "five.safetensors")
    assert (card.config.num_classes, len(card.labels)) == (5, 5)
    fresh = set(told["new_head"]["tensors"])
    before, after = old.state_dict(), new.state_dict()
    assert {n for n in after if after[n].shape != before[n].shape} == fresh
    assert all(torch.equal(after[n], before[n]) for n in after if n not in fresh)
    write(plan, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (
        tmp_path / "five.safetensors"
    ).read_bytes()


def test_a_new_head_of_the_same_size_is_fresh_too(ours: Path, tmp_path: Path) -> None:
    plan = _plan(ours, NAMES, 3)
    assert plan.head
    assert plan.head.fresh == NAMES
    write(plan, tmp_path / "new.safetensors")
    name = "cls.predict.1.2.weight"
    old, new = load_file(ours), load_file(tmp_path / "new.safetensors")
    assert not (old[name] == new[name]).any()


def test_names_of_another_number_keep_the_rows_they_share(ours: Path, tmp_path: Path) -> None:
    plan = _plan(ours, ("sit", "wave"))
    assert plan.head
    assert (plan.head.known, plan.head.fresh) == (("sit",), ("wave",))
    write(plan, tmp_path / "two.safetensors")
    name = "cls.predict.2.2.weight"
    old, new = load_file(ours), load_file(tmp_path / "two.safetensors")
    assert torch.equal(new[name][0], old[name][NAMES.index("sit")])
    with pytest.raises(ConfigError, match="new head for 4 classes, but 2 names"):
        _plan(ours, ("sit", "wave"), 4)


def test_another_clip_and_half_precision(ours: Path, tmp_path: Path) -> None:
    state = load_file(ours)
    state["spatial.stage1.norm.running_var"][0] = 1e6
    save_model(ours, state, ModelCard(CONFIG, NAMES, {}), torch.float32)
    write(_plan(ours, (), 0, 32, True), tmp_path / "half.safetensors")
    card = load_model(tmp_path / "half.safetensors")[1]
    assert card.config == replace(CONFIG, input=replace(CONFIG.input, length=32))
    kept = load_file(tmp_path / "half.safetensors")
    assert torch.equal(
        kept["spatial.stage1.norm.running_var"], state["spatial.stage1.norm.running_var"]
    )
    assert kept["spatial.stage1.conv.weight"].dtype == torch.float16
    assert (tmp_path / "half.safetensors").stat().st_size < 0.6 * ours.stat().st_size


def test_the_file_itself_is_never_written_over(ours: Path) -> None:
    before = ours.read_bytes()
    with pytest.raises(CheckpointError, match="is the file that is imported"):
        write(_plan(ours), ours)
    assert ours.read_bytes() == before


def test_values_that_are_no_numbers_are_told(ours: Path, tmp_path: Path) -> None:
    state = load_file(ours)
    state["spatial.stage1.conv.weight"][0] = torch.nan
    save_model(ours, state, ModelCard(CONFIG, NAMES, {}), torch.float32)
    (said,) = write(_plan(ours), tmp_path / "x.safetensors")
    assert said.startswith("spatial.stage1.conv.weight holds 27 values that are no numbers")


def _with_card(path: Path, state: dict[str, torch.Tensor]) -> Path:
    save_file(state, path, ModelCard(CONFIG, NAMES, {}).as_metadata())
    return path


def test_a_file_that_matches_half_tells_what_is_missing_and_left(
    ours: Path, tmp_path: Path
) -> None:
    state = load_file(ours)
    missing = [name for name in build(CONFIG).state_dict() if name.startswith("box.fuse.0.")]
    kept = {name: value for name, value in state.items() if name not in missing}
    kept["extra.weight"] = torch.zeros(2)
    kept["spatial.stage1.conv.weight"] = torch.zeros(1, 3, 3, 3)
    kept["cls.predict.0.2.bias"] = torch.zeros(3, dtype=torch.int64)
    path = _with_card(tmp_path / "half.safetensors", kept)
    with pytest.raises(CheckpointError) as raised:
        examined(path)
    told = str(raised.value)
    learnt = [name for name in missing if not name.endswith("num_batches_tracked")]
    assert f"missing, in our names: {len(learnt)}: {', '.join(learnt[:10])} and " in told
    assert "left over in the file: 1: extra.weight" in told
    assert "spatial.stage1.conv.weight (1x3x3x3 instead of 16x3x3x3)" in told
    assert "cls.predict.0.2.bias (numbers of the type int64)" in told
    assert "Nothing was imported" in told


def test_an_unknown_file_is_told_as_such(tmp_path: Path) -> None:
    save_file({"a.b": torch.zeros(3), "c": torch.ones(2)}, tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match=r"2 tensors, and none of them is known .* a\.b, c"):
        examined(tmp_path / "x.safetensors")


def test_the_nearest_networks_are_named(tmp_path: Path) -> None:
    network = build_backbone(Backbone("3d", "shufflenetv2", width=0.25))
    state = {f"conv1.{k}": v for k, v in network.stem.state_dict().items()}  # type: ignore[union-attr]
    save_file(state, tmp_path / "stem.safetensors")
    with pytest.raises(CheckpointError, match=r"3D ShuffleNetV2 .*5 of its .* 100% of the file"):
        examined(tmp_path / "stem.safetensors")


def test_our_backbone_is_told_as_such(tmp_path: Path) -> None:
    backbone = Backbone("3d", "shufflenetv2", width=0.25)
    card = BranchCard(backbone, {"licence": "mine"})
    path = tmp_path / "b.safetensors"
    save_file(build_backbone(backbone).state_dict(), path, card.as_metadata())
    plan = _plan(path)
    assert (plan.found.subject, plan.found.ours, plan.found.licence) == (backbone, True, "mine")


def test_guesses_are_told_as_such() -> None:
    assert str(guess(24, {})) == "UCF101-24 (a guess: it has 24 classes as well)"
    assert guess(24, {"args.dataset": "mine"}).how == "the file says so"
    assert str(guess(7, {})) == "unknown (no known data set has 7 classes)"
    assert names_of(2, {}).names == ("class-1", "class-2")
    assert names_of(2, {"names": ("a", "b")}).names == ("a", "b")
    counts = {n: len(set(names_of(n, {}).names)) for n in (21, 24, 80)}
    assert counts == {21: 21, 24: 24, 80: 80}
    assert not np.isin(["class-1"], names_of(80, {}).names).any()
