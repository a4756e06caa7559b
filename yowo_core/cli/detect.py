"""yowo detect: a video in, tubes out."""

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.annotations import FrameRange
from yowo_core.cli.asked_to_stop import stop_asked
from yowo_core.cli.frames import parse_frames
from yowo_core.cli.voice import Voice, reporter
from yowo_core.errors import ConfigError, CoreError
from yowo_core.formats import yowo_csv
from yowo_core.infer.annotate import TubeOptions, annotate
from yowo_core.infer.engine import open_engine
from yowo_core.infer.pipeline import ChunkStore, ClipChoice, analyse
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.machine import index_folder
from yowo_core.models.shelf import find_model
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash

RUN_DIR_TUBES = "tubes.csv"


def detect(
    video: Annotated[Path, typer.Argument(help="The video to analyse.")],
    model: Annotated[str, typer.Option(help="'demo' or the path of a model file.")] = "demo",
    out: Annotated[Path | None, typer.Option(help="CSV to write; its facts go to a .json.")] = None,
    frames: Annotated[str, typer.Option(help="Only frames A:B, B not included.")] = "",
    min_score: Annotated[float, typer.Option(help="Leave out scores below this.")] = 0.005,
    spans: Annotated[
        bool, typer.Option("--spans", help="Tubes with action spans instead of every score.")
    ] = False,
    still: Annotated[
        bool, typer.Option("--still", help="Feed clips of the key frame alone: motion's worth.")
    ] = False,
    causal: Annotated[
        bool, typer.Option("--causal", help="Key frame last in its clip, as while playing.")
    ] = False,
    backend: Annotated[str, typer.Option(help="onnx or torch.")] = "onnx",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    run_dir: Annotated[
        Path | None, typer.Option(help="Keep finished frames here and go on from them.")
    ] = None,
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
    events_out: Annotated[
        bool, typer.Option("--events", help="Print JSON-line events on standard output.")
    ] = False,
) -> None:
    """Detect actions in a video and write them as tubes."""
    target = out or (run_dir / RUN_DIR_TUBES if run_dir else None)
    if target is None:
        raise ConfigError("Say where to write: --out tubes.csv, or --run-dir FOLDER.")
    if out is not None and not out.absolute().parent.is_dir():
        raise ConfigError(f"{out}: there is no folder {out.parent}. Make it or choose another.")
    stop = stop_asked(on_stdin=stop_on_stdin)
    with Voice(events_out, _ended) as voice:
        try:
            with open_video(video, index_folder=index_folder()) as reader:
                part = parse_frames(frames, len(reader)) or FrameRange(0, len(reader))
                weights = find_model(model)
                engine = open_engine(weights, backend, device)
                options = (PostprocessConfig(min_score=min_score), ClipChoice(causal, still))
                voice.say(events.Started("detect", len(part)))
                with tempfile.TemporaryDirectory() as spare:
                    folder = (run_dir or Path(spare)) / "chunks" / _mark(video, weights, options)
                    store = ChunkStore(folder, len(engine.labels))
                    report = reporter(len(part), "detecting", voice.say, stop)
                    found = analyse((reader, engine), part, store, options, report)
                if reader.notice:
                    voice.say(events.Notice(f"{video}: {reader.notice}"))
                if lost := [f for f in reader.damaged if f in part]:
                    voice.say(events.Notice(_lost(video, lost)))
                settings = TubeOptions(min_score, spans, Path(model).stem)
                annotations = annotate(video.name, reader, found, engine.labels, settings)
                yowo_csv.write(annotations, target, times={video.name: reader.times})
        except (CoreError, OSError) as error:
            voice.say(events.Failed(str(error)))
            raise
        tubes = sum(len(v.tubes) for v in annotations.videos)
        stopped = len(found) < len(part)
        voice.say(events.Finished(str(target), stopped, {"frames": len(found), "tubes": tubes}))


def _mark(video: Path, weights: Path, options: tuple[PostprocessConfig, ClipChoice]) -> str:
    """Stands for all that detections depend on: only those of the same are gone on from."""
    model = hashlib.sha256(weights.read_bytes()).hexdigest()
    told = f"{content_hash(video)} {model} {options}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _lost(video: Path, frames: list[int]) -> str:
    told = ", ".join(str(f) for f in frames[:5]) + (", ..." if len(frames) > 5 else "")
    return f"{video}: {len(frames)} frames are damaged and have no detections: {told}."


def _ended(item: events.Finished) -> str:
    end = "stopped early" if item.stopped else "done"
    return f"{end}: {item.facts['frames']} frames, {item.facts['tubes']} tubes: {item.result}"
