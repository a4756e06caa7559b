"""What the fine-tune panel says about a run."""

from html import escape

from app.domain.wording import ARROW, DASH, DOT, clock, counted
from app.itemmodels.table_model import Cell
from app.services.training_state import Phase, TrainingState
from app.widgets.theme import current_theme

_BETTER = 0.05  # percent points: below, two figures print the same


def title(run: int) -> str:
    """FINE-TUNE and the number of the run, if it has one."""
    return f"FINE-TUNE {DOT} RUN {run}" if run else "FINE-TUNE"


def progress_line(state: TrainingState) -> str:
    """Epoch, speed and time left while it runs; what it does or did else."""
    rate = f"{state.rate:.1f} clips/s" if state.rate > 0 else ""
    epoch = f"epoch {max(state.epoch, 1)} / {state.epochs}" if state.epochs else "starting"
    said = {
        Phase.PREPARING: "gathering the labelled frames\u2026",
        Phase.DECODING: _joined("reading the videos", _left(state)),
        Phase.TRAINING: _joined(epoch, rate, _left(state)),
        Phase.STOPPING: "stopping\u2026",
        Phase.FINISHED: f"finished, {counted(state.epochs, 'epoch')}",
        Phase.STOPPED: f"stopped in epoch {max(state.epoch, 1)} of {state.epochs}",
        Phase.FAILED: state.message,
    }
    return said.get(state.phase, "")


def figure_line(state: TrainingState) -> str:
    """Rich text: frame-mAP before and best, the second coloured by which is higher."""
    theme = current_theme()
    before = "" if state.before is None else f"{state.before:.1f} {ARROW} "
    if state.best is not None:
        color = theme.good if better(state) else theme.warning
        return f'frame-mAP {before}<b style="color:{color}">{state.best:.1f}</b>'
    if state.phase.over:
        return "frame-mAP was not measured"
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
