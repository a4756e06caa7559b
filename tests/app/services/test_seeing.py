"""What the model sees is asked for once, given up when something else is wanted, and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.domain.seeing import SeeingPhase, SeeingState, SeeingWish
from app.services.job_runner import JobEnd, JobEvent, JobRunner
from app.services.seeing import Seeing
from yowo_core.events import Finished

WISH = SeeingWish(Path("/v/a.mp4"), 7, Path("/m/one.safetensors"))


class Runner(JobRunner):
    """Starts nothing: the test says how each job goes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.started: list[list[str]] = []
        self.killed: list[int] = []

    def start(self, arguments: Sequence[str]) -> int:
        self.started.append(list(arguments))
        return len(self.started)

    def kill(self, job: int) -> None:
        self.killed.append(job)

    def target(self, job: int) -> Path:
        given = self.started[job - 1]
        return Path(given[given.index("--maps") + 1])

    def finish(self, job: int, action: str = "walk") -> None:
        shown = np.eye(4, dtype=np.float32)
        with self.target(job).open("wb") as file:
            np.savez(file, **{"2d": shown, "3d": shown * 0.5})  # type: ignore[arg-type]
        facts = {"class": action, "score": 0.75}
        self.event_received.emit(JobEvent(job, Finished("", facts=facts)))
        self.ended.emit(JobEnd(job, 0, True, False, "", ()))


@pytest.fixture
def jobs(qtbot: QtBot) -> Runner:
    return Runner()


@pytest.fixture
def seeing(jobs: Runner) -> Iterator[Seeing]:
    made = Seeing(jobs)
    yield made
    made.shutdown()


def test_a_wish_becomes_a_job_and_its_maps(seeing: Seeing, jobs: Runner) -> None:
    heard: list[SeeingState] = []
    seeing.changed.connect(heard.append)
    seeing.ask(replace(WISH, action="-odd class", device="cpu"))
    (given,) = jobs.started
    assert given[:4] == ["see", str(WISH.video.absolute()), "--frame", "7"]
    assert given[given.index("--class") + 1] == "-odd class"
    assert given[given.index("--device") + 1] == "cpu"
    assert "--causal" in given
    jobs.finish(1, "-odd class")
    assert [s.phase for s in heard] == [SeeingPhase.WORKING, SeeingPhase.THERE]
    seen = heard[-1].seen
    assert seen is not None
    assert (seen.action, seen.score, set(seen.maps)) == ("-odd class", 0.75, {"2d", "3d"})
    np.testing.assert_array_equal(seen.maps["3d"], np.eye(4) * 0.5)
    assert not jobs.target(1).exists()


def test_what_is_known_comes_at_once_also_by_its_class(seeing: Seeing, jobs: Runner) -> None:
    seeing.ask(WISH)
    jobs.finish(1, "walk")
    seeing.ask(replace(WISH, frame=8))
    seeing.ask(replace(WISH, action="walk"))
    assert seeing.state.phase is SeeingPhase.THERE
    assert seeing.state.wish == replace(WISH, action="walk")
    assert len(jobs.started) == 2
    assert jobs.killed == [2]


def test_another_wish_ends_the_job_before_and_its_answer_counts_no_more(
    seeing: Seeing, jobs: Runner
) -> None:
    seeing.ask(WISH)
    seeing.ask(WISH)
    other = replace(WISH, frame=9)
    seeing.ask(other)
    assert jobs.killed == [1]
    jobs.finish(1)
    assert (seeing.state.phase, seeing.state.wish) == (SeeingPhase.WORKING, other)
    seeing.stop()
    assert jobs.killed == [1, 2]
    jobs.finish(2)
    assert seeing.state.phase is SeeingPhase.NOTHING


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (JobEnd(1, 1, False, False, "Frame 7 is damaged.", ()), "Frame 7 is damaged."),
        (JobEnd(1, 0, True, False, "", ()), "is not what was asked for"),
    ],
)
def test_a_failure_is_told_and_may_be_tried_again(
    seeing: Seeing, jobs: Runner, end: JobEnd, sentence: str
) -> None:
    seeing.ask(WISH)
    jobs.ended.emit(end)
    assert seeing.state.phase is SeeingPhase.FAILED
    assert sentence in seeing.state.message
    seeing.ask(WISH)
    assert len(jobs.started) == 2


def test_its_folder_goes_with_it(seeing: Seeing, jobs: Runner) -> None:
    seeing.ask(WISH)
    folder = jobs.target(1).parent
    assert folder.is_dir()
    seeing.shutdown()
    assert not folder.exists()
