"""Refuses annotations that no format could give back."""

from collections import Counter

from yowo_core.annotations import AnnotationSet
from yowo_core.errors import FormatError


def check_names(annotations: AnnotationSet) -> None:
    """FormatError for names that would run into one: equal labels, videos, or tubes of a video.

    Also for an action whose label has no name.
    """
    names = {label.id: label.name for label in annotations.labels}
    _check_single("labels", [label.name for label in annotations.labels])
    _check_single("videos", [video.name for video in annotations.videos])
    for video in annotations.videos:
        _check_single(f"tubes of {video.name}", [tube.id for tube in video.tubes])
        for tube in video.tubes:
            for span in tube.spans:
                if not names.get(span.label):
                    raise FormatError(
                        f"Tube {tube.id!r} of {video.name} has an action with the label id "
                        f"{span.label}, which has no name. Name that label first."
                    )


def _check_single(what: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise FormatError(f"{count} {what} are called {name!r}. Give each its own name.")
