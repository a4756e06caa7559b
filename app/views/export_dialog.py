"""Asks what to export where, and tells what came of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.domain.export import ExportFormat, ExportPlan, ExportReport, LossRow
from app.domain.wording import counted
from app.services.exporting import export_files
from app.views.dialog_frame import DialogFrame, plain_button
from app.views.losses_table import LossesTable
from app.views.tick_box import TickBox

_ABOUT = {
    ExportFormat.CSV: "Every box and action, with a JSON of videos and labels.",
    ExportFormat.AVA: "Version 2.2: the boxes at whole seconds, with a label map.",
}
_AVA_OFFSET = 902
_OFFSET_TIP = f"Readers that insist on AVA's own seconds 902 to 1798 need {_AVA_OFFSET}."
_GUARD_TIP = (
    "Puts a ' before text that a spreadsheet would take for a formula. "
    "Such a file does not read back the same."
)


class ExportDialog(DialogFrame):
    """tubes, videos: what is confirmed and will be written; suggested: a file without suffix.

    export_asked carries an ExportPlan, after a second click when files would be replaced. Then
    show_working, and show_report or show_failure; the dialog stays open until it is closed.
    losses is the list of what was left out.
    """

    export_asked = Signal(object)

    def __init__(
        self, tubes: int, videos: int, suggested: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__("Export", parent, width=680)
        self._tubes, self._videos = tubes, videos
        self._formats = {kind: QPushButton(kind.upper(), self) for kind in _ABOUT}
        self._about = QLabel(self)
        self._file = QLineEdit(str(suggested.with_name(suggested.name + ".csv")), self)
        self._guard = TickBox("for spreadsheets", self)
        self._offset = QSpinBox(self)
        self._offset_name = QLabel("Time offset", self)
        self._said, self._outcome, self._lost = QLabel(self), QLabel(self), QLabel(self)
        self.losses = LossesTable(self)
        self._asking = False  # whether the next click replaces files
        self._bar = QProgressBar(self)
        self._export = plain_button("Export", self, "primary")
        self._close = plain_button("Cancel", self)
        self._build()
        self._follow()

    def plan(self) -> ExportPlan:
        """What is asked for at the moment."""
        ava = self._formats[ExportFormat.AVA].isChecked()
        return ExportPlan(
            ExportFormat.AVA if ava else ExportFormat.CSV,
            self._path(),
            self._offset.value() if ava else 0,
            self._guard.isChecked() and not ava,
            self._asking,
        )

    def show_working(self) -> None:
        """Say that it is being written."""
        self._bar.show()
        self._outcome.hide()
        self._lost.hide()
        self.losses.hide()
        self._ask(asking=False)
        self._export.setEnabled(False)
        self.fit()

    def show_report(self, report: ExportReport, rows: Sequence[LossRow] = ()) -> None:
        """Say what was written, how much the format could not hold, and what, tube by tube."""
        files = " and ".join(file.name for file in report.files)
        folder = report.files[0].parent if report.files else ""
        self._finish(f"Written: {files} in {folder}", "good", report.sentences())
        path = report.files[0] if report.files else Path("export")
        self.losses.set_rows(rows, str(path.with_name(f"{path.stem} left out.csv")))
        self.fit()

    def say_saved(self, path: str) -> None:
        """The list of what was left out was written."""
        self._say(f"The list is in {path}.", "good")

    def say_trouble(self, sentence: str) -> None:
        """It could not be written."""
        self._say(sentence, "problem")

    def show_failure(self, sentence: str) -> None:
        """Say why nothing was written."""
        self._finish(sentence, "problem")

    def _build(self) -> None:
        self._file.textChanged.connect(self._follow)
        self._file.setMinimumWidth(280)
        self._guard.setToolTip(_GUARD_TIP)
        self._offset.setRange(0, 1_000_000)
        self._offset.setSuffix(" s")
        self._offset.setToolTip(_OFFSET_TIP)
        self._offset.setAccessibleName("Time offset in seconds")
        self._bar.setRange(0, 0)
        self._bar.setFixedHeight(4)
        self._bar.setTextVisible(False)
        self._bar.hide()
        for label in (self._said, self._about, self._outcome, self._lost):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(label is not self._about)
        self._about.setProperty("role", "muted")
        self._lost.setProperty("role", "problem")
        self._outcome.hide()
        self._lost.hide()
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Format", self._format_row())
        form.addRow("", self._about)
        form.addRow("File", self._file_row())
        form.addRow("", self._guard)
        form.addRow(self._offset_name, self._offset)
        self.body.addWidget(self._said)
        self.body.addLayout(form)
        for widget in (self._bar, self._outcome, self._lost):
            self.body.addWidget(widget)
        self.body.addWidget(self.losses, 1)
        self.body.addStretch(0)
        self._export.clicked.connect(self._press)
        self._close.clicked.connect(self.reject)
        self.add_buttons((), (self._close, self._export))

    def _format_row(self) -> QHBoxLayout:
        row, group = QHBoxLayout(), QButtonGroup(self)
        for kind, button in self._formats.items():
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setChecked(kind is ExportFormat.CSV)
            button.setToolTip(_ABOUT[kind])
            button.toggled.connect(self._follow)
            group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _file_row(self) -> QHBoxLayout:
        self._file.setAccessibleName("File to write")
        choose = plain_button("Choose\u2026", self)
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.addWidget(self._file, 1)
        row.addWidget(choose)
        return row

    def _choose(self) -> None:
        free = QFileDialog.Option.DontConfirmOverwrite  # the dialog itself asks, for both files
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export to", self._file.text(), "CSV (*.csv)", options=free
        )
        if chosen:
            self._file.setText(chosen)

    def _follow(self) -> None:
        ava = self._formats[ExportFormat.AVA].isChecked()
        self._about.setText(_ABOUT[ExportFormat.AVA if ava else ExportFormat.CSV])
        self._guard.setVisible(not ava)
        self._offset.setVisible(ava)
        self._offset_name.setVisible(ava)
        reason = self._reason()
        self._said.setText(reason or self._promise())
        _dress(self._said, "problem" if reason else "")
        self._export.setEnabled(not reason)
        self._export.setToolTip(reason)
        self._outcome.hide()
        self._lost.hide()
        self.losses.hide()
        self._ask(asking=False)
        if self.isVisible():
            self.fit()

    def _press(self) -> None:
        """Write, or ask first when files are there already."""
        if self._asking or not self._there():
            self.export_asked.emit(self.plan())
        else:
            self._ask(asking=True)
            names = " and ".join(file.name for file in self._there())
            them, verb = ("them", "are") if len(self._there()) > 1 else ("it", "is")
            self._say(f"{names} {verb} there already. Replace {them}?", "problem")
            self.fit()

    def _there(self) -> list[Path]:
        return [file for file in export_files(self.plan()) if file.exists()]

    def _ask(self, *, asking: bool) -> None:
        self._asking = asking
        self._export.setText("Replace" if asking else "Export")
        self._export.setProperty("role", "reject" if asking else "primary")
        self._export.style().polish(self._export)

    def _say(self, text: str, role: str) -> None:
        self._outcome.setText(text)
        _dress(self._outcome, role)
        self._outcome.show()

    def _promise(self) -> str:
        tubes, videos = counted(self._tubes, "confirmed tube"), counted(self._videos, "video")
        return f"{tubes} in {videos} will be written."

    def _path(self) -> Path:
        """The typed path, a leading ~ resolved where it can be, with .csv if it has no suffix."""
        typed = Path(self._file.text().strip())
        try:
            typed = typed.expanduser()
        except RuntimeError:  # a home that nobody has: a name like any other then
            return typed
        return typed if typed.suffix or not typed.name else typed.with_name(typed.name + ".csv")

    def _reason(self) -> str:
        """Why nothing can be written, "" when something can."""
        typed = self._file.text().strip()
        if not self._tubes:
            return "No tube is confirmed yet. Accept or draw one first."
        if not typed:
            return "Name a file to write."
        if typed.endswith("/") or self._path().is_dir() or Path(typed).is_dir():
            return f"{typed} is a folder. Name a file in it."
        folder = self._path().parent
        return "" if folder.is_dir() else f"There is no folder {folder}. Choose another one."

    def _finish(self, text: str, role: str, lost: Sequence[str] = ()) -> None:
        self._bar.hide()
        self._say(text, role)
        self._lost.setText("\n".join(lost))
        self._lost.setVisible(bool(lost))
        self._export.setEnabled(True)
        self._close.setText("Close")
        self.fit()


def _dress(label: QLabel, role: str) -> None:
    label.setProperty("role", role)
    label.style().polish(label)
