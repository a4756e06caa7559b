"""The window's icons, drawn by code so that they are sharp at every scale and fit every scheme."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from app.errors import AppError
from app.widgets.theme import current_theme, mix

_SIZES = (16, 20, 24, 32, 40, 48, 64)

# On a field of 16 x 16: M move, L line, Z close, O a circle (x y radius), A an arc of a circle
# (x y radius, start and sweep in degrees, counter-clockwise).
_FILLED = {
    "play": "M4 2.5 L13.5 8 L4 13.5 Z",
    "pause": "M3.5 2.5 L6.5 2.5 L6.5 13.5 L3.5 13.5 Z M9.5 2.5 L12.5 2.5 L12.5 13.5 L9.5 13.5 Z",
    "back": "M12 3 L4 8 L12 13 Z",
    "forward": "M4 3 L12 8 L4 13 Z",
    "first": "M2.5 3 L4.5 3 L4.5 13 L2.5 13 Z M13.5 3 L5.5 8 L13.5 13 Z",
    "last": "M11.5 3 L13.5 3 L13.5 13 L11.5 13 Z M2.5 3 L10.5 8 L2.5 13 Z",
    "stop": "M3.5 3.5 L12.5 3.5 L12.5 12.5 L3.5 12.5 Z",
    "keyframe": "M8 2.5 L13 8 L8 13.5 L3 8 Z",
}
_STROKED = {
    "add": "M8 3 L8 13 M3 8 L13 8",
    "remove": "M3 8 L13 8",
    "close": "M4 4 L12 12 M12 4 L4 12",
    "check": "M3 8.5 L6.5 12 L13 4.5",
    "draw": (
        "M2.5 9 L2.5 2.5 L13.5 2.5 L13.5 9 M10.5 10 L10.5 15 M8 12.5 L13 12.5"
        " M2.5 9 L2.5 11.5 L6 11.5"
    ),
    "select": "M4 2.5 L4 12.5 L6.8 9.8 L8.8 14 L10.6 13.2 L8.6 9 L12.5 9 Z",
    "eye": "M1.5 8 L4.5 4.7 L8 3.5 L11.5 4.7 L14.5 8 L11.5 11.3 L8 12.5 L4.5 11.3 Z O8 8 2.2",
    "eye_off": (
        "M1.5 8 L4.5 4.7 L8 3.5 L11.5 4.7 L14.5 8 L11.5 11.3 L8 12.5 L4.5 11.3 Z"
        " M2.5 13.5 L13.5 2.5"
    ),
    "undo": "M6 2.5 L2.5 6 L6 9.5 M2.5 6 L9.5 6 A9.5 9.5 3.5 90 -180 L6 13",
    "redo": "M10 2.5 L13.5 6 L10 9.5 M13.5 6 L6.5 6 A6.5 9.5 3.5 90 180 L10 13",
    "fit": (
        "M2.5 5.5 L2.5 2.5 L5.5 2.5 M10.5 2.5 L13.5 2.5 L13.5 5.5"
        " M13.5 10.5 L13.5 13.5 L10.5 13.5 M5.5 13.5 L2.5 13.5 L2.5 10.5"
    ),
    "search": "O7 7 4.2 M10.2 10.2 L14 14",
    "export": "M8 10 L8 2.5 M5 5.5 L8 2.5 L11 5.5 M2.5 9.5 L2.5 13.5 L13.5 13.5 L13.5 9.5",
    "folder": "M2 12.8 L2 3.5 L6.2 3.5 L7.8 5.3 L14 5.3 L14 12.8 Z",
    "video": (
        "M2 3.5 L14 3.5 L14 12.5 L2 12.5 Z M5 3.5 L5 12.5 M11 3.5 L11 12.5 M2 8 L5 8 M11 8 L14 8"
    ),
    "delete": "M3 4.5 L13 4.5 M6 4.5 L6 2.5 L10 2.5 L10 4.5 M4.3 4.5 L5 13.5 L11 13.5 L11.7 4.5",
    "warning": "M8 2.5 L14.5 13.5 L1.5 13.5 Z M8 6.5 L8 10 M8 11.6 L8 12",
    "loop": "M12.5 5.5 A8 8 5 30 300 M12.6 2.2 L12.5 5.6 L9.2 5.4",
    "model": (
        "M8 1.8 L13.5 4.9 L13.5 11.1 L8 14.2 L2.5 11.1 L2.5 4.9 Z"
        " M2.5 4.9 L8 8 L13.5 4.9 M8 8 L8 14.2"
    ),
}

NAMES = tuple(sorted(_FILLED | _STROKED))
"""Every icon there is."""


def icon(name: str, color: str = "") -> QIcon:
    """The icon of that name in a colour (#rrggbb), or in the scheme's text colour.

    AppError lists the names when there is none. Ask again after the scheme changed.
    """
    if name not in NAMES:
        raise AppError(f"There is no icon {name!r}; there are: {', '.join(NAMES)}.")
    theme = current_theme()
    normal = color or theme.text
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(_drawn(name, normal, size), QIcon.Mode.Normal)
        made.addPixmap(_drawn(name, mix(normal, theme.panel, 0.4), size), QIcon.Mode.Disabled)
    return made


def _drawn(name: str, color: str, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 16, size / 16)
    if name in _FILLED:
        painter.fillPath(_path(_FILLED[name]), QColor(color))
    else:
        pen = QPen(QColor(color), 1.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(_path(_STROKED[name]), pen)
    painter.end()
    return pixmap


def _path(strokes: str) -> QPainterPath:
    path = QPainterPath()
    words = strokes.replace("Z", "Z ").split()
    while words:
        word = words.pop(0)
        if word == "Z":
            path.closeSubpath()
            continue
        x = float(word[1:])
        y = float(words.pop(0))
        _extend(path, word[0], QPointF(x, y), words)
    return path


def _extend(path: QPainterPath, command: str, at: QPointF, words: list[str]) -> None:
    if command == "M":
        path.moveTo(at)
    elif command == "L":
        path.lineTo(at)
    else:
        radius = float(words.pop(0))
        if command == "O":
            path.addEllipse(at, radius, radius)
            return
        start, sweep = float(words.pop(0)), float(words.pop(0))
        corner = at - QPointF(radius, radius)
        path.arcTo(corner.x(), corner.y(), 2 * radius, 2 * radius, start, sweep)
