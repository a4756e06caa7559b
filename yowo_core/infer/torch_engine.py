"""Inference with torch, on CPU or CUDA."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.infer.engine import DEVICES
from yowo_core.input_spec import check_clip, check_fed, check_key_frame
from yowo_core.machine import cores
from yowo_core.models.detector import two_branches
from yowo_core.models.weights import load_model


def chosen_device(device: str) -> torch.device:
    """'auto', 'cpu' or 'cuda' as torch knows it; ConfigError for 'cuda' where there is none."""
    if device not in DEVICES:
        raise ConfigError(f"No device is called {device!r}; there are: {', '.join(DEVICES)}.")
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise ConfigError("This build of torch sees no CUDA device; choose the CPU.")
    return torch.device("cuda" if there and device != "cpu" else "cpu")


class TorchEngine:
    """A model file on torch; CheckpointError or ConfigError when it cannot run here."""

    def __init__(self, model: Path, device: str = "auto", threads: int = 0) -> None:
        self._device = chosen_device(device)
        torch.set_num_threads(threads or cores())
        network, card = load_model(model)
        self._network = network.to(self._device)
        self.labels, self.spec = card.labels, card.config.input
        self.device = self._device.type

    @torch.inference_mode()
    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `Engine.run`."""
        check_fed(clip.shape, key_frame.shape, self.spec)
        return self._decoded(self._network(self._here(clip), self._here(key_frame)))

    @torch.inference_mode()
    def clip_map(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `ClipEngine.clip_map`; the clip may have any number of frames."""
        check_clip(clip.shape, self.spec, any_length=True)
        return two_branches(self._network).clip_map(self._here(clip))[0].cpu().numpy()

    @torch.inference_mode()
    def run_on(
        self, clip_map: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `ClipEngine.run_on`."""
        check_key_frame(key_frame.shape, self.spec)
        network = two_branches(self._network)
        return self._decoded(network.detect_on(self._here(clip_map), self._here(key_frame)))

    def _here(self, values: NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(values)[None].to(self._device)

    def _decoded(
        self, maps: tuple[torch.Tensor, ...]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        boxes, scores = self._network.decode(maps)
        return boxes[0].cpu().numpy(), scores[0].cpu().numpy()
