"""The two colour schemes of the program as values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Every colour of the window as #rrggbb, named by what it is for."""

    name: str
    window: str  # between the parts
    panel: str  # docks and dialogs
    bar: str  # top bar, transport, status
    canvas: str  # around the picture
    timeline: str  # behind the lanes
    field: str  # text fields, lists, plots
    line: str  # between two lanes
    border: str
    text: str
    muted: str  # secondary text
    button: str
    button_hover: str
    accent: str
    on_accent: str
    selection: str  # selected row of a list
    accept: str
    on_accept: str
    reject: str
    on_reject: str
    good: str
    warning: str
    bad: str
    playhead: str
    unlabelled: str  # a tube without an action
    curve: str  # score curve
    known: str  # labelled ranges
    focus: str  # ring around what has the keyboard
    link: str  # text that leads somewhere


DARK = Theme(
    name="dark",
    window="#15171b",
    panel="#1a1d22",
    bar="#1c1f25",
    canvas="#0d0f12",
    timeline="#15171b",
    field="#111318",
    line="#1f2329",
    border="#2a2e36",
    text="#e5e7eb",
    muted="#9aa1ad",
    button="#262a32",
    button_hover="#323742",
    accent="#2f6fe9",
    on_accent="#ffffff",
    selection="#27303f",
    accept="#14532d",
    on_accept="#dcfce7",
    reject="#5b1f1f",
    on_reject="#fee2e2",
    good="#22c55e",
    warning="#f59e0b",
    bad="#f87171",
    playhead="#ef4444",
    unlabelled="#7c8594",
    curve="#64748b",
    known="#2f9e6e",
    focus="#7aa7ff",
    link="#7aa7ff",
)

LIGHT = Theme(
    name="light",
    window="#e9ebef",
    panel="#f6f7f9",
    bar="#eef0f3",
    canvas="#d9dce2",
    timeline="#fbfbfc",
    field="#ffffff",
    line="#eaecf0",
    border="#cfd4dc",
    text="#1b1f27",
    muted="#525a67",
    button="#e1e5eb",
    button_hover="#d3d8e1",
    accent="#2563eb",
    on_accent="#ffffff",
    selection="#d6e4fd",
    accept="#15803d",
    on_accept="#ffffff",
    reject="#b91c1c",
    on_reject="#ffffff",
    good="#136c34",
    warning="#a04a07",
    bad="#c81e1e",
    playhead="#dc2626",
    unlabelled="#6f7888",
    curve="#7b8798",
    known="#10915f",
    focus="#1d4fd8",
    link="#1d4fd8",
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
