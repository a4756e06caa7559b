"""Labels: keys, counts, a new name, another name, another colour."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QToolButton, QWidgetAction
from pytestqt.qtbot import QtBot

from app.itemmodels.labels_model import COUNT_ROLE, KEY_ROLE, LabelsModel
from app.views.labels_list import LabelsList
from app.views.labels_panel import LabelsPanel
from yowo_core.annotations import Label

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

NAMES = ("walk", "read", "sit", "stand", "run", "jump", "wave", "eat", "drink", "talk")
LABELS = [Label(n, name, f"#0000{n:02d}") for n, name in enumerate(NAMES, start=1)]


@pytest.fixture
def panel(qtbot: QtBot) -> LabelsPanel:
    made = LabelsPanel()
    made.set_keys([*"123456789"])
    qtbot.addWidget(made)
    made.resize(240, 460)
    made.set_labels(LABELS, {1: 412})
    made.show()
    qtbot.waitExposed(made)
    return made


def _list(panel: LabelsPanel) -> LabelsList:
    return panel.findChildren(LabelsList)[0]


def _line(panel: LabelsPanel) -> QLineEdit:
    return next(e for e in panel.findChildren(QLineEdit) if e.placeholderText())


def _texts(panel: LabelsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def _spot(panel: LabelsPanel, row: int, from_right: int = 0) -> QPoint:
    listing = _list(panel)
    area = listing.visualRect(listing.model().index(row, 0))
    x = area.right() - from_right if from_right else area.x() + 40
    return QPoint(x, area.center().y())


def test_nine_labels_have_keys_and_counts_are_told() -> None:
    model = LabelsModel()
    model.set_keys([*"123456789"])
    model.set_labels(LABELS, {1: 412})
    index = [model.index(row) for row in range(len(LABELS))]
    assert [i.data(KEY_ROLE) for i in index] == [*list("123456789"), ""]
    assert [index[0].data(COUNT_ROLE), index[1].data(COUNT_ROLE)] == [412, 0]
    assert index[0].data(Qt.ItemDataRole.ToolTipRole) == "walk, 412 tubes, key 1"
    model.set_labels(LABELS)
    assert index[9].data(Qt.ItemDataRole.ToolTipRole) == "talk"


def test_a_typed_name_is_added_once(panel: LabelsPanel) -> None:
    added: list[str] = []
    panel.add_asked.connect(added.append)
    QTest.keyClicks(_line(panel), "  pick   up ")
    QTest.keyClick(_line(panel), Qt.Key.Key_Return)
    QTest.keyClick(_line(panel), Qt.Key.Key_Return)
    assert added == ["pick up"]
    assert _line(panel).text() == ""


def test_a_name_that_is_there_is_refused_with_a_sentence(panel: LabelsPanel) -> None:
    added: list[str] = []
    panel.add_asked.connect(added.append)
    QTest.keyClicks(_line(panel), "WALK")
    QTest.keyClick(_line(panel), Qt.Key.Key_Return)
    assert added == []
    assert "There is a label \u201cwalk\u201d already." in _texts(panel)
    QTest.keyClicks(_line(panel), "s")
    assert "There is a label \u201cwalk\u201d already." not in _texts(panel)


def _rename(panel: LabelsPanel, row: int, name: str) -> None:
    viewport = _list(panel).viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_spot(panel, row))
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=_spot(panel, row))
    editor = next(e for e in viewport.findChildren(QLineEdit) if e.isVisible())
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_a_double_click_renames_and_toggles_nothing(panel: LabelsPanel) -> None:
    renamed: list[tuple[int, str]] = []
    chosen: list[int] = []
    panel.rename_asked.connect(lambda label, name: renamed.append((label, name)))
    panel.label_chosen.connect(chosen.append)
    _rename(panel, 1, "read a book")
    _rename(panel, 1, "Read")
    assert renamed == [(2, "read a book"), (2, "Read")]
    assert chosen == []


def test_another_labels_name_is_refused(panel: LabelsPanel) -> None:
    renamed: list[tuple[int, str]] = []
    panel.rename_asked.connect(lambda label, name: renamed.append((label, name)))
    _rename(panel, 1, "Walk")
    _rename(panel, 1, "read")
    assert renamed == []
    assert "There is a label \u201cwalk\u201d already." in _texts(panel)


def test_a_click_on_the_key_does_what_the_key_does(panel: LabelsPanel) -> None:
    chosen: list[int] = []
    panel.label_chosen.connect(chosen.append)
    viewport = _list(panel).viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_spot(panel, 2, from_right=12))
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_spot(panel, 9, from_right=12))
    assert chosen == [3]
    _list(panel).setFocus()
    _list(panel).setCurrentIndex(_list(panel).model().index(9, 0))
    QTest.keyClick(_list(panel), Qt.Key.Key_Space)
    assert chosen == [3, 10]


def test_a_colour_is_picked_from_the_menu(panel: LabelsPanel) -> None:
    colours: list[tuple[int, str]] = []
    panel.recolour_asked.connect(lambda label, colour: colours.append((label, colour)))
    _list(panel).customContextMenuRequested.emit(_spot(panel, 0))
    menu = panel.findChildren(QMenu)[0]
    submenu = next(a.menu() for a in menu.actions() if a.text() == "Colour")
    assert isinstance(submenu, QMenu)
    field = next(a for a in submenu.actions() if isinstance(a, QWidgetAction))
    buttons = field.defaultWidget().findChildren(QToolButton)
    submenu.popup(QPoint(0, 0))
    QTest.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
    assert colours == [(1, "#38bdf8")]
    assert not menu.isVisible()


def test_the_training_set_is_summed_up(panel: LabelsPanel) -> None:
    panel.set_training_set(412, 61234, 9)
    assert "412 tubes · 61 k boxes · 9 classes short of 20 tubes" in _texts(panel)
    panel.set_training_set(1, 1, 0)
    assert "1 tube · 1 box" in _texts(panel)
    panel.set_training_set(0, 0, 0)
    assert any(text.startswith("nothing yet") for text in _texts(panel))


def test_recoloured_labels_keep_the_list_in_place(panel: LabelsPanel) -> None:
    many = [Label(n, f"class {n}") for n in range(3000)]
    panel.set_labels(many, {})
    scroll = _list(panel).verticalScrollBar()
    QApplication.processEvents()
    scroll.setValue(2000)
    panel.set_labels([*many[:5], Label(5, "new name"), *many[6:]], {})
    assert scroll.value() == 2000
    assert _list(panel).model().index(5, 0).data() == "new name"
