"""Networks that cannot be trained yet are refused before anything is prepared."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner

from yowo_core.annotations import AnnotationSet
from yowo_core.cli.main import app
from yowo_core.data.prepare import prepare
from yowo_core.errors import ConfigError
from yowo_core.formats import yowo_csv
from yowo_core.models.card import ModelCard
from yowo_core.models.variants import variant
from yowo_core.train.config import TrainConfig, write_config
from yowo_core.train.loop import train
from yowo_core.train.trainable import check_start


def _file(path: Path, name: str) -> Path:
    card = ModelCard(variant(name).config(2), ("slide", "late"), {})
    save_file({"w": np.zeros(1)}, path, card.as_metadata())
    return path


def test_the_base_decides_and_without_one_the_name(tmp_path: Path) -> None:
    base = str(_file(tmp_path / "own.safetensors", "yowov3-tiny"))
    check_start(TrainConfig(base=base))
    check_start(TrainConfig(model="yowov3-large"))
    other = str(_file(tmp_path / "nano.safetensors", "yowov2-nano"))
    with pytest.raises(ConfigError, match="family yowov2 can be used but not trained yet"):
        check_start(TrainConfig(base=other))
    with pytest.raises(ConfigError, match="family yolov3"):
        check_start(TrainConfig(model="yolov3"))
    with pytest.raises(ConfigError, match="nearest names: yowov3-tiny"):
        check_start(TrainConfig(model="yowov3-tyny"))


def test_prepare_refuses_and_makes_nothing(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    yowo_csv.write(square_labels, tmp_path / "labels.csv")
    base = _file(tmp_path / "nano.safetensors", "yowov2-nano")
    run_dir = tmp_path / "run"
    paths = [str(tmp_path / "labels.csv"), str(run_dir), "--videos", str(square_clip.parent)]
    done = CliRunner().invoke(app, ["prepare", *paths, "--base", str(base)])
    assert isinstance(done.exception, ConfigError)
    assert "Train a YOWOv3" in str(done.exception)
    assert not run_dir.exists()
    assert CliRunner().invoke(app, ["prepare", *paths, "--base", "demo"]).exit_code == 0


def test_train_refuses_a_folder_that_was_prepared_for_one(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    name = square_labels.videos[0].name
    prepare(square_labels, {name: square_clip}, tmp_path / "run", held_out=0.2)
    base = _file(tmp_path / "nano.safetensors", "yowov2-nano")
    write_config(tmp_path / "run", TrainConfig(base=str(base)))
    with pytest.raises(ConfigError, match="family yowov2"):
        train(tmp_path / "run", lambda _event: None, lambda: False)
