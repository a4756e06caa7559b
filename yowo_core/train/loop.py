"""The training loop: read downwards, from run folder to best weights."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError

from yowo_core.annotations import AnnotationSet
from yowo_core.data.clip_dataset import ClipSource, KeyFrame
from yowo_core.data.manifest import Manifest, fingerprint, read_manifest
from yowo_core.data.segment_cache import build_cache, cached_size
from yowo_core.events import Evaluated, Finished, Notice, Started
from yowo_core.folder_lock import locked
from yowo_core.input_spec import InputSpec
from yowo_core.machine import cores
from yowo_core.models.card import ModelCard
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.create import build
from yowo_core.models.detector import Detector
from yowo_core.models.weights import save_model
from yowo_core.models.yowov3 import YOWOv3
from yowo_core.train.breaking_off import StopAskedError, broken_off_by
from yowo_core.train.config import TrainConfig, read_config
from yowo_core.train.measure import frame_map_of, thinned_out
from yowo_core.train.run import Run, fresh_run, save, take_up
from yowo_core.train.run_folder import BEST, copied, has_state
from yowo_core.train.telling import Say, Teller, counting
from yowo_core.train.trainable import check_trainable
from yowo_core.train.transfer import network_of, start_from
from yowo_core.train.update import (
    batches,
    channels_last,
    class_counts,
    make_update,
    pick_device,
)

CACHE = "cache"
LOCK_SECONDS = 10.0
"""How long the trainer of a window that has just gone may still save."""

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Setting:
    """What stays the same while a run goes on. keys: frames to measure on, maybe none."""

    run_dir: Path
    config: TrainConfig
    source: ClipSource
    keys: list[KeyFrame]
    device: torch.device
    say: Say


def train(run_dir: Path, say: Say, stop: Stop = lambda: False) -> Path:
    """Train what a run folder describes, from its saved state if there is one.

    say gets every event. stop is asked all the time; when it says True, where the training stands
    is saved within a layer's time, and going on continues from exactly there. At its end the
    decoded frames are deleted. Returns the path of the best weights, which are not there yet when
    it was stopped before the first update.
    """
    with locked(run_dir, LOCK_SECONDS):
        config = read_config(run_dir)
        manifest, annotations = read_manifest(run_dir)
        device = pick_device(config.device)
        torch.set_num_threads(cores())
        torch.manual_seed(config.seed)
        model = _trainable(network_of(run_dir, config, len(manifest.classes)))
        source = _decoded(run_dir, (manifest, annotations), model.config.input, (say, stop))
        if source is None:
            say(Finished("", stopped=True))
            return run_dir / BEST
        keys = _judges(source, config.held_out_frames)
        setting = Setting(run_dir, config, source, keys, device, say)
        run = _begun(setting, model)
        with broken_off_by(stop, model):
            stopped = _followed(run, setting)
        say(Finished(str(run_dir / BEST), stopped, _facts(run, setting)))
        if not stopped:  # 209 KB a frame, which can be decoded again
            shutil.rmtree(run_dir / CACHE, ignore_errors=True)
    return run_dir / BEST


def _trainable(network: DetectorConfig) -> YOWOv3:
    check_trainable(network)
    model = build(network)
    assert isinstance(model, YOWOv3)
    return model


def _followed(run: Run, setting: Setting) -> bool:
    """Go through what is left of the epochs; True when asked to stop on the way."""
    say, config = setting.say, setting.config
    if not setting.keys:
        say(Notice("No held-out frame shows an action: no figure, the last weights are kept."))
    try:
        if setting.keys and config.base and run.update(config) == 0:
            say(Evaluated(0, 0, *_measure(run, setting), "before"))
        while not run.over(config):
            _epoch(run, setting)
            _close_epoch(run, setting)
    except StopAskedError:
        _leave(run, setting)
        return True
    if not (setting.run_dir / BEST).is_file():
        _keep_best(run, setting)
    return False


def _decoded(
    run_dir: Path,
    data: tuple[Manifest, AnnotationSet],
    spec: InputSpec,
    talk: tuple[Say, Stop],
) -> ClipSource | None:
    """All frames at hand; None when asked to stop before they were."""
    say, stop = talk
    size = cached_size(spec.size)
    cache = build_cache(run_dir / CACHE, data[0], size, counting(say, "decoding", stop))
    if cache is None:
        return None
    source = ClipSource(*data, cache, spec)
    for video, frames in source.damaged.items():
        say(Notice(f"{video}: {len(frames)} labelled frames are damaged and not used."))
    return source


def _judges(source: ClipSource, most: int) -> list[KeyFrame]:
    """Key frames to measure on; none where every figure would be 0 for want of an action."""
    keys = thinned_out(source.key_frames(held_out=True), most)
    return keys if any(source.truth(key)[1].any() for key in keys) else []


def _begun(setting: Setting, model: Detector) -> Run:
    """The run at its beginning, or where it was left; says which."""
    config, say = setting.config, setting.say
    # the base's weights would be overwritten by those of a saved state
    if config.base and not has_state(setting.run_dir):
        say(start_from(Path(config.base), model, setting.source.manifest.classes))
    channels_last(model.to(setting.device))
    run = fresh_run(model, config)
    take_up(run, setting.run_dir)
    say(Started("train", config.updates, run.update(config)))
    if run.figure is not None:  # the end may have come between saving it and saying it
        say(run.figure)
    return run


def _epoch(run: Run, setting: Setting) -> None:
    """What is left of a pass over freshly drawn clips."""
    config = setting.config
    run.model.train()
    saved, told = time.monotonic(), Teller(run, config, setting.say)
    counts = class_counts(setting.source, config)
    for batch in batches(setting.source, config, run.epoch, run.step):
        losses = make_update(run, batch, config, setting.device, counts)
        run.step += 1
        terms = (losses.total, losses.box, losses.cls, losses.dfl)
        run.sums = run.sums + torch.stack([t.detach().cpu() for t in terms])
        run.seen += 1
        told.update_made()
        if time.monotonic() - saved >= config.save_seconds:
            _save(run, setting)
            saved = time.monotonic()


def _close_epoch(run: Run, setting: Setting) -> None:
    """Measure, keep what is best, save where it stands, and only then tell."""
    figure, per_class = _measure(run, setting)
    epoch = run.epoch + 1
    # of an epoch that was cut off after its weights were kept the same figure comes again
    again = (figure, epoch) == (run.best, run.best_epoch)
    better = again or figure > run.best or not setting.keys
    run.epoch, run.step = epoch, 0
    if better or not (setting.run_dir / BEST).is_file():
        better = _keep_best(run, setting, figure) and better
    if setting.keys:
        run.figure = Evaluated(
            run.update(setting.config), epoch, figure, per_class, "epoch", better
        )
    _save(run, setting)
    if run.figure is not None:
        setting.say(run.figure)
    if run.over(setting.config) and epoch < setting.config.epochs:
        told = f"No better figure for {setting.config.patience} epochs: training ends here."
        setting.say(Notice(told))


def _measure(run: Run, setting: Setting) -> tuple[float, dict[str, float]]:
    """Figures of the averaged weights, which are the ones that are kept; 0 without key frames."""
    if not setting.keys:
        return 0.0, {}
    own = copied(run.model.state_dict())
    run.model.load_state_dict(run.average)
    try:
        report = counting(setting.say, "measuring")
        return frame_map_of(run.model, setting.source, setting.keys, setting.device, report)
    finally:
        run.model.load_state_dict(own)


def _keep_best(run: Run, setting: Setting, figure: float | None = None) -> bool:
    """Write the averaged weights as the model that comes of the run; False without room for it.

    figure: what was measured, None for weights of an epoch that was not measured yet.
    """
    before = run.best, run.best_epoch
    if figure is not None:
        run.best, run.best_epoch = figure, run.epoch
    facts = _facts(run, setting, measured=figure is not None)
    card = ModelCard(run.model.config, setting.source.manifest.classes, facts)
    try:
        save_model(setting.run_dir / BEST, run.average, card)
    except (OSError, SafetensorError) as error:
        run.best, run.best_epoch = before
        setting.say(Notice(f"The weights could not be kept ({error}). Make room on the disk."))
        return False
    return True


def _leave(run: Run, setting: Setting) -> None:
    """Asked to stop: keep where the training stands, and weights if there are none yet."""
    if run.update(setting.config):
        _save(run, setting, at_once=True)
        if not setting.keys or not (setting.run_dir / BEST).is_file():
            _keep_best(run, setting)


def _save(run: Run, setting: Setting, *, at_once: bool = False) -> None:
    try:
        save(run, setting.run_dir, at_once=at_once)
    except OSError as error:
        told = f"Where the training stands could not be saved ({error}). Make room on the disk."
        setting.say(Notice(told))


def _facts(run: Run, setting: Setting, *, measured: bool = True) -> dict[str, object]:
    facts: dict[str, object] = {
        "epoch": run.best_epoch,
        "updates": run.update(setting.config),
        "data": fingerprint(setting.run_dir),
        "seed": setting.config.seed,
        "base": Path(setting.config.base).name,
    }
    # without held-out frames the latest weights lead, and there is no figure to tell
    told = measured and bool(setting.keys) and run.best_epoch > 0
    return facts | ({"held_out_frame_map": run.best} if told else {})
