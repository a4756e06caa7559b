"""What is said about the review of a video, and what can be done next."""

from app.domain.names import readable_name
from app.domain.review import ReviewQueue, VideoReview
from app.domain.wording import DOT, counted, shortened

NEXT_STEPS = {
    "analyse": "Analyse this video",
    "widen": "Show them",
    "next_video": "Next video",
    "fine_tune": "Fine-tune\u2026",
    "export": "Export\u2026",
}
"""Captions of what can be done next, by the name of the action."""

Said = tuple[str, tuple[str, ...]]
"""A sentence, and the names of what can be done, in NEXT_STEPS."""


def queue_title(queue: ReviewQueue) -> str:
    """REVIEW and how many are left."""
    return f"REVIEW {DOT} {queue.left} LEFT" if queue.left else "REVIEW"


def next_step(queue: ReviewQueue) -> Said:
    """Where the review stands and what to do about it."""
    video = queue.video
    if video is None:
        return "Open a video to see its tubes here.", ()
    if queue.left:
        waits = "prediction waits" if queue.left == 1 else "predictions wait"
        return f"{queue.left} {waits} for your decision.", ()
    if queue.analysing:
        return "The video is being analysed; its predictions come when that is done.", ()
    if video.to_review:
        verb = "is" if video.to_review == 1 else "are"
        return f"Nothing is left {_filter(queue)}; {video.to_review} more {verb} hidden.", (
            "widen",
        )
    if not video.predicted:
        begin = "This video is not analysed yet." if video.confirmed else "No tubes here yet."
        return f"{begin} Analyse it, or draw a box.", ("analyse",)
    return _done(queue, video)


def _done(queue: ReviewQueue, video: VideoReview) -> Said:
    parts = [f"{video.confirmed} confirmed", f"{video.rejected} rejected"]
    if video.unsure:
        parts.append(f"{video.unsure} unsure")
    done = f"Every prediction of this video is decided: {', '.join(parts)}."
    if queue.elsewhere:
        verb = "waits" if queue.elsewhere == 1 else "wait"
        more = f"{counted(queue.elsewhere, 'tube')} {verb} in other videos."
        return f"{done} {more}", ("next_video", "fine_tune", "export")
    return f"{done} Fine-tune the model on them, or export them.", ("fine_tune", "export")


def _filter(queue: ReviewQueue) -> str:
    action = f" of \u201c{shortened(readable_name(queue.label), 40)}\u201d" if queue.label else ""
    return f"from score {queue.wanted.min_score:.2f} on{action}"
