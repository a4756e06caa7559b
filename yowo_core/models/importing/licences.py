"""Under which terms published weights stand, as their publishers say; free of torch.

Facts, not advice. The data sets behind the weights have terms of their own.
"""

YOLOV8 = "AGPL-3.0, or a paid licence of Ultralytics; derived weights carry it too"
FREEYOLO = "repository Apache-2.0; nothing said of the weights"
PYTORCH_YOWO = "no licence stated, so all rights are reserved"
DARKNET = "declared public domain"
KINETICS_400 = "repository (3D-ResNets) MIT; nothing said of the weights"
KINETICS_600 = "repository (Efficient-3DCNNs) MIT; nothing said of the weights"
KINETICS_RESNET = "repository (3D-ResNets or Efficient-3DCNNs) MIT; nothing said of the weights"
I3D = "Apache-2.0"

FAMILIES = {
    "yowo": "CC BY-NC 4.0: no commercial use",
    "yowoplus": PYTORCH_YOWO,
    "yowov2": "MIT by its licence file, which its README contradicts",
    "yolov3": PYTORCH_YOWO,
    "yowov3": "none stated; its 2D part was made from YOLOv8, which is AGPL-3.0",
}
"""Of official whole models by family."""

NOT_STATED = "none stated"
NOT_TOLD = "not told by the file"
DATA_TERMS = "The data sets behind the weights have terms of their own."


def of_temporal(name: str) -> str:
    """Of a 3D backbone's public weights; residual networks come from either of two projects."""
    if name == "i3d":
        return I3D
    if name.startswith("resnet34"):
        return KINETICS_400
    return KINETICS_RESNET if name.startswith("resn") else KINETICS_600


def of_family(family: str, *, darknet: bool = False) -> str:
    """Of an official whole model; darknet: the file is darknet's own."""
    return DARKNET if darknet else FAMILIES.get(family, NOT_STATED)
