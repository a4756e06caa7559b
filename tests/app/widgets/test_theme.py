"""Colour schemes: readable, complete, and label colours that can be told apart."""

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPalette
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


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_scheme_can_be_read(theme: Theme) -> None:
    assert all(QColor.isValidColorName(getattr(theme, f.name)) for f in fields(theme)[1:])
    grounds = (theme.panel, theme.bar, theme.timeline, theme.field, theme.button)
    assert min(contrast(theme.text, ground) for ground in grounds) >= 7
    assert min(contrast(theme.muted, ground) for ground in grounds) >= 4.5
    pairs = ("accent", "accept", "reject")
    assert min(contrast(getattr(theme, f"on_{n}"), getattr(theme, n)) for n in pairs) >= 4.5


def test_applying_a_scheme_dresses_the_program(qapp: QApplication) -> None:
    assert apply_theme(qapp, "light") is current_theme() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text
    assert apply_theme(qapp, "dark") is current_theme() is DARK
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text
    assert DARK.accent in qapp.styleSheet()
    assert "$" not in style_sheet(DARK).split("*/", 1)[1]


def test_an_unknown_scheme_is_refused_by_name(qapp: QApplication) -> None:
    with pytest.raises(AppError, match="'sepia'; choose one of: dark, light"):
        apply_theme(qapp, "sepia")
