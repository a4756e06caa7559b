"""One update of a training: forward, loss, backward, step; and where it is computed."""

import random
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from yowo_core.assign.tal import TALConfig, Truth
from yowo_core.data.clip_dataset import Batch, ClipSource, collate, draw_epoch
from yowo_core.data.transforms import AugmentConfig
from yowo_core.errors import ConfigError, DataError
from yowo_core.losses.enf import ENFConfig
from yowo_core.losses.tal import Losses, TALLossConfig, tal_loss
from yowo_core.train.breaking_off import without_trace
from yowo_core.train.config import TrainConfig
from yowo_core.train.run import Run
from yowo_core.train.schedule import average_into, learning_rate

_PRIME = 1_000_003
_LONGEST_GRADIENT = 10.0


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


def batches(source: ClipSource, config: TrainConfig, epoch: int, first: int) -> Iterator[Batch]:
    """The batches of an epoch from its step first on.

    They depend on seed, epoch and step alone, so a run that is gone on with sees the same.
    """
    seed = config.seed * _PRIME + epoch
    augment = AugmentConfig(jitter=config.jitter, flip=config.flip, hue=config.hue)
    keys = draw_epoch(source, config.clips_per_epoch, config.empty_share, seed)
    for step in range(first, config.updates_per_epoch):
        part = keys[step * config.batch : (step + 1) * config.batch]
        rng = random.Random(seed * _PRIME + step)
        yield collate([source.sample(k, augment, rng) for k in part])


def class_counts(source: ClipSource, config: TrainConfig) -> Tensor | None:
    """Frames to learn from in which each class is seen (C,), where the class loss needs them."""
    return torch.from_numpy(source.class_frames()) if config.class_loss == "enf" else None


def make_update(
    run: Run,
    batch: Batch,
    config: TrainConfig,
    device: torch.device,
    counts: Tensor | None = None,
) -> Losses:
    """Learn from a batch and move the average. StopAskedError leaves the run as it was.

    counts are those of `class_counts`. DataError when the loss is no number any more.
    """
    done = run.update(config)
    torch.manual_seed(config.seed * _PRIME + done)
    rate = learning_rate(done, config.learning_rate, config.warmup, config.updates)
    for group in run.optimiser.param_groups:
        group["lr"] = rate
    with without_trace(run.model):
        losses = _losses(run.model, batch, config, (device, counts))
        run.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(run.model.parameters(), _LONGEST_GRADIENT)
    run.optimiser.step()
    average_into(run.average, run.model, config.average, done + 1)
    return losses


def _losses(
    model: nn.Module, batch: Batch, config: TrainConfig, given: tuple[torch.device, Tensor | None]
) -> Losses:
    device, counts = given
    clips = batch.clips.to(device).contiguous(memory_format=torch.channels_last_3d)
    pictures = batch.key_frames.to(device).contiguous(memory_format=torch.channels_last)
    truth = Truth(*(part.to(device) for part in batch.truth))
    losses = tal_loss(model(clips, pictures), truth, _criterion(config), counts)
    if not bool(torch.isfinite(losses.total)):
        raise DataError("The loss is no longer a number. Lower the learning rate and go on.")
    return losses


def _criterion(config: TrainConfig) -> TALLossConfig:
    return TALLossConfig(
        assignment=TALConfig(soft_labels=config.soft_labels),
        class_loss=config.class_loss,
        enf=ENFConfig(config.enf_alpha, config.enf_beta, config.enf_weight),
    )
