"""yowo see: pictures and numbers of where a model looks, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner, Result

from yowo_core.cli.main import app, run
from yowo_core.infer.heat import laid_over
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model
from yowo_core.video import open_video

SIDE = 64


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))
    spec = InputSpec(length=4, size=SIDE)
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, spec)
    path = tmp_path / "small.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("slide", "late"), {}))
    return path


def _see(clip: Path, model: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["see", str(clip), "--model", str(model), *more])


def _pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_each_branch_is_laid_over_the_frame_that_was_asked_for(
    square_clip: Path, model: Path, tmp_path: Path
) -> None:
    out, maps = tmp_path / "seen.png", tmp_path / "seen.npz"
    done = _see(square_clip, model, "--frame", "20", "--out", str(out), "--maps", str(maps))
    assert done.exit_code == 0
    assert sorted(p.name for p in tmp_path.glob("seen*")) == [
        "seen-2d.png",
        "seen-3d.png",
        "seen.npz",
    ]
    with open_video(square_clip) as reader:
        bare = reader.frame(20)
    with np.load(maps) as numbers:
        assert set(numbers) == {"2d", "3d"}
        for name, shown in numbers.items():
            assert shown.shape == (SIDE, SIDE)
            over = _pixels(tmp_path / f"seen-{name}.png").astype(int)
            assert over.shape == bare.shape
            np.testing.assert_array_equal(over, laid_over(bare, shown))


def test_a_program_hears_class_score_box_and_files(
    square_clip: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "seen.png"
    told = ("--class", "late", "--branch", "3d", "--events", "--causal", "--out", str(out))
    done = _see(square_clip, model, "--frame", "0", *told)
    assert done.exit_code == 0
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["event"] == "finished"
    facts = last["facts"]
    assert (facts["class"], facts["branches"], facts["files"]) == ("late", ["3d"], [str(out)])
    assert 0 < facts["score"] < 1
    assert len(facts["box"]) == 4
    assert out.is_file()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--frame", "40"), "--frame 40: the video has 40 frames, 0 to 39."),
        (("--frame", "3", "--class", "fly"), "no class 'fly'; it has: slide, late."),
        (("--frame", "3", "--branch", "4d"), "--branch '4d': the model has 2d, 3d, and both."),
        (("--frame", "3", "--device", "tpu"), "No device is called 'tpu'"),
    ],
)
def test_what_cannot_be_shown_is_a_sentence_and_leaves_nothing(
    square_clip: Path,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    sentence: str,
) -> None:
    out = tmp_path / "seen.png"
    with pytest.raises(SystemExit) as end:
        run(["see", str(square_clip), "--model", str(model), "--out", str(out), *more])
    assert end.value.code == 1
    assert sentence in capsys.readouterr().err
    assert not list(tmp_path.glob("seen*"))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((), "Say where to write"),
        (("--out", "seen.jpg"), "call it NAME.png"),
        (("--maps", "seen.png"), "call it NAME.npz"),
        (("--out", "no/such/seen.png"), "there is no folder no/such"),
    ],
)
def test_where_to_write_is_checked_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], more: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(SystemExit):
        run(["see", "missing.mp4", "--frame", "0", *more])
    assert sentence in capsys.readouterr().err
