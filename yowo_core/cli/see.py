"""yowo see: where the model looks in one frame of a video, as pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image

from yowo_core import events
from yowo_core.annotations import FrameRange
from yowo_core.cli.asked_to_stop import ending_at_once, stop_asked
from yowo_core.cli.voice import Voice
from yowo_core.errors import ConfigError, CoreError, VideoError
from yowo_core.infer.heat import laid_over
from yowo_core.infer.pipeline import ClipChoice, clips
from yowo_core.input_spec import InputSpec
from yowo_core.machine import index_folder
from yowo_core.models.card import read_card
from yowo_core.models.shelf import find_model
from yowo_core.video import VideoReader, open_video
from yowo_core.video.clips import normalised

if TYPE_CHECKING:
    from yowo_core.infer.activation import Activation

_STOPPED = "It was stopped before it was done."
Clip = tuple[NDArray[np.uint8], int]


def see(
    video: Annotated[Path, typer.Argument(help="The video.")],
    frame: Annotated[int, typer.Option(help="The frame, from 0 on.")],
    out: Annotated[
        Path | None, typer.Option(help="PNG to write; two branches go to NAME-2d and NAME-3d.")
    ] = None,
    action: Annotated[
        str, typer.Option("--class", help="The class; that of the best detection without it.")
    ] = "",
    branch: Annotated[str, typer.Option(help="2d, 3d or both: all that it has.")] = "both",
    model: Annotated[str, typer.Option(help="'demo' or the path of a model file.")] = "demo",
    maps: Annotated[
        Path | None, typer.Option(help="NPZ to write: the maps as numbers of 0..1.")
    ] = None,
    causal: Annotated[
        bool, typer.Option("--causal", help="Key frame last in its clip, as while playing.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    stop_on_stdin: Annotated[
        bool, typer.Option("--stop-on-stdin", help="Stop at a line or end of standard input.")
    ] = False,
    events_out: Annotated[
        bool, typer.Option("--events", help="Print JSON-line events on standard output.")
    ] = False,
) -> None:
    """Show where the model looks in a frame, in the picture and in the motion before it."""
    _check_places(out, maps)
    stop = stop_asked(on_stdin=stop_on_stdin)
    with Voice(events_out, _ended) as voice:
        ending = ending_at_once(stop, lambda: voice.say(events.Failed(_STOPPED)), status=1)
        try:
            with ending, open_video(video, index_folder=index_folder()) as reader:
                voice.say(events.Started("see", 1))
                weights = find_model(model)
                card = read_card(weights)
                number = _number(action, card.labels)
                clip = _clip(reader, frame, card.config.input, ClipChoice(causal))
                seen = _seen(weights, clip, number, device)
                kept = _kept(branch, seen)
                facts = _facts(seen, card.labels, (reader.width, reader.height))
                facts["files"] = _write(reader.frame(frame), seen, kept, out) if out else []
                facts["branches"] = kept
                if maps is not None:
                    _write_numbers(maps, {name: seen.maps[name] for name in kept})
        except (CoreError, OSError) as error:
            voice.say(events.Failed(str(error)))
            raise
        voice.say(events.Finished(str(out or maps), facts=facts))


def _check_places(out: Path | None, maps: Path | None) -> None:
    if out is None and maps is None:
        raise ConfigError("Say where to write: --out seen.png, or --maps seen.npz.")
    for path, suffix in ((out, ".png"), (maps, ".npz")):
        if path is not None and path.suffix.lower() != suffix:
            raise ConfigError(f"{path}: call it NAME{suffix}.")
        if path is not None and not path.absolute().parent.is_dir():
            raise ConfigError(
                f"{path}: there is no folder {path.parent}. Make it or choose another."
            )


def _number(action: str, labels: Sequence[str]) -> int | None:
    if not action:
        return None
    if action not in labels:
        raise ConfigError(f"The model has no class {action!r}; it has: {', '.join(labels)}.")
    return labels.index(action)


def _clip(reader: VideoReader, frame: int, spec: InputSpec, choice: ClipChoice) -> Clip:
    if not 0 <= frame < len(reader):
        raise ConfigError(
            f"--frame {frame}: the video has {len(reader)} frames, 0 to {len(reader) - 1}."
        )
    for found in clips(reader, spec, FrameRange(frame, frame + 1), choice):
        return found.clip, found.places[0]
    raise VideoError(f"Frame {frame} is damaged and cannot be shown. Choose another one.")


def _seen(weights: Path, clip: Clip, number: int | None, device: str) -> "Activation":
    import torch  # noqa: PLC0415 heavy, only when used

    from yowo_core.infer.activation import activation  # noqa: PLC0415 heavy, only when used
    from yowo_core.infer.torch_engine import chosen_device  # noqa: PLC0415 heavy, only when used
    from yowo_core.models.weights import load_model  # noqa: PLC0415 heavy, only when used

    where = chosen_device(device)
    network, card = load_model(weights)
    prepared = torch.from_numpy(normalised(clip[0], card.config.input))
    return activation(network.to(where), prepared.to(where), clip[1], number)


def _kept(branch: str, seen: "Activation") -> list[str]:
    if branch != "both" and branch not in seen.maps:
        raise ConfigError(f"--branch {branch!r}: the model has {', '.join(seen.maps)}, and both.")
    return list(seen.maps) if branch == "both" else [branch]


def _facts(seen: "Activation", labels: Sequence[str], size: tuple[int, int]) -> dict[str, Any]:
    """What a program asks for: class, score, and the box in the video's pixels."""
    side = next(iter(seen.maps.values())).shape[0]
    box = seen.box * np.array([*size, *size], np.float32) / side
    return {
        "class": labels[seen.number],
        "score": round(seen.score, 4),
        "box": [round(float(edge), 1) for edge in box],
    }


def _write(
    picture: NDArray[np.uint8], seen: "Activation", branches: Sequence[str], out: Path
) -> list[str]:
    files = []
    for name in branches:
        path = out if len(branches) == 1 else out.with_stem(f"{out.stem}-{name}")
        partial = path.with_suffix(".partial")
        try:
            Image.fromarray(laid_over(picture, seen.maps[name])).save(partial, format="PNG")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        files.append(str(path))
    return files


def _write_numbers(path: Path, maps: dict[str, NDArray[np.float32]]) -> None:
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **maps)  # type: ignore[arg-type]  # names are no options
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _ended(item: events.Finished) -> str:
    told = f"{item.facts['class']} {item.facts['score']:.2f}"
    return f"done: {told}: {', '.join(item.facts['files']) or item.result}"
