"""yowo prepare: labels and videos in, a run folder out that yowo train can follow."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from yowo_core.annotations import AnnotationSet
from yowo_core.cli.frames import parse_frames
from yowo_core.data.prepare import prepare as prepare_run
from yowo_core.formats.labels import read_labels
from yowo_core.models.shelf import find_model
from yowo_core.train.config import ClassLoss, ClassWeight, TrainConfig, write_config
from yowo_core.train.trainable import check_start
from yowo_core.video.naming import find_named

DEFAULTS = TrainConfig()
TYPES = (".mp4", ".avi", ".mkv", ".mov", ".webm")


def prepare(
    labels: Annotated[Path, typer.Argument(help="Labels: YOWO Studio's CSV or a published .pkl.")],
    run_dir: Annotated[Path, typer.Argument(help="Folder to make.")],
    videos: Annotated[Path, typer.Option(help="Folder with the labelled videos.")],
    frames: Annotated[
        str,
        typer.Option(help="Labelled range A:B of every video, whatever the labels' .json says."),
    ] = "",
    held_out: Annotated[float, typer.Option(help="Share of labelled frames to measure on.")] = 0.2,
    split: Annotated[
        int, typer.Option(help="Of a published .pkl: its split; what it tests on is held out.")
    ] = 1,
    model: Annotated[
        str, typer.Option(help="Network to train, by its name in yowo models.")
    ] = DEFAULTS.model,
    base: Annotated[str, typer.Option(help="Start from 'demo' or a model file.")] = "",
    epochs: Annotated[int, typer.Option(help="Rounds of training.")] = DEFAULTS.epochs,
    clips: Annotated[int, typer.Option(help="Clips an epoch.")] = DEFAULTS.clips_per_epoch,
    batch: Annotated[int, typer.Option(help="Clips an update.")] = DEFAULTS.batch,
    learning_rate: Annotated[float, typer.Option(help="Peak rate.")] = DEFAULTS.learning_rate,
    warmup: Annotated[int, typer.Option(help="Updates up to the peak.")] = DEFAULTS.warmup,
    patience: Annotated[
        int, typer.Option(help="End after so many epochs without gain; 0 never.")
    ] = DEFAULTS.patience,
    class_loss: Annotated[
        str, typer.Option(help="What a class score costs: bce or enf.")
    ] = DEFAULTS.class_loss,
    enf_alpha: Annotated[
        float, typer.Option(help="With enf: how much sure scores are spared.")
    ] = DEFAULTS.enf_alpha,
    enf_beta: Annotated[
        float, typer.Option(help="With enf: the nearer to 1, the longer more frames count.")
    ] = DEFAULTS.enf_beta,
    enf_weight: Annotated[
        str, typer.Option(help="With enf: inverse favours rare classes, effective frequent ones.")
    ] = DEFAULTS.enf_weight,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = DEFAULTS.seed,
) -> None:
    """Freeze labels and settings into a run folder."""
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    read = read_labels(labels, split)
    for problem in read.problems:
        console.print(f"{labels}:{problem}")
    annotations = read.annotations
    wanted = parse_frames(frames)
    if wanted is not None:
        marked = tuple(replace(v, ranges=(wanted,)) for v in annotations.videos)
        annotations = AnnotationSet(annotations.labels, marked)
    config = TrainConfig(
        model=model,
        base=str(find_model(base).resolve()) if base else "",
        epochs=epochs,
        clips_per_epoch=clips,
        batch=batch,
        learning_rate=learning_rate,
        warmup=warmup,
        patience=patience,
        class_loss=cast("ClassLoss", class_loss),  # TrainConfig refuses other words
        enf_alpha=enf_alpha,
        enf_beta=enf_beta,
        enf_weight=cast("ClassWeight", enf_weight),
        seed=seed,
    )
    check_start(config)
    paths = _found(annotations, videos)
    done = prepare_run(annotations, paths, run_dir, held_out=held_out, test=read.test)
    write_config(run_dir, config)
    for notice in done.notices:
        console.print(notice)
    counts = ", ".join(f"{name} {count}" for name, count in done.boxes.items())
    console.print(
        f"{run_dir}: {done.frames} frames to learn from ({counts} boxes), "
        f"{done.held_out_frames} held out. Next: yowo train {run_dir}"
    )


def _found(annotations: AnnotationSet, folder: Path) -> dict[str, Path]:
    """The labelled videos that are in the folder, by name, however their accents are written."""
    found = {}
    for video in annotations.videos:
        path = folder / video.name
        near = path if path.exists() else find_named(path.name, path.parent.glob("*"))
        if near is None:  # published sets name their videos without the file's type
            near = next(
                (f for f in (path.with_name(path.name + e) for e in TYPES) if f.exists()), None
            )
        if near is not None:
            found[video.name] = near
    return found
