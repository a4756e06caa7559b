"""3D ResNeXt-101 (Can Spatiotemporal 3D CNNs Retrace the History of 2D CNNs, Hara et al. 2018)."""

from yowo_core.backbones.temporal import resnet

CARDINALITY = 32
STAGES = resnet.Stages(
    repeats=(3, 4, 23, 3),
    inner=(128, 256, 512, 1024),
    outer=(256, 512, 1024, 2048),
    groups=CARDINALITY,
)


class ResNeXt(resnet.StagedNetwork):
    """101 layers, 32 groups, shortcuts of kind B; `channels` is 2048."""

    def __init__(self) -> None:
        super().__init__(STAGES, "B")


OFFICIAL_KEYS = resnet.OFFICIAL_KEYS
"""The published files name their tensors as those of ResNet do."""
