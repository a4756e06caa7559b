"""YOLOv3 (Redmon and Farhadi 2018): the key frame alone, at three scales."""

from torch import Tensor, nn

from yowo_core.backbones.spatial.darknet53 import Darknet53
from yowo_core.input_spec import check_pair
from yowo_core.models.configs.yolov3 import YOLOv3Config
from yowo_core.models.detector import Detector
from yowo_core.models.pyramid import (
    ANCHORS,
    Pyramid,
    ScaleHead,
    decode_scales,
    head_class_rows,
    start_biases,
)

WIDTHS = (128, 256, 512)
"""Channels of the pyramid at strides 8, 16 and 32."""


class YOLOv3(Detector):
    """Key frame -> raw maps (B, 3(5 + classes), H/s, W/s), s = 8, 16, 32; the clip is not seen."""

    def __init__(self, config: YOLOv3Config) -> None:
        super().__init__()
        self.config: YOLOv3Config = config
        self.spatial = Darknet53(biased=config.biased)
        self.pyramid = Pyramid(self.spatial.channels, WIDTHS, 5, biased=config.biased)
        outputs = ANCHORS * (5 + config.num_classes)
        self.heads = nn.ModuleList(ScaleHead(w, outputs, biased=config.biased) for w in WIDTHS)
        start_biases(self.heads, config.num_classes, types=config.by_type)

    def forward(self, clip: Tensor, key_frame: Tensor) -> tuple[Tensor, ...]:
        """See `Detector.forward`; DataError for sides that are no multiples of 32."""
        check_pair(clip.shape, key_frame.shape)
        maps = self.pyramid(self.spatial(key_frame))
        return tuple(head(part) for head, part in zip(self.heads, maps, strict=True))

    def decode(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """See `Detector.decode`."""
        config = self.config
        return decode_scales(maps, config.anchors, config.exclusive, types=config.by_type)

    def class_rows(self) -> dict[str, Tensor]:
        """See `Detector.class_rows`."""
        return head_class_rows(self.config.num_classes, types=self.config.by_type)

    def branches(self) -> dict[str, nn.Module]:
        """See `Detector.branches`."""
        return {"2d": self.spatial}


OFFICIAL_KEYS: tuple[tuple[str, str], ...] = (
    (r"^head_convblock_0\.convs\.", "pyramid.blocks.2."),
    (r"^head_convblock_1\.convs\.", "pyramid.blocks.1."),
    (r"^head_convblock_2\.convs\.", "pyramid.blocks.0."),
    (r"^head_conv_0\.", "pyramid.ups.1."),
    (r"^head_conv_2\.", "pyramid.ups.0."),
    (r"^head_conv_1\.", "heads.2.integrate."),
    (r"^head_conv_3\.", "heads.1.integrate."),
    (r"^head_conv_4\.", "heads.0.integrate."),
    (r"^head_det_1\.", "heads.0.predict."),
    (r"^head_det_2\.", "heads.1.predict."),
    (r"^head_det_3\.", "heads.2.predict."),
    (r"\.convs\.0\.", ".conv."),
    (r"\.convs\.1\.", ".norm."),
)
"""Renames of necks and heads of the weights that came with YOWO-Plus, applied in this order."""
