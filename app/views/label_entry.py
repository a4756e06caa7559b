"""A line over the picture in which a label is typed where the box is."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

_MARGIN = 4
_PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class LabelEntry(QLineEdit):
    """Asks for one label once: chosen or cancelled is emitted exactly one time.

    Enter takes the label: one of those known, whatever the case it was typed in, or a new one.
    Esc, Enter on an empty line, and going elsewhere with nothing typed cancel; going elsewhere
    after typing takes what was typed, so that no work is lost.
    """

    chosen = Signal(str)
    cancelled = Signal()

    def __init__(self, labels: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self._labels = tuple(labels)
        self._done = False
        self.setProperty("role", "label-entry")
        self.setPlaceholderText("Action, then Enter")
        self.setAccessibleName("Action of the new box")
        widest = max(map(self.fontMetrics().horizontalAdvance, labels), default=0)
        self.setFixedWidth(min(max(widest + 40, 190), 360))
        completer = QCompleter(list(labels), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(9)
        self._list = QListView(self)
        self._list.setProperty("role", "popup")
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        completer.setPopup(self._list)
        self._list.installEventFilter(self)
        completer.activated[str].connect(self._choose)  # type: ignore[index]
        self.setCompleter(completer)
        self.returnPressed.connect(lambda: self._choose(self.text()))

    def open_at(self, corner: QPointF) -> None:
        """Appear with the upper left there (parent's pixels) or as near as the parent has room.

        Takes the keyboard and offers all known labels.
        """
        self.adjustSize()
        room = self._host.size() - self.size()
        x = min(max(round(corner.x()), _MARGIN), max(room.width() - _MARGIN, _MARGIN))
        y = min(max(round(corner.y()), _MARGIN), max(room.height() - _MARGIN, _MARGIN))
        self.move(x, y)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._labels:
            QTimer.singleShot(0, self, self._offer_all)

    def cancel(self) -> None:
        """Close without a label."""
        if self._finish():
            self.cancelled.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Esc and Enter from shortcuts of the window while the line is open."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Over the list of labels Esc cancels at once, and Enter takes the one marked there."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            marked = self._list.currentIndex()
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and marked.isValid():
                self._choose(str(marked.data()))
                return True
        return super().eventFilter(watched, event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Whoever goes elsewhere is done here."""
        super().focusOutEvent(event)
        if event.reason() not in _PASSING:
            self._choose(self.text())

    def _offer_all(self) -> None:
        if not self._done and not self.text():
            self.completer().setCompletionPrefix("")
            self.completer().complete()

    def _choose(self, text: str) -> None:
        typed = " ".join(text.split())
        if not typed:
            self.cancel()
            return
        known = next((label for label in self._labels if label.lower() == typed.lower()), typed)
        if self._finish():
            self.chosen.emit(known)

    def _finish(self) -> bool:
        """Close; False when that was done before."""
        if self._done:
            return False
        self._done = True
        self._list.hide()
        self.hide()
        return True
