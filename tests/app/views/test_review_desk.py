"""The queue through predicted tubes as a reviewer walks it."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPointF
from pytestqt.qtbot import QtBot

from app.domain.project import RunKind
from app.domain.review import ReviewQueue, VideoReview
from app.editing.labels import AddLabel
from app.services.messages import Message
from app.views.main_window import MainWindow
from app.views.review_texts import next_step, queue_title
from benchmarks.barcode_clip import ClipForm, write_clip
from yowo_core.annotations import ActionSpan, Review, Source, Tube

FORM = ClipForm(options={"g": "12", "preset": "ultrafast"})


@pytest.fixture
def queue(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> list[int]:
    """Ids of four predictions in their order; the third scores little, the fourth reads."""
    project, video = window.services.project, window.play_desk.video
    assert video is not None
    for name in ("walk", "read"):
        project.submit(AddLabel(name))
    walk, read = (label.id for label in project.labels())
    made = [(0, walk, 0.9), (5, walk, 0.8), (10, walk, 0.1), (15, read, 0.7)]
    run = project.add_run(RunKind.DETECT, "t", tmp_path / "run", video.id)
    assert run is not None
    project.import_predictions(video.id, run.id, [_tube(*values) for values in made])
    project.finish_work()
    window.review_desk.say()
    return [t.id for t in sorted(project.tubes(video.id), key=lambda t: t.first)]


def _tube(first: int, label: int, score: float) -> Tube:
    """Five frames with a box that grows, and the highest score in the fourth."""
    frames = np.arange(first, first + 5, dtype=np.int64)
    sides = np.array([[1, 1, 20 + n, 20 + n] for n in range(5)], np.float64)
    scores = (score / 2, score / 2, score / 2, 1.5 * score, score / 2)
    span = ActionSpan(label, first, first + 5, score, tuple(min(s, 1.0) for s in scores))
    made = (Source.MODEL,) * 5
    hidden = np.zeros(5, dtype=np.bool_)
    return Tube("", frames, sides, (span,), made, hidden, review=Review.TO_REVIEW)


def _selected(window: MainWindow) -> list[int]:
    return [tube.id for tube in window.tube_desk.selected]


class _Heard(QObject):
    """What is said from now on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.texts: list[str] = []
        window.services.messages.posted.connect(self._hear)

    def _hear(self, message: Message) -> None:
        self.texts.append(message.text)


def test_each_decision_leads_to_the_next_one_where_it_is_best_seen(
    window: MainWindow, queue: list[int], qtbot: QtBot
) -> None:
    act = window.actions_by_name
    act["next"].trigger()
    assert _selected(window) == queue[:1]
    qtbot.waitUntil(lambda: window.play_desk.frame == 3)
    act["accept"].trigger()
    assert _selected(window) == [queue[1]]
    qtbot.waitUntil(lambda: window.play_desk.frame == 8)
    act["reject"].trigger()
    assert _selected(window) == [queue[3]]  # the third is below the slider
    qtbot.waitUntil(lambda: window.play_desk.frame == 18)


def test_undo_returns_to_the_tube_that_was_decided(
    window: MainWindow, queue: list[int], qtbot: QtBot
) -> None:
    act = window.actions_by_name
    act["next"].trigger()
    act["accept"].trigger()
    act["reject"].trigger()
    qtbot.waitUntil(lambda: window.play_desk.frame == 18)
    act["undo"].trigger()
    assert _selected(window) == [queue[1]]
    qtbot.waitUntil(lambda: window.play_desk.frame == 8)
    assert window.review_desk.queue().left == 2
    act["undo"].trigger()
    assert _selected(window) == queue[:1]
    qtbot.waitUntil(lambda: window.play_desk.frame == 3)


def test_the_end_is_said_with_what_comes_next(window: MainWindow, queue: list[int]) -> None:
    heard, act = _Heard(window).texts, window.actions_by_name
    for name in ("next", "accept", "accept", "reject"):
        act[name].trigger()
    assert _selected(window) == []
    assert heard[-1] == "Nothing is left from score 0.30 on; 1 more is hidden."
    window.tube.step_asked.emit("widen")
    assert window.services.settings.now.live_score == 0.05
    act["next"].trigger()
    assert _selected(window) == [queue[2]]
    act["accept"].trigger()
    assert heard[-1].startswith("Every prediction of this video is decided: 3 confirmed, 1 reject")


def test_the_queue_can_be_of_one_action(window: MainWindow, queue: list[int]) -> None:
    read = window.services.project.labels()[1].id
    window.tube.label_wanted.emit(read)
    assert window.review_desk.queue().left == 1
    window.actions_by_name["next"].trigger()
    assert _selected(window) == [queue[3]]
    window.tube.label_wanted.emit(None)
    assert window.review_desk.queue().left == 3


def test_enter_with_nothing_selected_decides_nothing(window: MainWindow, queue: list[int]) -> None:
    window.review_desk.decide(Review.REJECTED)
    assert _selected(window) == queue[:1]
    assert window.review_desk.queue().left == 3


def test_the_zoom_stays_and_the_box_comes_into_view(
    window: MainWindow, queue: list[int], qtbot: QtBot
) -> None:
    window.resize(1200, 800)
    window.show()
    canvas = window.canvas
    qtbot.waitUntil(lambda: canvas.picture_size[0] > 0)
    width, height = canvas.picture_size
    canvas.zoom_to((width - 30, height - 30, width - 10, height - 10))
    zoom = canvas.zoom
    window.actions_by_name["next"].trigger()
    assert canvas.zoom == zoom
    center = canvas.to_video(QPointF(canvas.viewport().rect().center()))
    assert center.x() < width / 2
    assert center.y() < height / 2


def test_the_next_video_with_something_to_review_is_shown(
    window: MainWindow, queue: list[int], tmp_path: Path, qtbot: QtBot
) -> None:
    project, first = window.services.project, window.play_desk.video
    assert first is not None
    window.media_desk.add([write_clip(tmp_path / "b.mp4", range(40), FORM, Fraction(1, 30))])
    qtbot.waitUntil(lambda: len(project.videos()) == 2)
    window.actions_by_name["next"].trigger()
    window.actions_by_name["accept"].trigger()
    other = project.videos()[1]
    window.media.video_chosen.emit(other.id)
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 40)
    assert window.review_desk.queue().elsewhere == 2
    window.tube.step_asked.emit("next_video")
    qtbot.waitUntil(lambda: _selected(window) == [queue[1]])
    window.media.video_chosen.emit(other.id)
    qtbot.waitUntil(lambda: window.play_desk.frame_count == 40)
    window.actions_by_name["undo"].trigger()
    qtbot.waitUntil(lambda: _selected(window) == queue[:1])
    assert window.play_desk.video is not None
    assert window.play_desk.video.id == first.id


@pytest.mark.parametrize(
    ("queue", "text", "steps"),
    [
        (ReviewQueue(), "Open a video", ()),
        (ReviewQueue(VideoReview(to_review=2), 1), "1 prediction waits for your decision.", ()),
        (ReviewQueue(VideoReview()), "No tubes here yet. Analyse it", ("analyse",)),
        (ReviewQueue(VideoReview(confirmed=4)), "This video is not analysed yet.", ("analyse",)),
        (ReviewQueue(VideoReview(), analysing=True), "The video is being analysed", ()),
        (
            ReviewQueue(VideoReview(confirmed=1, predicted=1), elsewhere=3),
            "Every prediction of this video is decided: 1 confirmed, 0 rejected. 3 tubes wait in",
            ("next_video", "fine_tune", "export"),
        ),
    ],
)
def test_every_state_has_a_sentence(queue: ReviewQueue, text: str, steps: tuple[str, ...]) -> None:
    said, offered = next_step(queue)
    assert said.startswith(text)
    assert offered == steps


def test_the_title_counts_what_is_left() -> None:
    assert queue_title(ReviewQueue(VideoReview(to_review=12), 12)).endswith("12 LEFT")
    assert queue_title(ReviewQueue(VideoReview())) == "REVIEW"
