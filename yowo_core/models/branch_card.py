"""What a backbone file of ours says of itself: one network for key frames or clips; torch-free."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from safetensors import SafetensorError, safe_open

from yowo_core.errors import CheckpointError

Branch = Literal["2d", "3d"]
Spatial = Literal["yolov8", "yolov2", "freeyolo"]
SEEN: dict[Branch, str] = {"2d": "the key frame", "3d": "the clip"}


@dataclass(frozen=True)
class Backbone:
    """A network that turns pictures or clips into features, as one of ours.

    name is its name among the 3D backbones, or one of Spatial. Of the rest only what shapes that
    network counts: size (YOLOv8, FreeYOLO), width, last and shortcut (3D), biased (YOLOv2).
    """

    branch: Branch
    name: str
    size: str = ""
    width: float = 1.0
    last: bool = True
    shortcut: Literal["A", "B"] = "B"
    biased: bool = False

    @property
    def title(self) -> str:
        """For people: `2D yolov8 n`, `3D shufflenetv2 2x`."""
        width = f" {self.width:g}x" if self.width != 1 else ""
        return f"{self.branch.upper()} {self.name}{' ' * bool(self.size)}{self.size}{width}"


@dataclass(frozen=True)
class BranchCard:
    """The network of a backbone file and where its weights are from."""

    backbone: Backbone
    facts: dict[str, Any] = field(default_factory=dict)

    def as_metadata(self) -> dict[str, str]:
        """The card as the text fields of a safetensors file."""
        return {"backbone": json.dumps(asdict(self.backbone)), "facts": json.dumps(self.facts)}


def read_branch_card(path: Path) -> BranchCard:
    """The card of a backbone file; CheckpointError says what is wrong with the file."""
    if not path.is_file():
        raise CheckpointError(f"{path}: no such backbone file. Check the path.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is no safetensors file or is damaged ({error}). Import the weights with "
            "yowo import-weights first."
        ) from error
    if "backbone" not in metadata:
        what = "a whole model" if "config" in metadata else "no backbone that yowo imported"
        raise CheckpointError(
            f"{path} is {what}. Choose a backbone file; yowo import-weights FILE OUT makes one."
        )
    return _card(path, metadata)


def _card(path: Path, metadata: dict[str, str]) -> BranchCard:
    try:
        backbone = Backbone(**json.loads(metadata["backbone"]))
        facts = json.loads(metadata.get("facts", "{}"))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path} has a damaged description ({error}).") from error
    if backbone.branch not in get_args(Branch):
        raise CheckpointError(f"{path} names the branch {backbone.branch!r}; there are 2d and 3d.")
    return BranchCard(backbone, facts)
