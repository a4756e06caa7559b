"""yowo import-weights: what it prints, writes, fetches and refuses."""

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.yowo_core.weights.crafted import Call, Named, pickled, tensor, write_zip
from yowo_core.cli.main import run
from yowo_core.events import Failed, Finished, from_line
from yowo_core.input_spec import InputSpec
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.configs.yowov3 import YOWOv3Config
from yowo_core.models.create import build
from yowo_core.models.weights import save_model

CONFIG = YOWOv3Config("n", "shufflenetv2", 0.25, 16, 2, InputSpec(length=8, size=64))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "web" / "small.safetensors"
    path.parent.mkdir()
    save_model(path, build(CONFIG).state_dict(), ModelCard(CONFIG, ("a", "b"), {}), torch.float32)
    return path


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class' name
        """Silent."""


@pytest.fixture
def server(model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    handler = partial(_Handler, directory=str(model.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        made.daemon_threads = True
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()
        thread.join()


def _refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        run(["import-weights", *map(str, arguments)])
    assert ended.value.code == 1
    return capsys.readouterr().err


def _told(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as ended:
        run(["import-weights", *map(str, arguments)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_without_out_it_only_says_what_the_file_is(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _told(capsys, model)
    assert "classes      2\n" in told
    assert "Nothing is written" in told
    assert [p.name for p in model.parent.iterdir()] == [model.name]


def test_labels_and_a_new_head_are_written(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "names.txt").write_text("x\ny\nz\n")
    out = tmp_path / "out.safetensors"
    options = ("--new-head", "3", "--labels", tmp_path / "names.txt", "--json")
    told = json.loads(_told(capsys, model, out, *options))
    assert told["written"] == str(out)
    assert told["new_head"]["fresh"] == ["x", "y", "z"]
    assert read_card(out).labels == ("x", "y", "z")
    assert "is there already. Say --replace" in _refused(capsys, model, out)
    assert "written      " in _told(capsys, model, out, "--replace")
    assert read_card(out).labels == ("a", "b")


def test_an_address_is_fetched_and_its_checksum_looked_at(
    model: Path, server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = hashlib.sha256(model.read_bytes()).hexdigest()
    address, out, kept = f"{server}/{model.name}", tmp_path / "out.safetensors", tmp_path / "kept"
    said = _refused(capsys, address, out, "--sha256", "0" * 64, "--keep", kept)
    assert f"its SHA-256 is {right}, and {'0' * 64} was expected" in said.replace("\n", "")
    assert not out.exists()
    assert not kept.exists()
    _told(capsys, address, out, "--sha256", right, "--keep", kept)
    assert kept.read_bytes() == model.read_bytes()
    assert read_card(out).labels == ("a", "b")
    assert "answered 404" in _refused(capsys, f"{server}/none", out, "--replace")


def test_what_cannot_be_done_is_said_before_anything_is_fetched(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = "http://127.0.0.1:9/x.pth"
    assert "no such folder" in _refused(capsys, nowhere, tmp_path / "none" / "x")
    assert "is a folder" in _refused(capsys, nowhere, tmp_path)
    assert "go with an address" in _refused(capsys, model, "--sha256", "0" * 64)
    assert "no such file" in _refused(capsys, tmp_path / "none.pth")


def test_truncated_bombs_and_programs_are_refused_and_nothing_runs(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, mark = tmp_path / "out", tmp_path / "ran"
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(model.read_bytes()[:-1000])
    assert "ends in the middle" in _refused(capsys, cut, out)
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled({"a": tensor("0", np.ones(2, np.float32))}))
        archive.writestr("archive/data/0", bytes(50 << 20))
    assert str(bomb) in _refused(capsys, bomb, out)
    runs = Call(Named("posix", "system"), (f"touch {mark}",))
    path = write_zip(tmp_path / "runs.pth", pickled({"state_dict": {"a": runs}}))
    assert "Nothing of it was run" in _refused(capsys, path, out)
    assert not mark.exists()
    assert not out.exists()


def test_a_window_hears_events_and_errors(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.safetensors"
    event = from_line(_told(capsys, model, out, "--events"))
    assert isinstance(event, Finished)
    assert event.result == event.facts["written"] == str(out)
    assert event.facts["what"] == "model"
    assert ["classes", "2"] in event.facts["rows"]
    (tmp_path / "none.pth").write_bytes(b"nothing")
    with pytest.raises(SystemExit):
        run(["import-weights", str(tmp_path / "none.pth"), "--events"])
    failed = from_line(capsys.readouterr().out)
    assert isinstance(failed, Failed)
    assert "none.pth" in failed.message
