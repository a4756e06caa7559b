"""The demo that ships with the program fits together."""

from importlib.resources import files
from pathlib import Path

import numpy as np

from yowo_core.annotations import FrameRange, Video
from yowo_core.formats import yowo_csv
from yowo_core.video import open_video
from yowo_core.video.fingerprint import content_hash

DEMO = Path(str(files("resources"))) / "demo"


def _video() -> Video:
    result = yowo_csv.read(DEMO / "labels.csv")
    assert result.problems == ()
    (video,) = result.annotations.videos
    return video


def test_the_labels_describe_the_clip_beside_them() -> None:
    video = _video()
    path = DEMO / video.name
    with open_video(path) as reader:
        facts = (reader.width, reader.height, len(reader), reader.fps)
    assert (video.width, video.height, video.frame_count, video.fps) == facts
    assert video.content_hash == content_hash(path)


def test_nothing_is_known_about_the_people_kept_for_the_check() -> None:
    video = _video()
    assert video.ranges == (FrameRange(0, 900),)
    assert max(tube.stop for tube in video.tubes) <= 900


def test_four_people_walk_in_read_and_walk_out_inside_the_picture() -> None:
    video = _video()
    labels = {x.id: x.name for x in yowo_csv.read(DEMO / "labels.csv").annotations.labels}
    assert labels == {1: "walk", 2: "read"}
    assert len(video.tubes) == 4
    for tube in video.tubes:
        assert [labels[span.label] for span in tube.spans] == ["walk", "read", "walk"]
        assert np.all(tube.boxes >= 0)
        assert np.all(tube.boxes <= (video.width, video.height) * 2)


def test_the_attribution_names_the_licence_and_links_it() -> None:
    text = (DEMO / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "https://creativecommons.org/licenses/by/4.0/" in text
    assert _video().name in text
