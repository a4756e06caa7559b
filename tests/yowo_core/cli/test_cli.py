"""The command yowo on real files: what it prints, writes and refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yowo_core.annotations import AnnotationSet
from yowo_core.cli.frames import parse_frames
from yowo_core.cli.main import app, run
from yowo_core.errors import ConfigError
from yowo_core.formats import yowo_csv
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model
from yowo_core.train.config import read_config
from yowo_core.video import open_video

RUNNER = CliRunner()


@pytest.fixture
def labels_file(square_labels: AnnotationSet, tmp_path: Path) -> Path:
    yowo_csv.write(square_labels, tmp_path / "labels.csv")
    return tmp_path / "labels.csv"


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))
    path = tmp_path / "small.safetensors"
    save_model(path, build(config).state_dict(), ModelCard(config, ("slide", "late"), {}))
    return path


def test_labels_against_themselves_are_perfect(labels_file: Path) -> None:
    done = RUNNER.invoke(
        app,
        ["evaluate", "--truth", str(labels_file), "--detections", str(labels_file), "--json"],
    )
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["frame_map"] == {"0.5": 100, "0.75": 100}
    assert told["video_map"]["0.5:0.95"] == 100
    assert (told["localisation_recall"], told["classification_accuracy"]) == (100, 100)
    assert told["ignored"] == []
    assert told["per_class"]["late"]["truths"] == 16  # frames 20..35 of the labelled range


def test_a_part_of_the_frames_is_judged_alone(labels_file: Path) -> None:
    arguments = ["evaluate", "--truth", str(labels_file), "--detections", str(labels_file)]
    done = RUNNER.invoke(app, [*arguments, "--frames", "0:10", "--json"])
    assert set(json.loads(done.stdout)["per_class"]) == {"slide"}


def test_several_files_stand_side_by_side(labels_file: Path, tmp_path: Path) -> None:
    worse = tmp_path / "worse.csv"
    lines = labels_file.read_text().splitlines()
    worse.write_text("\n".join([*lines[: len(lines) // 2], "damaged,row"]) + "\n")
    arguments = ["evaluate", "--truth", str(labels_file), "--detections", str(labels_file)]
    done = RUNNER.invoke(app, [*arguments, "--detections", str(worse), "--json"])
    told = json.loads(done.stdout)
    assert told[str(labels_file)]["frame_map"]["0.5"] == 100
    assert told[str(worse)]["frame_map"]["0.5"] < 100
    assert any("worse.csv:line" in line for line in told[str(worse)]["ignored"])
    table = RUNNER.invoke(app, [*arguments, "--detections", str(worse)])
    assert "people localised" in table.stdout
    assert "worse.csv" in table.stdout


def test_ava_takes_thresholds_and_refuses_frames(tmp_path: Path) -> None:
    path = tmp_path / "ava.csv"
    path.write_text("v,0902,0.1,0.1,0.5,0.5,1,0.9\nv,0903,0.1,0.1,0.5,0.5,2,0.9\n")
    arguments = ["evaluate", "--truth", str(path), "--detections", str(path)]
    done = RUNNER.invoke(app, [*arguments, "--iou", "0.6", "--iou", "0.9", "--json"])
    assert json.loads(done.stdout)["frame_map"] == {"0.6": 100, "0.9": 100}
    refused = RUNNER.invoke(app, [*arguments, "--frames", "0:3"])
    assert "count seconds" in str(refused.exception)


def test_a_class_of_one_file_alone_stands_in_its_own_column(
    labels_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(labels_file.read_text().replace(",late,", ",strange,"))
    pair = ["--detections", str(labels_file), "--detections", str(other)]
    done = RUNNER.invoke(app, ["evaluate", "--truth", str(labels_file), *pair])
    row = next(line for line in done.stdout.splitlines() if "strange" in line)
    assert row.count("-") == 2  # no AP in either: unknown to the one, without truth in the other


def test_detect_writes_every_score_with_its_time(
    square_clip: Path, small_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    arguments = ["detect", str(square_clip), "--model", str(small_model), "--out", str(out)]
    done = RUNNER.invoke(app, [*arguments, "--backend", "torch", "--frames", "4:9", "--events"])
    assert done.exit_code == 0, done.output
    kinds = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    read = yowo_csv.read(out)
    assert not read.problems
    rows = [t for v in read.annotations.videos for t in v.tubes]
    assert rows
    assert {f for t in rows for f in t.frames.tolist()} <= set(range(4, 9))
    assert json.loads(out.with_suffix(".json").read_text())["videos"][0]["frames"] == 40


def test_a_run_folder_is_gone_on_from_by_the_same_analysis_only(
    square_clip: Path, small_model: Path, tmp_path: Path
) -> None:
    part = ["--run-dir", str(tmp_path / "run"), "--frames", "0:4", "--events", "--backend", "torch"]

    def asked(model: Path, *more: str) -> int:
        """How many frames had to be looked at."""
        call = ["detect", str(square_clip), "--model", str(model), *part, *more]
        done = RUNNER.invoke(app, call)
        assert done.exit_code == 0, done.output
        return sum(json.loads(x).get("stage") == "detecting" for x in done.stdout.splitlines())

    other = tmp_path / "other.safetensors"
    config = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))
    save_model(other, build(config).state_dict(), ModelCard(config, ("slide", "late"), {}))
    assert asked(small_model) > 0
    assert asked(small_model) == 0
    assert asked(other) > 0
    assert asked(small_model, "--still") > 0
    assert asked(small_model) == 0


def test_the_feature_bank_looks_ahead_so_it_is_not_for_what_plays(
    square_clip: Path, small_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    call = ["detect", str(square_clip), "--model", str(small_model), "--out", str(out)]
    done = RUNNER.invoke(app, [*call, "--feature-bank", "--frames", "0:2", "--backend", "torch"])
    assert done.exit_code == 0, done.output
    assert out.is_file()
    done = RUNNER.invoke(app, [*call, "--feature-bank", "--causal"])
    assert done.exit_code != 0
    assert "Leave one of the two out" in str(done.exception)


def test_brackets_in_a_name_are_told_as_they_are(
    square_clip: Path, small_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out [bold].csv"
    call = ["detect", str(square_clip), "--model", str(small_model), "--out", str(out)]
    done = RUNNER.invoke(app, [*call, "--backend", "torch", "--frames", "0:2"])
    assert done.exit_code == 0, done.output
    assert str(out) in done.stderr


def test_prepare_says_what_there_is_to_learn(
    labels_file: Path, square_clip: Path, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    done = RUNNER.invoke(
        app, ["prepare", str(labels_file), str(run_dir), "--videos", str(square_clip.parent)]
    )
    assert done.exit_code == 0, done.output
    assert {p.name for p in run_dir.iterdir()} >= {"manifest.json", "labels.csv", "config.json"}


def test_prepare_writes_what_a_class_score_is_to_cost(
    labels_file: Path, square_clip: Path, tmp_path: Path
) -> None:
    given = [str(labels_file), str(tmp_path / "run"), "--videos", str(square_clip.parent)]
    wanted = ["--class-loss", "enf", "--enf-alpha", "1.5", "--enf-beta", "0.99"]
    done = RUNNER.invoke(app, ["prepare", *given, *wanted, "--enf-weight", "effective"])
    assert done.exit_code == 0, done.output
    config = read_config(tmp_path / "run")
    assert (config.class_loss, config.enf_alpha) == ("enf", 1.5)
    assert (config.enf_beta, config.enf_weight) == (0.99, "effective")
    for option, value in (("--class-loss", "l2"), ("--enf-beta", "1"), ("--enf-weight", "both")):
        refused = RUNNER.invoke(app, ["prepare", *given, option, value])
        assert isinstance(refused.exception, ConfigError)
        assert option.removeprefix("--").replace("-", "_") in str(refused.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["detect", "nowhere.mp4", "--out", "x.csv"], "nowhere.mp4"),
        (["detect", "nowhere.mp4"], "--out"),
        (["detect", "nowhere.mp4", "--out", "no/x.csv"], "no folder"),
        (["train", "nowhere"], "no run folder"),
        (["evaluate", "--truth", "no.csv", "--detections", "no.csv"], "no.csv"),
    ],
)
def test_mistakes_end_with_a_sentence(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        run(arguments)
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert "yowo: " in told
    assert words in told


def test_models_lists_the_demo_and_the_networks() -> None:
    told = json.loads(RUNNER.invoke(app, ["models", "--json"]).stdout)
    assert [m["name"] for m in told["ready"]] == ["demo"]
    assert "yowov3-tiny" in [n["name"] for n in told["networks"]]


@pytest.mark.parametrize("option", ["--gently", "--events", "--stop-on-stdin"])
def test_options_of_preparing_need_a_model(option: str) -> None:
    done = RUNNER.invoke(app, ["models", option])
    assert isinstance(done.exception, ConfigError)
    assert "--ready MODEL" in str(done.exception)


def test_doctor_finds_this_machine_well() -> None:
    done = RUNNER.invoke(app, ["doctor", "--json"])
    found = {f["what"]: f for f in json.loads(done.stdout)}
    assert done.exit_code == 0, found
    assert found["model demo"]["state"] == "walk, read"


@pytest.mark.parametrize("text", ["5", "a:b", "9:3", "-1:4", "50:60"])
def test_impossible_frames_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_frames(text, 40)


def test_open_ended_frames_reach_the_end() -> None:
    part = parse_frames("10:", 40)
    assert part is not None
    assert (part.start, part.stop) == (10, 40)


def test_a_working_copy_is_made_and_told_of(square_clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.mov"
    done = RUNNER.invoke(app, ["proxy", str(square_clip), str(out), "--events"])
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [t["event"] for t in told][:1] + [t["event"] for t in told][-1:] == [
        "started",
        "finished",
    ]
    with open_video(square_clip) as source, open_video(out) as copy:
        assert told[0]["total"] == len(source) == len(copy)
    assert told[-1]["facts"]["bytes"] == out.stat().st_size
    assert told[-1]["stopped"] is False


def test_a_working_copy_that_is_stopped_leaves_nothing(square_clip: Path, tmp_path: Path) -> None:
    arguments = ["proxy", str(square_clip), str(tmp_path / "copy.mov")]
    done = RUNNER.invoke(app, [*arguments, "--events", "--stop-on-stdin"], input="stop\n")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["stopped"], told["result"]) == (True, "")
    assert not list(tmp_path.glob("*.mov")) + list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize(
    ("out", "sentence"), [("gone/copy.mov", "there is no folder"), ("copy.mp4", "NAME.mov")]
)
def test_a_working_copy_needs_a_place(
    out: str, sentence: str, square_clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(["proxy", str(square_clip), str(tmp_path / out)])
    assert sentence in capsys.readouterr().err
