"""Reads the corrected annotations of UCF101-24, `pyannot.pkl`.

A video's tubes have a first frame from 0, one past the last, and boxes x, y, w, h in whole pixels
of 320 x 240, mostly as single bytes, whose sums would run over. Its class is its own label.
"""

from pathlib import Path
from typing import Any

import numpy as np

from yowo_core.annotations import ActionSpan, AnnotationSet, FrameRange, Label, Tube, Video
from yowo_core.errors import FormatError
from yowo_core.formats.act_gt import PALETTE, PublishedSet
from yowo_core.formats.numpy_pickle import read_values
from yowo_core.formats.problems import Problem

WIDTH, HEIGHT = 320, 240


def read(path: Path, test_list: Path | None = None) -> PublishedSet:
    """Every video; test_list names those of the test part, one a line. FormatError for others."""
    content = read_values(path)
    if not isinstance(content, dict) or not content:
        raise FormatError(f"{path} holds no videos by name.")
    problems: list[Problem] = []
    try:
        labels = _labels(content)
        videos = [_video(str(name), content[name], problems) for name in sorted(content)]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError(f"{path} is no pyannot.pkl: {error!r} is missing or wrong.") from error
    test = _test(test_list, {video.name for video in videos}) if test_list else ()
    train = tuple(v.name for v in videos if v.name not in set(test)) if test_list else ()
    return PublishedSet(AnnotationSet(labels, tuple(videos)), train, test, tuple(problems))


def _labels(content: dict[str, Any]) -> tuple[Label, ...]:
    """Class numbers from 0 with the name of the folder that their videos lie in."""
    names = {int(video["label"]): str(name).split("/")[0] for name, video in content.items()}
    return tuple(
        Label(number + 1, names.get(number, f"class {number}"), PALETTE[number % len(PALETTE)])
        for number in range(max(names) + 1)
    )


def _test(path: Path, known: set[str]) -> tuple[str, ...]:
    """Names of the list that the set has, without the file's type and what stands behind."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path} cannot be read as a list of videos ({error}).") from error
    names = [line.strip().split(" ")[0].removesuffix(".avi") for line in lines]
    return tuple(name for name in names if name in known)


def _video(name: str, content: dict[str, Any], problems: list[Problem]) -> Video:
    tubes: list[Tube] = []
    for item in content["annotations"]:
        boxes = np.asarray(item["boxes"]).astype(np.float64)
        start, stop = int(item["sf"]), int(item["ef"])
        if boxes.shape != (stop - start, 4) or start < 0 or stop <= start:
            told = f"{name}: a tube has {boxes.shape} boxes for frames {start} to {stop}."
            problems.append(Problem(0, told))
            continue
        boxes[:, 2:] += boxes[:, :2]
        span = ActionSpan(int(item["label"]) + 1, start, stop)
        tubes.append(Tube(str(len(tubes) + 1), np.arange(start, stop), boxes, (span,)))
    count = max([int(content["numf"]), *(tube.stop for tube in tubes)])
    ranges = (FrameRange(0, count),)
    return Video(name, WIDTH, HEIGHT, count, ranges=ranges, tubes=tuple(tubes))
