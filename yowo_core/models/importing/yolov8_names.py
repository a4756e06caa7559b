"""Names of YOLOv8's tensors as Ultralytics writes them, into those of the official YOWOv3.

Their block with two halves makes both by one convolution, `cv1`, whose first half of outputs
is kept and whose second half is refined; YOWOv3 has a convolution for each.
"""

import re
from collections.abc import Iterator

from yowo_core.models.importing.matching import Place

_PLACES = {
    0: "net.p1.0",
    1: "net.p2.0",
    2: "net.p2.1",
    3: "net.p3.0",
    4: "net.p3.1",
    5: "net.p4.0",
    6: "net.p4.1",
    7: "net.p5.0",
    8: "net.p5.1",
    9: "net.p5.2",
    12: "fpn.h1",
    15: "fpn.h2",
    16: "fpn.h3",
    18: "fpn.h4",
    19: "fpn.h5",
    21: "fpn.h6",
}
_HALVED = {2, 4, 6, 8, 12, 15, 18, 21}
"""Layers with two halves."""
_POOLING = 9
DETECTION = r"^model\.22\."
"""The layer that detects, with its distribution of distances; YOWOv3 has heads of its own."""


def yowov3_places(key: str) -> Iterator[Place]:
    """Where a tensor of Ultralytics' YOLOv8 belongs in YOWOv3's; nowhere for other layers."""
    found = re.fullmatch(r"model\.(\d+)\.(.+)", key)
    layer = int(found[1]) if found else -1
    if found is None or layer not in _PLACES:
        return
    place, rest = _PLACES[layer], re.sub(r"(^|\.)bn\.", r"\1norm.", found[2])
    if layer in _HALVED and rest.startswith("cv1."):
        for half in (0, 1):
            yield Place(f"{place}.conv{half + 1}.{rest.removeprefix('cv1.')}", half)
    elif layer in _HALVED:
        yield Place(f"{place}.{_block(rest)}")
    elif layer == _POOLING:
        yield Place(f"{place}.{re.sub('^cv', 'conv', rest)}")
    else:
        yield Place(f"{place}.{rest}")


def _block(rest: str) -> str:
    """The merging convolution, or one of the two of a refining step."""
    step = re.fullmatch(r"m\.(\d+)\.cv([12])\.(.+)", rest)
    if step:
        return f"res_m.{step[1]}.res_m.{int(step[2]) - 1}.{step[3]}"
    return re.sub(r"^cv2\.", "conv3.", rest)
