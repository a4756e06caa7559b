"""What the fine-tune panel says about a run."""

from html import escape

from app.domain.wording import ARROW, DASH, DOT, clock, counted, one_line, shortened
from app.itemmodels.table_model import Cell
from app.services.training_state import Phase, TrainingState
from app.widgets.theme import current_theme

_BETTER = 0.05  # percent points: below, two figures print the same


_PROJECT_LETTERS = 24


def title(run: int, project: str = "") -> str:
    """FINE-TUNE with the number of the run, if it has one, and whose it is, if not the open one's.

    Its model is called by the same number.
    """
    number = f"FINE-TUNE {run}" if run else "FINE-TUNE"
    return f"{number} {DOT} {shortened(one_line(project), _PROJECT_LETTERS)}" if project else number


def progress_line(state: TrainingState) -> str:
    """Epoch, speed and time left while it runs; what it does or did else."""
    rate = f"{state.rate:.1f} clips/s" if state.rate > 0 else ""
    epoch = f"epoch {max(state.epoch, 1)} / {state.epochs}" if state.epochs else "starting"
    said = {
        Phase.PREPARING: _joined("looking at the videos", _share(state, "videos")),
        Phase.DECODING: _reading(state),
        Phase.TRAINING: _joined(epoch, rate, _left(state)),
        Phase.STOPPING: "saving where it stands\u2026",
        Phase.FINISHED: f"finished, {counted(state.epochs, 'epoch')}",
        Phase.STOPPED: _joined(_stopped(state), state.message),
        Phase.FAILED: _failed(state),
    }
    if state.phase is Phase.TRAINING and state.stage == "measuring":
        return _joined("measuring", _share(state, "frames"), _left(state))
    return said.get(state.phase, "")


def figure_line(state: TrainingState) -> str:
    """Rich text: frame-mAP before and best, the second coloured by which is higher."""
    theme = current_theme()
    before = "" if state.before is None else f"{state.before:.1f} {ARROW} "
    if state.best is not None:
        color = theme.good if better(state) else theme.warning
        return f'frame-mAP {before}<b style="color:{color}">{state.best:.1f}</b>'
    if state.phase.over:
        unmeasured = state.phase is Phase.STOPPED and state.has_weights
        told = "no epoch was measured yet: its weights have no figure"
        return told if unmeasured else "frame-mAP was not measured"
    return f"frame-mAP {before}\u2026" if before else "frame-mAP is measured after each epoch"


def better(state: TrainingState) -> bool:
    """Whether the new model is measurably better, or nothing is known of the old one."""
    if state.best is None:
        return False
    return state.before is None or state.best >= state.before + _BETTER


def classes_line(state: TrainingState) -> str:
    """Which classes go on from what the base model knew and which start new."""
    parts = [
        f"{word} {', '.join(names[:6])}{'' if len(names) <= 6 else f' and {len(names) - 6} more'}"
        for word, names in (
            ("knows already:", state.kept),
            ("new:", state.fresh),
            ("forgets:", state.dropped),
        )
        if names
    ]
    return f" {DOT} ".join(parts)


def notices_text(state: TrainingState) -> str:
    """The last three sentences of the run as rich text, one a line."""
    return "<br>".join(escape(sentence) for sentence in state.notices[-3:])


def class_rows(state: TrainingState) -> list[tuple[Cell, ...]]:
    """Class, before and after in percent; a dash where a class was not measured."""
    names = sorted({*state.per_class_before, *state.per_class_best}, key=str.casefold)
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        old, new = state.per_class_before.get(name), state.per_class_best.get(name)
        rows.append((Cell(name), Cell(_figure(old), "muted"), Cell(_figure(new), _tone(old, new))))
    return rows


def _reading(state: TrainingState) -> str:
    if state.stage == "loading":
        return "loading PyTorch\u2026"
    return _joined("reading the videos", _share(state, "frames"), _left(state))


def _share(state: TrainingState, things: str) -> str:
    if not state.total:
        return ""
    percent = 100 * state.done // state.total
    return f"{state.done:,} of {state.total:,} {things}, {percent}\u00a0%"


def _stopped(state: TrainingState) -> str:
    if not state.update:
        return "stopped before the first update"
    where = f" of {state.epochs}" if state.epochs else ""
    return f"stopped in epoch {max(state.epoch, 1)}{where}, update {state.update:,}"


def _failed(state: TrainingState) -> str:
    if state.can_go_on and state.update > 0:
        return f"{state.message} What it had saved is kept: go on, or discard it."
    return state.message


def _left(state: TrainingState) -> str:
    return f"{clock(state.seconds_left)} left" if state.seconds_left > 0 else ""


def _joined(*parts: str) -> str:
    return f" {DOT} ".join(part for part in parts if part)


def _figure(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}"


def _tone(old: float | None, new: float | None) -> str:
    if new is None:
        return "muted"
    if old is None or new >= old + _BETTER:
        return "good"
    return "warning" if new <= old - _BETTER else ""
