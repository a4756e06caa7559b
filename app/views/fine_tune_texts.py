"""What the fine-tune dialog says: how long it takes, what may come of it, why it cannot start."""

from collections.abc import Sequence

from app.domain.training import ENOUGH_TUBES, LearningCount
from app.domain.wording import about, counted, short_number
from app.itemmodels.table_model import Cell

LENGTHS = (("Quick", 3), ("Normal", 7), ("Thorough", 20))
"""Names and epochs of the lengths on offer; the second one is the default."""


def length_text(name: str, epochs: int, clips: int, clips_per_second: float) -> str:
    """A length with its epochs and, where the speed is known, roughly how long it takes."""
    told = f"{name} \u2014 {counted(epochs, 'epoch')}"
    if clips_per_second <= 0:
        return told
    return f"{told}, {about(epochs * clips / clips_per_second)}"


def count_rows(counts: Sequence[LearningCount]) -> list[tuple[Cell, ...]]:
    """Class, tubes, boxes and held-out frames; what is too little in the warning's tone."""
    return [
        (
            Cell(count.name),
            Cell(short_number(count.tubes), "warning" if count.tubes < ENOUGH_TUBES else ""),
            Cell(short_number(count.boxes), "" if count.boxes else "warning"),
            Cell(short_number(count.held_out_frames), "" if count.held_out_frames else "warning"),
        )
        for count in counts
    ]


def warning(counts: Sequence[LearningCount]) -> str:
    """What may be expected of classes with little material, "" when all have enough."""
    taught = [count for count in counts if count.tubes]
    few = [count for count in taught if count.tubes < ENOUGH_TUBES]
    unseen = [count for count in taught if not count.held_out_frames]
    sentences = []
    if few:
        which = _which(few, taught)
        sentences.append(f"{which} fewer than {ENOUGH_TUBES} tubes: little can be expected.")
    if unseen and len(unseen) == len(taught):
        sentences.append("Nothing is held out: before and after cannot be measured.")
    elif unseen:
        which = _which(unseen, taught)
        sentences.append(f"{which} no held-out frame and cannot be measured.")
    return " ".join(sentences)


def reason_not_to_start(models: int, counts: Sequence[LearningCount]) -> str:
    """Why nothing can be learnt, as a sentence with what to do; "" when something can."""
    if not models:
        return (
            "The project has no model to start from. Install the program again: its own is missing."
        )
    if not any(count.tubes and count.boxes for count in counts):
        return "There is no confirmed tube with an action. Accept or draw one first."
    return ""


def _which(part: Sequence[LearningCount], whole: Sequence[LearningCount]) -> str:
    if len(part) == 1:
        return f"\u201c{part[0].name}\u201d has"
    if len(part) == len(whole):
        return f"All {len(whole)} classes have"
    return f"{len(part)} of {len(whole)} classes have"
