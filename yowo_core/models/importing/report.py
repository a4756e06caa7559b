"""What is said of an imported file, to people and to programs."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from yowo_core.models.branch_card import SEEN, Backbone
from yowo_core.models.configs.base import DetectorConfig
from yowo_core.models.configs.stored import config_to_json
from yowo_core.models.importing.importer import Head, Import
from yowo_core.models.importing.licences import DATA_TERMS
from yowo_core.models.importing.matching import COUNTER
from yowo_core.models.importing.recognise import LeftOut

_SHOWN = 3
_NARROW = 12


def as_object(plan: Import, noticed: Iterable[str] = ()) -> dict[str, Any]:
    """Plain values for JSON; all of the names."""
    found, file, subject = plan.found, plan.file, plan.found.subject
    told: dict[str, Any] = {
        "file": str(plan.path),
        "container": file.container,
        "place": file.place,
        "prefix": file.prefix,
        "what": "model" if isinstance(subject, DetectorConfig) else "backbone",
        "ours": found.ours,
        "title": found.title,
        "name": found.name,
        "parameters": _parameters(plan),
        "data_set": {"name": found.data_set.name, "how": found.data_set.how},
        "licence": found.licence,
        "left_out": [{"why": item.why, "names": list(item.names)} for item in found.left_out],
        "notes": [*found.notes, *noticed],
        "facts": dict(file.facts),
    }
    if isinstance(subject, Backbone):
        return {**told, "branch": subject.branch, "network": subject.name}
    return {**told, **_of_classes(plan, subject)}


def _of_classes(plan: Import, config: DetectorConfig) -> dict[str, Any]:
    head, names = plan.head, plan.names
    assert names
    return {
        "classes": config.num_classes,
        "labels": list(names.names),
        "labels_from": names.origin,
        "config": config_to_json(head.config if head else config),
        "new_head": {
            "classes": len(names.names),
            "kept": list(head.known),
            "fresh": list(head.fresh),
            "tensors": list(head.tensors),
        }
        if head
        else None,
    }


def _parameters(plan: Import) -> int:
    """Numbers that were learnt: neither running statistics nor counters."""
    ends = (COUNTER, "running_mean", "running_var")
    shapes = (shape for name, shape in plan.found.shapes.items() if not name.endswith(ends))
    return sum(int(np.prod(shape, dtype=np.int64)) for shape in shapes)


def as_text(plan: Import, noticed: Iterable[str] = ()) -> str:
    """Lines for people: a word each, then what there is to say of it."""
    return "\n".join(f"{word:<{_NARROW}} {text}" for word, text in as_rows(plan, noticed))


def as_rows(plan: Import, noticed: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The same as pairs: a word, and what there is to say of it."""
    found, file = plan.found, plan.file
    inside = "" if file.place == "bare" else f", its entry {file.place!r}"
    prefix = f", {file.prefix!r} before every name" if file.prefix else ""
    return [
        ("file", f"{plan.path} ({file.container}{inside}{prefix})"),
        ("what", _what(plan)),
        ("parameters", f"{_parameters(plan):,}"),
        *_class_rows(plan),
        ("data set", str(found.data_set)),
        *(("left out", _left(item)) for item in found.left_out),
        ("licence", f"{found.licence}. {DATA_TERMS}"),
        *(("note", note) for note in (*found.notes, *noticed)),
    ]


def _what(plan: Import) -> str:
    found = plan.found
    if isinstance(found.subject, Backbone):
        what = f"{found.title}: the network for {SEEN[found.subject.branch]}, no whole model"
    else:
        what = f"{found.title}{f' ({found.name})' if found.name else ''}, a whole model"
    return f"{what}. It is a file of YOWO Studio already" if found.ours else what


def _class_rows(plan: Import) -> list[tuple[str, str]]:
    config, names = plan.found.subject, plan.names
    if not isinstance(config, DetectorConfig) or names is None:
        return []
    rows = [("classes", f"{config.num_classes}")]
    if plan.head:
        rows.append(("new head", _head(plan.head, len(names.names))))
    rows.append(("labels", f"{', '.join(names.names)} (from: {names.origin})"))
    return rows


def _head(head: Head, classes: int) -> str:
    kept = f"{', '.join(head.known)} kept" if head.known else "none kept"
    return (
        f"{classes} classes, {kept}; fresh: {', '.join(head.fresh) or 'none'}. The fresh rows are "
        f"in {', '.join(head.tensors)}: train before use."
    )


def _left(item: LeftOut) -> str:
    rest = f" and {len(item.names) - _SHOWN} more" if len(item.names) > _SHOWN else ""
    return f"{', '.join(item.names[:_SHOWN])}{rest}: {item.why}"
