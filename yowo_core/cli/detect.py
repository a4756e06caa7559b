"""yowo detect: a video in, tubes out."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from yowo_core import events
from yowo_core.annotations import FrameRange
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.frames import parse_frames
from yowo_core.cli.voice import Voice, reporter
from yowo_core.errors import ConfigError, CoreError
from yowo_core.event_log import EventLog
from yowo_core.folder_lock import locked
from yowo_core.formats import yowo_csv
from yowo_core.infer.annotate import TubeOptions, annotate
from yowo_core.infer.engine import open_engine
from yowo_core.infer.pipeline import ChunkStore, ClipChoice, analyse
from yowo_core.infer.postprocess import PostprocessConfig
from yowo_core.machine import index_folder
from yowo_core.models.shelf import find_model
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash
from yowo_core.video.naming import video_name

RUN_DIR_TUBES = "tubes.csv"
_NOT_BEGUN = "It was stopped before its first frame."
LOCK_SECONDS = 10.0
"""How long the worker of a window that has just gone may still write."""


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
    bank: Annotated[
        bool,
        typer.Option("--feature-bank", help="Average what is seen of the 64 frames around."),
    ] = False,
    share: Annotated[
        int, typer.Option(help="Key frames that one pass of the 3D network serves.")
    ] = 1,
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
    choice = ClipChoice(causal, still, bank, share)
    stop = stop_asked(on_stdin=stop_on_stdin)
    with Voice(events_out, _ended) as voice, _folder(run_dir) as folder:
        log = EventLog(run_dir, lambda _line: None) if run_dir else None

        def say(item: events.Event) -> None:
            if log is not None:
                log(item)
            voice.say(item)

        try:
            with open_video(video, index_folder=index_folder()) as reader:
                part = parse_frames(frames, len(reader)) or FrameRange(0, len(reader))
                weights = find_model(model)
                with ending_at_once(stop, lambda: say(events.Failed(_NOT_BEGUN)), status=1):
                    engine = open_engine(
                        weights, backend, device, share=share, bank=bank, prepares=_preparing(say)
                    )
                options = (PostprocessConfig(min_score=min_score), choice)
                chunks = folder / "chunks" / _mark(video, weights, options)
                store = ChunkStore(chunks, len(engine.labels))
                say(events.Started("detect", len(part)))
                report = reporter(len(part), "detecting", say, stop)
                found = analyse((reader, engine), part, store, options, report)
                if reader.notice:
                    say(events.Notice(f"{video}: {reader.notice}"))
                if lost := [f for f in reader.damaged if f in part]:
                    say(events.Notice(_lost(video, lost)))
                say(events.Progress(len(found), len(part), 0.0, 0.0, "linking"))
                name = video_name(video)
                settings = TubeOptions(min_score, spans, Path(model).stem)
                annotations = annotate(name, reader, found, engine.labels, settings)
                yowo_csv.write(annotations, target, times={name: reader.times})
        except (CoreError, OSError) as error:
            say(events.Failed(str(error)))
            raise
        tubes = sum(len(v.tubes) for v in annotations.videos)
        stopped = len(found) < len(part)
        say(events.Finished(str(target), stopped, {"frames": len(found), "tubes": tubes}))


@contextmanager
def _folder(run_dir: Path | None) -> Iterator[Path]:
    """The run folder, held against other programs, or one that goes again."""
    if run_dir is None:
        with tempfile.TemporaryDirectory() as spare:
            yield Path(spare)
        return
    run_dir.mkdir(parents=True, exist_ok=True)
    with locked(run_dir, LOCK_SECONDS):
        yield run_dir


def _preparing(say: Callable[[events.Event], None]) -> Callable[[], None]:
    return lambda: say(events.Progress(0, 0, 0.0, 0.0, "preparing"))


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
    told = ", ".join(_counted(item.facts[thing], thing) for thing in ("frames", "tubes"))
    return f"{end}: {told}: {item.result}"


def _counted(number: int, things: str) -> str:
    return f"{number} {things if number != 1 else things.removesuffix('s')}"
