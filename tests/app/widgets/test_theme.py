"""Colour schemes: readable, complete, and label colours that can be told apart."""

from dataclasses import fields
from importlib.resources import files

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.errors import AppError
from app.widgets.palettes import DARK, LIGHT, Theme
from app.widgets.theme import (
    apply_theme,
    contrast,
    current_theme,
    label_color,
    mix,
    style_sheet,
    text_on,
    text_pixels,
)


def _lab(color: str) -> NDArray[np.float64]:
    """CIE Lab under D65."""
    value = QColor(color)
    rgb = np.array([value.redF(), value.greenF(), value.blueF()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = np.array(rows) @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_first_labels_have_colours_far_apart() -> None:
    lab = np.array([_lab(label_color(index)) for index in range(24)])
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    assert distance[~np.eye(24, dtype=bool)].min() > 15


def test_every_label_has_a_colour_of_its_own() -> None:
    colors = [label_color(index) for index in range(200)]
    assert len(set(colors)) == 200
    assert all(QColor.isValidColorName(color) and len(color) == 7 for color in colors)


def test_text_on_a_label_can_be_read() -> None:
    assert text_on("#facc15") == "#000000"
    assert text_on("#14532d") == "#ffffff"
    assert min(contrast(text_on(c), c) for c in map(label_color, range(200))) >= 4.5


def test_contrast_and_mix_follow_their_formulas() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mix("#ff0000", "#0000ff", 0.25) == "#4000bf"


GROUNDS = ("window", "panel", "bar", "canvas", "timeline", "field", "button", "selection")
READ_ON = {
    "text": (*GROUNDS, "button_hover"),
    "muted": GROUNDS,
    "warning": ("panel", "bar", "field"),
    "good": ("panel", "bar", "field"),
    "bad": ("panel", "bar", "field"),
    "link": ("panel", "bar", "field"),
    "on_accent": ("accent",),
    "on_accept": ("accept",),
    "on_reject": ("reject",),
}
"""Which colours text has on which grounds."""
SEEN_ON = {
    "focus": GROUNDS,
    "playhead": ("timeline",),
    "known": ("line", "timeline"),
    "unlabelled": ("timeline", "canvas"),
    "curve": ("timeline",),
}
"""Lines and marks, and the grounds from which they have to stand out."""


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_of_a_scheme_can_be_read(theme: Theme) -> None:
    assert all(QColor.isValidColorName(getattr(theme, f.name)) for f in fields(theme)[1:])
    pairs = [(text, ground) for text, grounds in READ_ON.items() for ground in grounds]
    poor = {
        (text, ground): round(contrast(getattr(theme, text), getattr(theme, ground)), 2)
        for text, ground in pairs
        if contrast(getattr(theme, text), getattr(theme, ground)) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_mark_of_a_scheme_stands_out(theme: Theme) -> None:
    poor = {
        (mark, ground): round(contrast(getattr(theme, mark), getattr(theme, ground)), 2)
        for mark, grounds in SEEN_ON.items()
        for ground in grounds
        if contrast(getattr(theme, mark), getattr(theme, ground)) < 3
    }
    assert poor == {}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_names_on_timeline_bars_can_be_read(theme: Theme) -> None:
    shades = [
        mix(label_color(index), theme.timeline, share)
        for index in range(60)
        for share in (1.0, 0.5, 0.25)
    ]
    assert min(contrast(text_on(shade), shade) for shade in shades) >= 4.5


def test_the_style_sheet_uses_no_colour_of_its_own() -> None:
    text = files("resources").joinpath("themes", "studio.qss").read_text(encoding="utf-8")
    assert "#" not in text


def test_applying_a_scheme_dresses_the_program(qapp: QApplication) -> None:
    assert apply_theme(qapp, "light") is current_theme() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text
    assert apply_theme(qapp, "dark") is current_theme() is DARK
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text
    assert DARK.accent in qapp.styleSheet()
    assert "$" not in style_sheet(DARK).split("*/", 1)[1]


def test_an_unknown_scheme_is_refused_by_name(qapp: QApplication) -> None:
    with pytest.raises(AppError, match="'sepia'; choose one of: dark, light, system"):
        apply_theme(qapp, "sepia")


def test_the_system_scheme_is_followed_while_the_program_runs(qapp: QApplication) -> None:
    hints = qapp.styleHints()
    apply_theme(qapp, "system")
    for scheme, theme in ((Qt.ColorScheme.Light, LIGHT), (Qt.ColorScheme.Dark, DARK)):
        hints.colorSchemeChanged.emit(scheme)  # as Qt does when the desktop's owner changes it
        assert current_theme() is theme
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.panel
    apply_theme(qapp, "dark")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current_theme() is DARK
    apply_theme(qapp, "dark")


def test_text_follows_the_size_that_the_desktop_asks_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    large.setPixelSize(20)
    monkeypatch.setattr(QFontDatabase, "systemFont", lambda _kind: QFont(large))
    apply_theme(qapp, "dark")
    assert qapp.font().pixelSize() == 20
    assert text_pixels(11) == 17
    assert "font-size: 17px" in qapp.styleSheet()
    monkeypatch.undo()
    apply_theme(qapp, "dark")
    assert text_pixels(11) == 11
