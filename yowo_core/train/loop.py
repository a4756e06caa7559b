"""The training loop: read downwards, from run folder to best weights."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from yowo_core.annotations import AnnotationSet
from yowo_core.assign.tal import TALConfig, Truth
from yowo_core.data.clip_dataset import Batch, ClipSource, KeyFrame, collate, draw_epoch
from yowo_core.data.manifest import Manifest, fingerprint, read_manifest
from yowo_core.data.segment_cache import build_cache, cached_size
from yowo_core.data.transforms import AugmentConfig
from yowo_core.errors import ConfigError, DataError
from yowo_core.events import Evaluated, Event, Finished, Notice, Progress, Started, TrainLoss
from yowo_core.losses.tal import Losses, TALLossConfig, tal_loss
from yowo_core.machine import cores
from yowo_core.models.card import ModelCard, read_card
from yowo_core.models.create import create_model
from yowo_core.models.variants import InputSpec
from yowo_core.models.weights import save_model
from yowo_core.models.yowov3 import YOWOv3
from yowo_core.train.config import TrainConfig, read_config
from yowo_core.train.measure import frame_map_of, thinned_out
from yowo_core.train.run_folder import BEST, copied, load_state, save_state
from yowo_core.train.schedule import average_into, learning_rate, parameter_groups
from yowo_core.train.transfer import start_from

REPORT_EVERY = 5
"""Updates between two loss events."""

Say = Callable[[Event], None]
Stop = Callable[[], bool]


@dataclass
class Run:
    """What changes while a run goes on."""

    model: YOWOv3
    average: dict[str, Tensor]
    optimiser: torch.optim.Optimizer
    epoch: int = 0
    best: float = -1.0
    best_epoch: int = 0
    measured: bool = False


def train(run_dir: Path, say: Say, stop: Stop = lambda: False) -> Path:
    """Train what a run folder describes, from its saved state if there is one.

    say gets every event; stop is asked while decoding and after each update, and the best
    weights so far are kept. Returns the path of the best weights, which are not there yet when it
    was stopped while decoding.
    """
    config = read_config(run_dir)
    manifest, annotations = read_manifest(run_dir)
    device = pick_device(config.device)
    torch.set_num_threads(cores())
    torch.manual_seed(config.seed)
    model = create_model(config.model, len(manifest.classes))
    source = _decoded(run_dir, (manifest, annotations), model.config.input, (say, stop))
    if source is None:
        say(Finished("", stopped=True))
        return run_dir / BEST
    run = _start(run_dir, model, config, manifest.classes, device, say)
    say(Started("train", config.updates, run.epoch * config.updates_per_epoch))
    keys = _judges(source, config.held_out_frames)
    run.measured = bool(keys)
    if not keys:
        say(Notice("No held-out frame shows an action: no figure, the last weights are kept."))
    elif run.epoch == 0 and config.base:
        say(Evaluated(0, 0, *_measure(run, source, keys, device), "before"))
    stopped = False
    while run.epoch < config.epochs and not stopped:
        stopped = not _epoch(run, source, config, device, (say, stop))
        if not stopped:
            run.epoch += 1
        figure, per_class = _measure(run, source, keys, device)
        better = figure > run.best or not keys
        if better or not (run_dir / BEST).is_file():
            run.best, run.best_epoch = figure, run.epoch
            card = ModelCard(model.config, manifest.classes, _facts(run, run_dir, config))
            save_model(run_dir / BEST, run.average, card)
        if keys:
            done = run.epoch * config.updates_per_epoch
            say(Evaluated(done, run.epoch, figure, per_class, "epoch", better))
        if not stopped:
            _save(run_dir, run)
        if config.patience and run.epoch - run.best_epoch >= config.patience:
            say(Notice(f"No better figure for {config.patience} epochs: training ends here."))
            break
    say(Finished(str(run_dir / BEST), stopped, _facts(run, run_dir, config)))
    return run_dir / BEST


def pick_device(wanted: str) -> torch.device:
    """'auto' takes CUDA where it is; ConfigError when asked for what is not there."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise ConfigError(
            "No CUDA device is there for this build of torch; set device in config.json to cpu."
        )
    return torch.device("cuda" if available and wanted != "cpu" else "cpu")


def channels_last(model: nn.Module) -> None:
    """Lay convolutions out with channels last: on a CPU an update takes a third less time."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            layout = torch.channels_last
        elif isinstance(module, nn.Conv3d):
            layout = torch.channels_last_3d
        else:
            continue
        module.weight.data = module.weight.data.contiguous(memory_format=layout)


def _decoded(
    run_dir: Path,
    data: tuple[Manifest, AnnotationSet],
    spec: InputSpec,
    talk: tuple[Say, Stop],
) -> ClipSource | None:
    """All frames at hand; None when asked to stop before they were."""
    say, stop = talk
    size = cached_size(spec.size)
    cache = build_cache(run_dir / "cache", data[0], size, _cache_progress(say, stop))
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


def _start(
    run_dir: Path,
    model: YOWOv3,
    config: TrainConfig,
    classes: tuple[str, ...],
    device: torch.device,
    say: Say,
) -> Run:
    state = load_state(run_dir)
    if config.base and state is None:
        say(start_from(Path(config.base), model, classes))
    channels_last(model.to(device))
    groups = parameter_groups(model, config.weight_decay)
    run = Run(model, copied(model.state_dict()), torch.optim.AdamW(groups, config.learning_rate))
    if state is not None:
        model.load_state_dict(state["model"])
        run.average = {k: v.to(device) for k, v in state["average"].items()}
        run.optimiser.load_state_dict(state["optimiser"])
        run.epoch, run.best = state["epoch"], state["best"]
        run.best_epoch = state["best_epoch"]
        _match_best(run, run_dir)
    return run


def _match_best(run: Run, run_dir: Path) -> None:
    """The kept weights may be newer than the state: those of an epoch that was broken off."""
    if (run_dir / BEST).is_file():
        facts = read_card(run_dir / BEST).facts
        if float(facts.get("held_out_frame_map", -1.0)) > run.best:
            run.best, run.best_epoch = float(facts["held_out_frame_map"]), int(facts["epoch"])


def _save(run_dir: Path, run: Run) -> None:
    state = {"model": run.model.state_dict(), "average": run.average}
    plain = {"epoch": run.epoch, "best": run.best, "best_epoch": run.best_epoch}
    save_state(run_dir, {**state, **plain, "optimiser": run.optimiser.state_dict()})


def _epoch(
    run: Run,
    source: ClipSource,
    config: TrainConfig,
    device: torch.device,
    talk: tuple[Say, Stop],
) -> bool:
    """One pass over freshly drawn clips; False when asked to stop on the way."""
    say, stop = talk
    run.model.train()
    torch.manual_seed(config.seed * 1_000_003 + run.epoch)
    criterion = TALLossConfig(assignment=TALConfig(soft_labels=config.soft_labels))
    began, sums, seen = time.monotonic(), torch.zeros(4), 0
    for step, batch in enumerate(_batches(source, config, run.epoch), start=1):
        update = run.epoch * config.updates_per_epoch + step
        rate = learning_rate(update - 1, config.learning_rate, config.warmup, config.updates)
        losses = _update(run, batch, criterion, rate, device)
        average_into(run.average, run.model, config.average, update)
        terms = (losses.total, losses.box, losses.cls, losses.dfl)
        sums, seen = sums + torch.stack([t.detach().cpu() for t in terms]), seen + 1
        if step % REPORT_EVERY == 0 or step == config.updates_per_epoch:
            total, box, cls, dfl = (float(v) for v in sums / seen)
            say(TrainLoss(update, run.epoch + 1, config.epochs, total, box, cls, dfl, rate))
            speed = step / (time.monotonic() - began)
            left = (config.updates - update) / speed
            say(Progress(update, config.updates, speed * config.batch, left, "training"))
            sums, seen = torch.zeros(4), 0
        if stop():
            return False
    return True


def _batches(source: ClipSource, config: TrainConfig, epoch: int) -> Iterator[Batch]:
    """Batches of one epoch; they depend on seed and epoch alone, so a resumed run repeats them."""
    seed = config.seed * 1_000_003 + epoch
    augment = AugmentConfig(jitter=config.jitter, flip=config.flip, hue=config.hue)
    keys = draw_epoch(source, config.clips_per_epoch, config.empty_share, seed)
    for step in range(config.updates_per_epoch):
        part = keys[step * config.batch : (step + 1) * config.batch]
        rng = random.Random(seed * 1_000_003 + step)
        yield collate([source.sample(k, augment, rng) for k in part])


def _update(
    run: Run, batch: Batch, criterion: TALLossConfig, rate: float, device: torch.device
) -> Losses:
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    clips = batch.clips.to(device).contiguous(memory_format=torch.channels_last_3d)
    pictures = batch.key_frames.to(device).contiguous(memory_format=torch.channels_last)
    truth = Truth(*(part.to(device) for part in batch.truth))
    losses = tal_loss(run.model(clips, pictures), truth, criterion)
    if not bool(torch.isfinite(losses.total)):
        raise DataError("The loss is no longer a number. Lower the learning rate and go on.")
    run.optimiser.zero_grad(set_to_none=True)
    losses.total.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(run.model.parameters(), 10.0)
    run.optimiser.step()
    return losses


def _measure(
    run: Run, source: ClipSource, keys: list[KeyFrame], device: torch.device
) -> tuple[float, dict[str, float]]:
    """Figures of the averaged weights, which are the ones that are kept; 0 without key frames."""
    if not keys:
        return 0.0, {}
    own = copied(run.model.state_dict())
    run.model.load_state_dict(run.average)
    try:
        return frame_map_of(run.model, source, keys, device)
    finally:
        run.model.load_state_dict(own)


def _facts(run: Run, run_dir: Path, config: TrainConfig) -> dict[str, object]:
    facts: dict[str, object] = {
        "epoch": run.best_epoch,
        "data": fingerprint(run_dir),
        "seed": config.seed,
        "base": Path(config.base).name,
    }
    # without held-out frames the latest weights lead, and there is no figure to tell
    return facts | ({"held_out_frame_map": run.best} if run.measured else {})


def _cache_progress(say: Say, stop: Stop) -> Callable[[int, int], bool]:
    began = time.monotonic()

    def report(done: int, total: int) -> bool:
        speed = max(done, 1) / max(time.monotonic() - began, 1e-6)
        say(Progress(done, total, speed, (total - done) / speed, "decoding"))
        return not stop()

    return report
