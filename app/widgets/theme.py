"""Dress the program in one of its colour schemes, and pick colours that can be told apart.

The style sheet knows these dynamic properties: role = primary | accept | reject | flat on
buttons; role = title | section | muted | key | problem | good | readout on labels;
role = bar | panel on frames and plain widgets. Set them before the widget is shown.
"""

import colorsys
from importlib.resources import files
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from app.errors import AppError
from app.widgets.palettes import DARK, LIGHT, THEMES, Theme

FONT_PIXELS = 13
"""Least height of the program's text in logical pixels; Qt multiplies it by the screen's scale."""

SYSTEM = "system"
"""The desktop's own scheme, as the setting calls it."""

_PROPERTY, _CHOICE, _FOLLOWS, _TEXT = "yowo_theme", "yowo_choice", "yowo_follows", "yowo_text"
_LARGEST_TEXT = 22
_FIRST_COLORS = (
    *("#f97316", "#22c55e", "#38bdf8", "#e879f9", "#facc15", "#f43f5e", "#2dd4bf", "#8b7cf8"),
    *("#ace723", "#f7d0b6", "#2371e7", "#b03a8c", "#9b634b", "#8b9b4b", "#bd75a0", "#b6f0f7"),
    *("#9d2bff", "#ce933b", "#4b9b8b", "#c6bdff", "#4b6b9b", "#9de7a4", "#ff9185", "#d6d65c"),
)
_SCHEMES = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
_SIZES = {"small": 11, "large": 15}  # of texts in the style sheet
_GOLDEN = 0.618033988749895
_TONES = ((0.62, 0.72), (0.44, 0.62), (0.76, 0.66))  # lightness, saturation


def apply_theme(app: QApplication, name: str) -> Theme:
    """Give the whole program a scheme ("dark", "light", or "system"); returns its colours.

    Fusion, a palette and a style sheet. "system" is the desktop's own, followed when that
    changes; where the desktop tells of none it is the dark one. AppError lists the names when
    there is no such scheme.
    """
    if name != SYSTEM and name not in THEMES:
        known = ", ".join((*THEMES, SYSTEM))
        raise AppError(f"There is no colour scheme {name!r}; choose one of: {known}.")
    app.setProperty(_CHOICE, name)
    hints = app.styleHints()
    if name == SYSTEM:
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(_SCHEMES[name])  # for title bars drawn by the system
    if not app.property(_FOLLOWS):
        app.setProperty(_FOLLOWS, True)
        hints.colorSchemeChanged.connect(_follow)
    return _dress(app, _of(hints.colorScheme()) if name == SYSTEM else THEMES[name])


def text_pixels(designed: int) -> int:
    """Logical pixels for text that is so high where the program's text is FONT_PIXELS high."""
    app = QApplication.instance()
    base = app.property(_TEXT) if app is not None else None
    return round(designed * (base or FONT_PIXELS) / FONT_PIXELS)


def current_theme() -> Theme:
    """The colours in force; the dark ones until apply_theme was called."""
    app = QApplication.instance()
    name = app.property(_PROPERTY) if app is not None else None
    return THEMES.get(str(name), DARK)


def style_sheet(theme: Theme) -> str:
    """The program's style sheet with the theme's colours filled in."""
    text = files("resources").joinpath("themes", "studio.qss").read_text(encoding="utf-8")
    sizes = {name: f"{text_pixels(at)}px" for name, at in _SIZES.items()}
    return Template(text).substitute(vars(theme), **sizes)


def label_color(index: int) -> str:
    """A colour (#rrggbb) for the index-th label, far from those of the indices before it.

    Twenty-four chosen far apart in CIE Lab, then hues a golden section apart in three tones.
    """
    if index < len(_FIRST_COLORS):
        return _FIRST_COLORS[index]
    step = index - len(_FIRST_COLORS)
    lightness, saturation = _TONES[step % len(_TONES)]
    rgb = colorsys.hls_to_rgb((0.08 + step * _GOLDEN) % 1.0, lightness, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def text_on(color: str) -> str:
    """Black or white (#rrggbb), whichever is easier to read on that colour."""
    return max("#000000", "#ffffff", key=lambda text: contrast(text, color))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mix(color: str, ground: str, share: float) -> str:
    """The colour laid over a ground with that opacity (0..1), as #rrggbb."""
    pairs = zip(_channels(color), _channels(ground), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    value = QColor(color)
    return value.red(), value.green(), value.blue()


def _luminance(color: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _dress(app: QApplication, theme: Theme) -> Theme:
    app.setProperty(_PROPERTY, theme.name)
    app.setStyle("Fusion")
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    wanted = QFontInfo(font).pixelSize()  # people who need large text have said so to the desktop
    app.setProperty(_TEXT, min(max(wanted, FONT_PIXELS), _LARGEST_TEXT))
    font.setPixelSize(text_pixels(FONT_PIXELS))
    app.setFont(font)
    app.setPalette(_palette(theme))
    app.setStyleSheet(style_sheet(theme))
    return theme


def _of(scheme: Qt.ColorScheme) -> Theme:
    return LIGHT if scheme is Qt.ColorScheme.Light else DARK


def _follow(scheme: Qt.ColorScheme) -> None:
    """The desktop has changed its scheme."""
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property(_CHOICE) == SYSTEM:
        theme = _of(scheme)
        if theme.name != app.property(_PROPERTY):
            _dress(app, theme)


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.button,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.bar,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.link,
        role.LinkVisited: theme.link,
        role.Light: theme.button_hover,
        role.Midlight: theme.button,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.canvas,
    }
    palette = QPalette()
    for key, value in colors.items():
        palette.setColor(key, QColor(value))
    faint = QColor(mix(theme.muted, theme.panel, 0.6))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, faint)
    palette.setColor(role.Accent, QColor(theme.accent))
    return palette


def pen_color(color: str, alpha: float) -> QColor:
    """A colour with that opacity (0..1), ready for a painter."""
    value = QColor(color)
    value.setAlphaF(alpha)
    return value
