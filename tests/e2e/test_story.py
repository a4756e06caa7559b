"""Chapters of one story in one window, each going on where the one before ended."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QSlider, QSpinBox

from app.domain.project import ModelRecord, RunState, TubeSummary
from app.itemmodels.media_model import ROW_ROLE
from app.services.analysis import AnalysisState
from app.services.live_values import LiveDetections
from app.services.project_service import ProjectService
from app.services.training_state import Phase
from app.views.discard_dialog import DiscardDialog
from app.views.export_dialog import ExportDialog
from app.views.fine_tune_dialog import FineTuneDialog
from app.views.label_entry import LabelEntry
from app.views.media_list import MediaList
from app.widgets.banner import Banner
from tests.e2e.conftest import LONG_TIMES, PARTS, Story
from tests.e2e.hands import CTRL, LEFT, LONG, NO, SHIFT, Hands, button, drag, field
from yowo_core.annotations import FrameRange, Review, Source

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
FRAMES = sum(len(part) for part in PARTS)
WATCHED = 4
"""A frame in which the first person reads."""
DRAWN, KEYED, ENDED = 26, 30, 33
"""Frames in which a box is drawn, moved again, and its second action ends."""
BOX = (520.0, 60.0, 680.0, 380.0)
ROOT = Path(__file__).resolve().parents[2]


def test_a_new_project_takes_a_dropped_video(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    hands.name_file(lambda: hands.key(Qt.Key.Key_N, CTRL), story.project)
    assert window.services.project.path == story.project
    assert story.project.is_file()
    hands.pick(field(window.top_bar, QComboBox, "Engine and device"), "PyTorch · CPU")
    assert window.services.settings.now.live_backend == "torch"
    listing = field(window.media, MediaList, "Videos")
    assert hands.drop(listing.viewport(), [story.clip])
    hands.until(lambda: window.play_desk.frame_count == FRAMES)
    hands.until(lambda: window.canvas.picture_size == (768, 432))
    assert listing.model().rowCount() == 1
    assert window.windowTitle().startswith("kitchen")


def test_it_plays_steps_jumps_and_scrubs(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    desk, timeline = window.play_desk, window.timeline
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: desk.frame >= 5)
    hands.key(Qt.Key.Key_Space)
    assert not window.services.playback.state.playing
    for key, modifiers, times, frame in (
        (Qt.Key.Key_Home, NO, 1, 0),
        (Qt.Key.Key_Right, NO, 3, 3),
        (Qt.Key.Key_Left, NO, 1, 2),
        (Qt.Key.Key_Right, CTRL, 2, 22),
        (Qt.Key.Key_Left, SHIFT, 1, 12),
        (Qt.Key.Key_End, NO, 1, FRAMES - 1),
    ):
        hands.key(key, modifiers, times)
        hands.until(partial(shown, hands, frame))
    go_to(hands, 31)
    QTest.mousePress(timeline.viewport(), LEFT, NO, hands.on_timeline(20.5, -1))
    hands.until(lambda: desk.frame == 20)
    for frame in (25, 32, 38):
        QTest.mouseMove(timeline.viewport(), hands.on_timeline(frame + 0.5, -1))
    QTest.mouseRelease(timeline.viewport(), LEFT, NO, hands.on_timeline(38.5, -1))
    hands.until(lambda: desk.frame == timeline.current_frame == 38)
    assert not window.services.playback.state.playing


def test_live_boxes_lie_on_the_picture_they_belong_to(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    seen = answered(hands)
    go_to(hands, WATCHED)
    hands.until(lambda: WATCHED in seen, LONG)
    assert hands.boxes_seen()
    line = window.play_desk.live_line()  # PyTorch answers until the model is prepared
    assert "answered in" in line or line.startswith("PyTorch")
    score = field(window.top_bar, QSlider, "Score threshold")
    before = score.value()
    score.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClick(score, Qt.Key.Key_PageUp)
    assert window.services.settings.now.live_score > before / 100
    score.setValue(before)
    hands.until(hands.boxes_seen)
    go_to(hands, FRAMES // 2)  # nobody is there
    hands.until(lambda: FRAMES // 2 in seen, LONG)
    assert not hands.boxes_seen()


def test_a_live_box_becomes_a_tube_by_a_double_click(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    found: list[LiveDetections] = []
    window.services.live.detections.connect(found.append)
    go_to(hands, WATCHED)
    hands.until(lambda: bool(found) and found[-1].frame == WATCHED, LONG)
    x1, y1, x2, y2 = found[-1].boxes[0].tolist()
    inside = hands.on_picture((x1 + x2) / 2, (y1 + y2) / 2)
    QTest.mouseDClick(window.canvas.viewport(), LEFT, NO, inside)
    (tube,) = tubes(hands)
    assert tube.first == WATCHED
    assert tube.source is Source.HUMAN
    assert box_of(hands, tube, WATCHED) == pytest.approx((x1, y1, x2, y2), abs=1)
    assert [name(hands, span.label) for span in tube.spans] == [best_action(hands, found[-1])]
    while tubes(hands):
        hands.key(Qt.Key.Key_Z, CTRL)
    hands.menu("View", "Live overlay")
    hands.until(lambda: not window.services.live.enabled)


def test_analysing_leaves_predictions_to_review(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    progress, ended = analyses(hands)
    hands.menu("Learn", "Analyse this video")
    hands.until(lambda: len(ended) == 1, LONG)
    assert ended[0].state is RunState.FINISHED, ended[0].message
    counted = [s.done for s in progress if s.stage == "detecting"]
    assert counted == sorted(counted)
    hands.until(lambda: to_review(window.services.project) >= 2)
    first, second = tubes(hands)[:2]
    assert first.last < second.first
    assert abs(first.number - second.number) == 1
    hands.until(button(window.top_bar, "To review").isEnabled)
    go_to(hands, first.first + 4)
    assert hands.boxes_seen()


def test_predictions_are_accepted_and_rejected_by_keys(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    first, second = tubes(hands)[:2]
    hands.key(Qt.Key.Key_Home)
    hands.until(lambda: window.play_desk.frame == 0)
    hands.key(Qt.Key.Key_Period)
    assert chosen(hands) == [first.id]
    hands.key(Qt.Key.Key_Return)
    assert chosen(hands) == [second.id]
    hands.until(lambda: second.first <= window.play_desk.frame <= second.last)
    hands.key(Qt.Key.Key_Backspace)
    assert reviews(hands)[:2] == [Review.ACCEPTED, Review.REJECTED]
    hands.key(Qt.Key.Key_Z, CTRL, times=2)
    assert reviews(hands)[:2] == [Review.TO_REVIEW, Review.TO_REVIEW]
    hands.key(Qt.Key.Key_Y, CTRL, times=2)
    assert reviews(hands)[:2] == [Review.ACCEPTED, Review.REJECTED]


def test_a_drawn_box_becomes_a_tube_that_every_gesture_corrects(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    go_to(hands, DRAWN)
    before = contents(hands)
    draw(hands, BOX, "wave")
    new = window.tube_desk.selected[0]
    assert (new.first, new.last, new.review) == (DRAWN, DRAWN + 9, Review.ACCEPTED)
    assert [name(hands, span.label) for span in new.spans] == ["wave"]
    assert box_of(hands, new, DRAWN) == pytest.approx(BOX, abs=1)

    x1, y1, x2, y2 = BOX
    hands.drag_picture((600, 200), (640, 210))
    moved = (x1 + 40, y1 + 10, x2 + 40, y2 + 10)
    assert box_of(hands, new, DRAWN) == pytest.approx(moved, abs=2)
    hands.drag_picture((moved[2], moved[3]), (moved[2] - 30, moved[3] - 20))
    smaller = (*moved[:2], moved[2] - 30, moved[3] - 20)
    assert box_of(hands, new, DRAWN) == pytest.approx(smaller, abs=2)

    hands.key(Qt.Key.Key_Right, times=KEYED - DRAWN)
    hands.until(lambda: window.play_desk.frame == KEYED)
    hands.key(Qt.Key.Key_K)
    assert window.tube_desk.selected[0].keyframes.tolist() == [DRAWN, KEYED, DRAWN + 9]
    here = box_of(hands, new, KEYED)
    middle = ((here[0] + here[2]) / 2, (here[1] + here[3]) / 2)
    hands.drag_picture(middle, (middle[0] - 200, middle[1]))
    there = box_of(hands, new, KEYED)
    assert there[0] == pytest.approx(here[0] - 200, abs=2)
    halfway = (box_of(hands, new, DRAWN)[0] + there[0]) / 2
    assert box_of(hands, new, (DRAWN + KEYED) // 2)[0] == pytest.approx(halfway, abs=0.01)

    row = hands.row_of(new.id)
    drag(
        window.timeline.viewport(),
        hands.on_timeline(DRAWN + 10, row),
        hands.on_timeline(DRAWN + 14, row),
    )
    assert window.tube_desk.selected[0].last == DRAWN + 13

    hands.key(Qt.Key.Key_1)
    hands.key(Qt.Key.Key_Right, times=ENDED - KEYED)
    hands.until(lambda: window.play_desk.frame == ENDED)
    hands.key(Qt.Key.Key_1)
    spans = {name(hands, s.label): (s.start, s.stop) for s in window.tube_desk.selected[0].spans}
    first = window.services.project.labels()[0].name
    assert spans[first] == (KEYED, ENDED)
    assert spans["wave"][0] == DRAWN

    after, edits = contents(hands), 0
    while contents(hands) != before:
        hands.key(Qt.Key.Key_Z, CTRL)
        edits += 1
        assert edits < 20
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT, times=edits)
    assert contents(hands) == after


def test_after_a_restart_everything_is_there_and_can_be_undone(story: Story) -> None:
    before = contents(story.hands)
    undo = story.hands.window.services.project.history().undo
    story.reopen()
    hands, window = story.hands, story.hands.window
    hands.until(lambda: window.play_desk.frame_count == FRAMES)
    assert window.services.project.path == story.project
    assert contents(hands) == before
    assert window.services.project.history().undo == undo
    hands.key(Qt.Key.Key_Space)  # the keys are the window's before anything was clicked
    hands.until(lambda: window.play_desk.frame >= 2)
    hands.key(Qt.Key.Key_Space)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert contents(hands) != before
    hands.key(Qt.Key.Key_Y, CTRL)
    assert contents(hands) == before


def labelled(hands: Hands, frame: int) -> bool:
    """Whether a frame of the only video is marked as completely labelled."""
    (video,) = hands.window.services.project.videos()
    return any(known.start <= frame < known.stop for known in video.ranges)


def test_frames_are_marked_as_labelled(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    drag(
        window.timeline.viewport(),
        hands.on_timeline(2.5, -1),
        hands.on_timeline(FRAMES - 3.5, -1),
        SHIFT,
    )
    assert window.timeline.selected_range == FrameRange(2, FRAMES - 3)
    hands.key(Qt.Key.Key_R, CTRL | SHIFT)
    assert not labelled(hands, 2)
    hands.press_button(window.timeline, "Mark as completely labelled")
    assert all(labelled(hands, frame) for frame in range(2, FRAMES - 3))
    hands.key(Qt.Key.Key_Escape)
    assert window.timeline.selected_range is None


def test_a_fine_tune_gives_a_model_that_plays_and_the_older_one_comes_back(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    training = window.services.training

    fine_tune(hands, "Quick")
    hands.until(lambda: training.state is not None and training.state.phase.over, LONG)
    state = training.state
    assert state is not None
    assert state.phase is Phase.FINISHED, state.message
    assert state.losses
    assert {"wave"} == set(state.fresh)
    older, newer = models(hands)
    assert older.live
    hands.press_button(window.fine_tune, "Make it live")
    assert live_model(hands).id == newer.id
    go_to(hands, WATCHED)
    hands.until(lambda: window.services.live.facts is not None, LONG)
    facts = window.services.live.facts
    assert facts is not None
    assert facts.labels == newer.labels
    hands.pick(field(window.top_bar, QComboBox, "Live model"), older.name)
    assert live_model(hands).id == older.id
    seen = answered(hands)
    go_to(hands, WATCHED + 1)
    hands.until(lambda: WATCHED + 1 in seen, LONG)
    assert hands.boxes_seen()


def test_a_fine_tune_is_stopped_and_the_best_is_kept(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    training = window.services.training
    hands.press_button(window.fine_tune, "Close")
    fine_tune(hands, "Thorough")
    hands.until(lambda: training.state is not None and training.state.best is not None, LONG)
    hands.press_button(window.fine_tune, "Stop and keep best")
    hands.until(lambda: not training.running, LONG)
    assert training.state is not None
    assert training.state.phase is Phase.STOPPED, training.state.message
    hands.until(lambda: len(models(hands)) == 3)


def test_a_fine_tune_is_paused_by_closing_and_goes_on_after_a_restart(story: Story) -> None:
    hands, training = story.hands, story.hands.window.services.training
    hands.press_button(hands.window.fine_tune, "Close")
    fine_tune(hands, "Quick")
    hands.until(lambda: training.state is not None and bool(training.state.losses), LONG)
    assert training.state is not None
    folder, done = training.state.run_dir, training.state.update
    story.reopen()
    hands, training = story.hands, story.hands.window.services.training
    hands.until(lambda: told(hands, "was cut off"))
    assert training.state is not None
    assert training.state.run_dir == folder
    assert training.state.losses
    assert training.state.update >= done - 1  # an update that was under way is made anew
    hands.press_button(hands.window.fine_tune, "Go on")
    hands.until(lambda: training.state is not None and training.state.phase.over, LONG)
    assert training.state.phase is Phase.FINISHED, training.state.message
    hands.until(lambda: len(models(hands)) == 4)


def test_a_fine_tune_is_discarded(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    training = window.services.training
    hands.press_button(window.fine_tune, "Close")
    fine_tune(hands, "Thorough")
    hands.until(lambda: training.state is not None and training.state.update > 0, LONG)
    assert training.state is not None
    folder = training.state.run_dir
    hands.dialog(
        DiscardDialog,
        lambda: hands.press_button(window.fine_tune, "Discard"),
        lambda dialog: hands.press_button(dialog, "Discard"),
    )
    hands.until(lambda: not folder.exists() and not training.running, LONG)
    assert len(models(hands)) == 4


@pytest.mark.parametrize("kind", ["CSV", "AVA"])
def test_the_window_and_the_command_export_the_same(story: Story, kind: str) -> None:
    hands = story.hands
    from_window = story.folder / f"window-{kind}.csv"

    def write(dialog: ExportDialog) -> None:
        hands.press_button(dialog, kind)
        line = field(dialog, QLineEdit, "File to write")
        line.selectAll()
        QTest.keyClicks(line, str(from_window))
        hands.press_button(dialog, "Export")
        hands.until(lambda: says(dialog, f"Written: {from_window.name}"))
        hands.press_button(dialog, "Close")

    hands.dialog(ExportDialog, lambda: hands.key(Qt.Key.Key_E, CTRL), write)
    from_command = story.folder / f"command-{kind}.csv"
    command = [sys.executable, "-m", "app", "export", str(story.project), str(from_command)]
    subprocess.run([*command, "--to", kind.lower()], check=True, cwd=ROOT, timeout=LONG / 1000)
    assert b"wave" in from_window.read_bytes() or kind == "AVA"
    assert from_window.read_bytes() == from_command.read_bytes()


def test_files_that_are_no_video_are_told_and_the_rest_goes_on(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    text, gone = story.folder / "notes.mp4", story.folder / "gone.mp4"
    text.write_text("not a video", encoding="utf-8")
    assert hands.drop(window.canvas.viewport(), [text, gone, story.long_clip])
    hands.until(lambda: told(hands, str(text)) and told(hands, str(gone)))
    hands.until(lambda: len(window.services.project.videos()) == 2)
    click_video(hands, 1)
    hands.until(lambda: window.play_desk.frame_count == LONG_TIMES * FRAMES)


def test_a_cancelled_analysis_keeps_what_is_done(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    progress, ended = analyses(hands)
    hands.menu("Learn", "Analyse this video")
    hands.until(lambda: bool(progress) and progress[-1].done >= FRAMES // 2, LONG)
    listing = field(window.media, MediaList, "Videos")
    place = listing.visualRect(listing.model().index(1, 0)).center()
    hands.context_menu(listing.viewport(), place, "Cancel analysis")
    hands.until(lambda: len(ended) == 1, LONG)
    assert ended[0].state is RunState.STOPPED
    hands.until(lambda: len(tubes(hands)) >= 1)
    assert all(tube.last < LONG_TIMES * FRAMES - 1 for tube in tubes(hands))


@pytest.mark.shared
def test_a_damaged_video_plays_as_far_as_it_goes(story: Story, shared: Path) -> None:
    hands, window = story.hands, story.hands.window
    damaged = shared / "footage" / "corrupted.mp4"
    assert hands.drop(window.timeline.viewport(), [damaged])
    hands.until(lambda: len(window.services.project.videos()) == 3)
    click_video(hands, 2)
    hands.until(lambda: told(hands, damaged.name))
    hands.key(Qt.Key.Key_End)
    hands.until(lambda: window.play_desk.frame == window.play_desk.frame_count - 1 > 0)
    click_video(hands, 0)
    hands.until(lambda: window.play_desk.frame_count == FRAMES)


def test_a_missing_video_is_told_and_found_again(story: Story) -> None:
    disk = story.folder.with_name(f"{story.folder.name}-disk")  # beside the project it is found
    disk.mkdir()
    elsewhere = disk / "moved.mp4"
    story.long_clip.rename(elsewhere)
    story.reopen()
    hands, window = story.hands, story.hands.window
    hands.until(lambda: window.play_desk.frame_count == FRAMES)
    click_video(hands, 1)
    missing = window.services.project.videos()[1]
    assert str(story.long_clip) in missing.problem
    (banner,) = window.canvas.findChildren(Banner)
    hands.until(lambda: "is missing" in banner.says)
    assert window.play_desk.frame_count == LONG_TIMES * FRAMES
    hands.name_file(lambda: click_link(hands, 1), elsewhere)
    hands.until(lambda: not banner.says)
    hands.until(lambda: window.services.project.videos()[1].problem == "")
    hands.until(lambda: window.play_desk.frame_count == LONG_TIMES * FRAMES)


def test_a_file_that_is_no_project_leaves_the_open_one(story: Story) -> None:
    hands, window = story.hands, story.hands.window
    fake = story.folder / "fake.yowo"
    fake.write_text("not a project", encoding="utf-8")
    before = contents(hands)
    hands.name_file(lambda: hands.key(Qt.Key.Key_O, CTRL), fake)
    hands.until(lambda: told(hands, str(fake)))
    assert window.services.project.path == story.project
    assert contents(hands) == before
    hands.key(Qt.Key.Key_Space)
    hands.until(lambda: window.services.playback.state.playing)
    hands.key(Qt.Key.Key_Space)


def fine_tune(hands: Hands, length: str) -> None:
    """Ask for a fine-tune with the smallest epochs there are."""

    def answer(dialog: FineTuneDialog) -> None:
        hands.pick(field(dialog, QComboBox, "How long"), length)
        hands.press_button(dialog, "Advanced")
        for title, value in (("Clips per epoch", "16"), ("Batch", "4")):
            spin = field(dialog, QSpinBox, title)
            spin.setFocus(Qt.FocusReason.TabFocusReason)
            spin.selectAll()
            QTest.keyClicks(spin, value)
        hands.press_button(dialog, "Start")

    hands.dialog(FineTuneDialog, lambda: hands.key(Qt.Key.Key_L, CTRL), answer)
    state = hands.window.services.training.state
    assert state is not None


def told(hands: Hands, text: str) -> bool:
    """Whether a message on the window speaks of it."""
    return any(text in message for message in hands.window.toasts.texts)


def says(dialog: QDialog, text: str) -> bool:
    return any(label.text().startswith(text) for label in dialog.findChildren(QLabel))


def click_video(hands: Hands, row: int) -> None:
    """Click on a video of the list."""
    listing = field(hands.window.media, MediaList, "Videos")
    area = listing.visualRect(listing.model().index(row, 0))
    QTest.mouseClick(listing.viewport(), LEFT, NO, area.center() - QPoint(0, area.height() // 4))


def click_link(hands: Hands, row: int) -> None:
    """Click on Locate in the row of a video."""
    listing = field(hands.window.media, MediaList, "Videos")
    index = listing.model().index(row, 0)
    area = QRectF(listing.visualRect(index))
    link = listing._delegate.link_area(area, listing.font(), index.data(ROW_ROLE))
    QTest.mouseClick(listing.viewport(), LEFT, NO, link.center().toPoint())


def go_to(hands: Hands, frame: int) -> None:
    """Type a frame's number and wait for its picture."""
    hands.key(Qt.Key.Key_G)
    hands.write(str(frame))
    hands.until(lambda: hands.window.play_desk.frame == frame)


def shown(hands: Hands, frame: int) -> bool:
    return hands.window.play_desk.frame == frame


def analyses(hands: Hands) -> tuple[list[AnalysisState], list[AnalysisState]]:
    """How analyses stand and how they ended, from now on."""
    progress: list[AnalysisState] = []
    ended: list[AnalysisState] = []
    hands.window.services.analysis.progress.connect(progress.append)
    hands.window.services.analysis.ended.connect(ended.append)
    return progress, ended


def answered(hands: Hands) -> list[int]:
    """The frames that the live model answers about from now on."""
    frames: list[int] = []
    hands.window.services.live.detections.connect(lambda found: frames.append(found.frame))
    return frames


def draw(hands: Hands, box: tuple[float, float, float, float], label: str) -> None:
    """Draw a box and type what happens in it."""
    hands.key(Qt.Key.Key_N)
    hands.drag_picture(box[:2], box[2:])
    (entry,) = hands.window.canvas.findChildren(LabelEntry)
    hands.until(entry.hasFocus)
    hands.write(label)


def tubes(hands: Hands) -> list[TubeSummary]:
    video = hands.window.play_desk.video
    assert video is not None
    return sorted(hands.window.services.project.tubes(video.id), key=lambda t: t.first)


def best_action(hands: Hands, found: LiveDetections) -> str:
    facts = hands.window.services.live.facts
    assert facts is not None
    return facts.labels[int(found.scores[0].argmax())]


def chosen(hands: Hands) -> list[int]:
    return [tube.id for tube in hands.window.tube_desk.selected]


def reviews(hands: Hands) -> list[Review]:
    return [tube.review for tube in tubes(hands)]


def to_review(project: ProjectService) -> int:
    return project.review_counts().to_review


def name(hands: Hands, label_id: int) -> str:
    return next(i.name for i in hands.window.services.project.labels() if i.id == label_id)


def box_of(hands: Hands, tube: TubeSummary, frame: int) -> tuple[float, float, float, float]:
    boxes = hands.window.services.project.boxes_at(tube.video_id, frame)
    return next(b.box for b in boxes if b.tube_id == tube.id)


def models(hands: Hands) -> list[ModelRecord]:
    return hands.window.services.project.models()


def live_model(hands: Hands) -> ModelRecord:
    return next(model for model in models(hands) if model.live)


def contents(hands: Hands) -> list[object]:
    """Every tube of the project as plain values."""
    found = hands.window.services.project.annotation_set(confirmed_only=False)
    return [
        (t.id, t.frames.tolist(), t.boxes.tolist(), t.keyframe.tolist(), t.spans, t.review)
        for video in found.videos
        for t in video.tubes
    ]
