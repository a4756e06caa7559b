"""Inference with ONNX Runtime in two graphs, so that one clip's map serves several key frames."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yowo_core.infer.feature_bank import CLIP
from yowo_core.infer.onnx_cache import Part
from yowo_core.infer.onnx_engine import described, device_of, open_session
from yowo_core.input_spec import check_clip, check_key_frame

Found = tuple[NDArray[np.float32], NDArray[np.float32]]


class OnnxPair:
    """A model file as two graphs: its 3D network, and all that comes behind that.

    clip_part says for which clips the first of them is.
    """

    def __init__(
        self,
        model: Path,
        device: str = "auto",
        threads: int = 0,
        prepares: Callable[[], None] = lambda: None,
        clip_part: Part = "clip",
    ) -> None:
        self._clip = open_session(model, device, threads, prepares, clip_part)
        self._frame = open_session(model, device, threads, prepares, "frame")
        self.labels, self.spec = described(self._frame)
        self._seen = replace(self.spec, length=CLIP) if clip_part == "bank" else self.spec
        self.device = device_of(self._frame)

    def run(self, clip: NDArray[np.float32], key_frame: NDArray[np.float32]) -> Found:
        """See `Engine.run`."""
        return self.run_on(self.clip_map(clip), key_frame)

    def clip_map(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `ClipEngine.clip_map`."""
        check_clip(clip.shape, self._seen)
        return np.asarray(self._clip.run(["clip_map"], {"clip": clip[None]})[0][0])

    def run_on(self, clip_map: NDArray[np.float32], key_frame: NDArray[np.float32]) -> Found:
        """See `ClipEngine.run_on`."""
        check_key_frame(key_frame.shape, self.spec)
        told = {"clip_map": clip_map[None], "key_frame": key_frame[None]}
        boxes, scores = self._frame.run(["boxes", "scores"], told)
        return np.asarray(boxes[0]), np.asarray(scores[0])
