"""Inference with torch, on CPU or CUDA."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from yowo_core.errors import ConfigError
from yowo_core.machine import cores
from yowo_core.models.weights import load_model


class TorchEngine:
    """A model file on torch; CheckpointError or ConfigError when it cannot run here."""

    def __init__(self, model: Path, device: str = "auto", threads: int = 0) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise ConfigError("This build of torch sees no CUDA device; choose the CPU.")
        torch.set_num_threads(threads or cores())
        cuda = torch.cuda.is_available() and device != "cpu"
        self._device = torch.device("cuda" if cuda else "cpu")
        network, card = load_model(model)
        self._network = network.to(self._device)
        self.labels, self.spec = card.labels, card.config.input
        self.device = self._device.type

    @torch.inference_mode()
    def run(
        self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `Engine.run`."""
        clips = torch.from_numpy(clip)[None].to(self._device)
        pictures = torch.from_numpy(key_frame)[None].to(self._device)
        boxes, scores = self._network.decode(self._network(clips, pictures))
        return boxes[0].cpu().numpy(), scores[0].cpu().numpy()
