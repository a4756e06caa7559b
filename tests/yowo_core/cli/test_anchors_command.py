"""yowo anchors: from labels to a network with their anchors."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from yowo_core.annotations import AnnotationSet, Tube
from yowo_core.cli.main import app, run
from yowo_core.data.prepare import prepare
from yowo_core.errors import ConfigError, DataError
from yowo_core.formats import yowo_csv
from yowo_core.models.configs.anchors import read_anchors, with_anchors
from yowo_core.models.create import create_model
from yowo_core.models.variants import variant

RUNNER = CliRunner()


@pytest.fixture
def labels(square_labels: AnnotationSet, tmp_path: Path) -> Path:
    """The square's labels with a second, larger actor in frames 0 to 9."""
    video = square_labels.videos[0]
    boxes = np.array([[0, 0, 48, 64]] * 2, np.float64)
    second = Tube("b", np.array([0, 9], np.int64), boxes, ())
    both = AnnotationSet(square_labels.labels, (replace(video, tubes=(*video.tubes, second)),))
    yowo_csv.write(both, tmp_path / "labels.csv")
    return tmp_path / "labels.csv"


def test_anchors_of_labels_shape_a_network(labels: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["anchors", str(labels), "--size", "96", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    np.testing.assert_allclose(told["anchors"], [[20, 45], [48, 96]])
    assert (told["boxes"], told["skipped"], told["mean_iou"]) == (46, 0, pytest.approx(1))
    assert [row["count"] for row in told["compared"]] == [1, 2]
    assert told["compared"][1]["inertia"] == pytest.approx(0)
    path = tmp_path / "anchors.json"
    path.write_text(done.stdout)
    anchors = read_anchors(path, 192)
    np.testing.assert_allclose(anchors, [[40, 90], [96, 192]])
    with torch.device("meta"):
        model = create_model("yowo-resnet18", 3, anchors)
    assert model.config == replace(variant("yowo-resnet18").config(3), anchors=anchors)  # type: ignore[type-var]
    maps = model(
        torch.zeros(1, 3, 8, 192, 192, device="meta"), torch.zeros(1, 3, 192, 192, device="meta")
    )
    assert maps[0].shape == (1, 2 * (5 + 3), 6, 6)


def test_a_person_sees_what_was_compared_and_taken(labels: Path) -> None:
    arguments = ["--count", "1", "--size", "96", "--distance", "euclidean"]
    done = RUNNER.invoke(app, ["anchors", str(labels), *arguments])
    assert done.exit_code == 0, done.output
    assert "46 boxes in an input of 96 pixels" in done.output
    assert "taken" in done.output
    assert "26.1" in done.output  # the mean of 36 widths of 20 and 10 of 48


def test_a_run_folder_gives_its_frames_to_learn_from(
    square_labels: AnnotationSet, square_clip: Path, tmp_path: Path
) -> None:
    prepare(square_labels, {square_clip.name: square_clip}, tmp_path / "run", held_out=0.25)
    done = RUNNER.invoke(app, ["anchors", str(tmp_path / "run"), "--json"])
    assert json.loads(done.stdout)["boxes"] == 27


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--count", "3"], "only 2 different sizes: 3 anchors"),
        (["--count", "0"], "--count is a number from 1 on, or auto, not '0'"),
        (["--count", "some"], "not 'some'"),
        (["--distance", "far"], "'far'; known: iou, euclidean"),
        (["--size", "0"], "An input of 0 pixels is none"),
    ],
)
def test_what_cannot_be_done_is_said(
    labels: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(["anchors", str(labels), *arguments])
    assert said in capsys.readouterr().err


def test_networks_without_anchor_boxes_refuse_them() -> None:
    with pytest.raises(ConfigError, match="yowov3 have no anchor boxes"):
        with_anchors(variant("yowov3-tiny").config(2), ((10, 20),))


@pytest.mark.parametrize("text", ["", "[]", '{"size": 0, "anchors": [[1, 2]]}', '{"size": 224}'])
def test_a_file_without_anchors_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"a\.json holds no anchors"):
        read_anchors(path, 224)
