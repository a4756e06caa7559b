"""The JSON file beside our CSV: facts of the videos and the labels' stable ids."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from yowo_core.annotations import AnnotationSet, FrameRange, Label, Video, merge_ranges
from yowo_core.errors import DataError, FormatError
from yowo_core.formats.problems import Problem

VIDEO_KEYS = ("name", "width", "height", "frames", "fps", "content_hash", "ranges")
LABEL_KEYS = ("id", "name", "kind", "color")

Json = Mapping[str, Any]


def sidecar_path(path: Path) -> Path:
    """Where the JSON of that CSV lies: NAME.json beside NAME.csv."""
    return path.with_suffix(".json") if path.suffix.lower() == ".csv" else Path(f"{path}.json")


def load_sidecar(path: Path, problems: list[Problem]) -> Json:
    """The JSON as it stands, with lists under videos and labels; both empty when there is none.

    A file that is damaged or of another kind is reported and not used.
    """
    nothing: Json = {"videos": [], "labels": []}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return nothing
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(0, f"{path} cannot be read ({error}); sizes and ids are unknown."))
        return nothing
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        problems.append(Problem(0, f"{path} is damaged ({error}); sizes and ids are unknown."))
        return nothing
    if not is_sidecar(content):
        problems.append(Problem(0, f"{path} is not the side file of this CSV; it was not used."))
        return nothing
    return dict(content)


def is_sidecar(content: object) -> bool:
    """Whether a JSON value has the shape of our side file."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), list) and all(isinstance(x, dict) for x in content[key])
        for key in ("videos", "labels")
    )


def sidecar_labels(content: Json, where: Path, problems: list[Problem]) -> list[Label]:
    """The labels with usable ids and names, in the file's order."""
    labels: list[Label] = []
    for entry in content["labels"]:
        number, name = entry.get("id"), entry.get("name")
        taken = any(number == x.id or name == x.name for x in labels)
        if not _is_count(number) or not isinstance(name, str) or not name or taken:
            problems.append(Problem(0, f"{where}: label {entry!r:.200} was left out."))
            continue
        plain = Label(number, name)
        color, kind = entry.get("color", plain.color), entry.get("kind", plain.kind)
        labels.append(replace(plain, color=str(color), kind=str(kind)))
    return labels


def sidecar_videos(content: Json, where: Path, problems: list[Problem]) -> list[Video]:
    """The videos without tubes, in the file's order; an impossible fact counts as unknown."""
    videos: dict[str, Video] = {}
    for entry in content["videos"]:
        name = entry.get("name")
        if not isinstance(name, str) or not name or name in videos:
            problems.append(Problem(0, f"{where}: video {entry!r:.200} was left out."))
            continue
        facts: dict[str, Any] = {}
        for key, (attribute, parse) in _FACTS.items():
            try:
                facts |= {attribute: parse(entry[key])} if key in entry else {}
            except (ValueError, TypeError, ZeroDivisionError, DataError):
                message = f"{where}: {key} {entry[key]!r:.100} of {name} counts as unknown."
                problems.append(Problem(0, message))
        videos[name] = Video(name, **facts)
    return list(videos.values())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _count(value: object) -> int:
    if not _is_count(value):
        raise ValueError
    return int(str(value))


def _rate(value: object) -> Fraction:
    rate = Fraction(str(value))
    if rate < 0:
        raise ValueError
    return rate


def _ranges(value: Sequence[Sequence[int]]) -> tuple[FrameRange, ...]:
    return merge_ranges(FrameRange(_count(start), _count(stop)) for start, stop in value)


_FACTS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "width": ("width", _count),
    "height": ("height", _count),
    "frames": ("frame_count", _count),
    "fps": ("fps", _rate),
    "content_hash": ("content_hash", str),
    "ranges": ("ranges", _ranges),
}


def sidecar_text(annotations: AnnotationSet, unknown: Json) -> str:
    """The side file's content: what the annotations say, then the keys that are not ours.

    unknown is a side file as it was read; its keys are kept for the file, and for the videos and
    labels that are still there.
    """
    videos = {entry.get("name"): entry for entry in unknown.get("videos", ())}
    labels = {entry.get("id"): entry for entry in unknown.get("labels", ())}
    content = {
        "videos": [
            _video_entry(video) | _others(videos.get(video.name, {}), VIDEO_KEYS)
            for video in annotations.videos
        ],
        "labels": [
            {"id": label.id, "name": label.name, "kind": label.kind, "color": label.color}
            | _others(labels.get(label.id, {}), LABEL_KEYS)
            for label in annotations.labels
        ],
    } | _others(unknown, ("videos", "labels"))
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _video_entry(video: Video) -> dict[str, object]:
    return {
        "name": video.name,
        "width": video.width,
        "height": video.height,
        "frames": video.frame_count,
        "fps": str(video.fps),
        "content_hash": video.content_hash,
        "ranges": [[r.start, r.stop] for r in video.ranges],
    }


def _others(entry: Json, known: Sequence[str]) -> dict[str, object]:
    return {key: value for key, value in entry.items() if key not in known}


def kept_sidecar(path: Path) -> Json:
    """The side file that stands where one will be written; FormatError when it is another file."""
    problems: list[Problem] = []
    content = load_sidecar(path, problems)
    if problems:
        raise FormatError(
            f"{path} is there already and is no side file of a label CSV. "
            "Choose another name, or move that file away."
        )
    return content
