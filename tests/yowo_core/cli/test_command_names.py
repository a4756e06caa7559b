"""Every subcommand takes files of any name: a leading dash, quotes, line breaks, no text at all."""

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from yowo_core.annotations import AnnotationSet
from yowo_core.cli.main import run
from yowo_core.formats import yowo_csv
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model
from yowo_core.video import open_video
from yowo_core.video.naming import video_name

NAMES = [
    "-x.mp4",
    "--spans.mp4",
    "a, \"b\" 'c'.mp4",
    "line\nbreak.mp4",
    "\u4eba \U0001f600 cafe\u0301.mp4",
    "x" * 251 + ".mp4",
    " blank .mp4",
    "file:%41.mp4",
    os.fsdecode(b"caf\xe9.mp4"),
]
LINUX = sys.platform == "linux"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOWO_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))
    path = tmp_path_factory.mktemp("models") / "-small.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("slide", "late"), {}))
    return path


def named(name: str, clip: Path) -> Path:
    """A copy of the clip under that name, in the folder where commands run."""
    if not LINUX and not name.isascii():
        pytest.skip("the name is not possible here")
    path = Path(name)
    shutil.copy(clip, path)
    return path


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_video_of_any_name_is_copied_and_analysed(
    name: str, square_clip: Path, small_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(name, square_clip)
    shutil.copy(small_model, "-small.safetensors")
    run_well("proxy", name, "copy.mov")
    with open_video(path) as source, open_video("copy.mov") as copy:
        assert len(copy) == len(source)
    options = ("--model", "-small.safetensors", "--out", "-found.csv", "--backend", "torch")
    run_well("detect", name, *options, "--frames", "0:3", "--events")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    assert told[-1]["event"] == "finished"
    read = yowo_csv.read(Path("-found.csv"))
    assert [video.name for video in read.annotations.videos] == [video_name(path)]
    assert read.problems == ()


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_labels_of_a_video_of_any_name_are_prepared_and_judged(
    name: str, square_clip: Path, square_labels: AnnotationSet, capsys: pytest.CaptureFixture[str]
) -> None:
    path = named(name, square_clip)
    (video,) = square_labels.videos
    renamed = AnnotationSet(square_labels.labels, (replace(video, name=video_name(path)),))
    yowo_csv.write(renamed, Path("-labels.csv"))
    run_well("prepare", "-labels.csv", "run", "--videos", ".")
    manifest = json.loads(Path("run/manifest.json").read_text(encoding="utf-8"))
    assert manifest["videos"][0]["path"] == str(path.resolve())
    capsys.readouterr()
    run_well("evaluate", "--truth", "-labels.csv", "--detections", "-labels.csv", "--json")
    assert json.loads(capsys.readouterr().out)["frame_map"]["0.5"] == 100


def test_a_run_folder_with_a_leading_dash_is_no_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("-run").mkdir()
    with pytest.raises(SystemExit):
        run(["train", "-run"])
    assert "is no run folder" in capsys.readouterr().err


def run_well(*arguments: str) -> None:
    """Run a command that ends well."""
    try:
        run(list(arguments))
    except SystemExit as end:
        assert not end.code, arguments  # noqa: PT017 every command ends with an exit
