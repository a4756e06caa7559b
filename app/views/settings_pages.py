"""The pages of the settings: look and author, the live model, memory and disk."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.domain.wording import counted
from app.services.caches import Cache, Emptied, Filling, caches, empty, measure
from app.services.devices import cuda_is_there
from app.services.services import Services
from app.settings import LEAST_CACHE_MB, MOST_CACHE_MB
from app.views.dialog_frame import plain_button
from app.views.own_keys import keep_typing
from app.views.top_bar import BACKEND_NAMES, ENGINES

THEMES: Final = (("As the system", "system"), ("Dark", "dark"), ("Light", "light"))
_MB: Final = 1024 * 1024
_LOOK_MS: Final = 500
_LONGEST_NAME: Final = 200


class GeneralPage(QWidget):
    """Theme and author."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = services.settings
        self._theme, self._author = QComboBox(self), QLineEdit(self)
        for text, name in THEMES:
            self._theme.addItem(text, name)
        self._theme.setCurrentIndex(self._theme.findData(self._settings.now.theme))
        self._theme.activated.connect(self._choose_theme)
        self._author.setText(self._settings.now.author)
        self._author.setMaxLength(_LONGEST_NAME)
        self._author.setPlaceholderText("the name of your account")
        self._author.textChanged.connect(self._name)
        keep_typing(self._author)
        form = _form(self)
        _row(form, "Theme", self._theme)
        _row(form, "Author", self._author, "Written into every edit that you make from now on.")

    def _choose_theme(self, place: int) -> None:
        self._settings.set(theme=self._theme.itemData(place))

    def _name(self, text: str) -> None:
        self._settings.set(author=" ".join(text.split()))


class LivePage(QWidget):
    """What the live model and analyses run on."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._engine, self._now = QComboBox(self), QLabel(self)
        for text, *_ in ENGINES:
            self._engine.addItem(text)
        now = services.settings.now
        chosen = [engine[1:] for engine in ENGINES]
        if (now.live_backend, now.live_device) in chosen:
            self._engine.setCurrentIndex(chosen.index((now.live_backend, now.live_device)))
        self._engine.activated.connect(self._choose)
        self._now.setProperty("role", "muted")
        self._now.setWordWrap(True)
        self._now.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        cuda = "CUDA is there." if cuda_is_there() else "CUDA was not found; the CPU is used."
        form = _form(self)
        _row(form, "Engine and device", self._engine, f"Automatic takes CUDA where it can. {cuda}")
        form.addRow("Now", self._now)
        self._say()
        services.live.ready.connect(self._say)
        services.live.status.connect(self._say)
        services.live.failed.connect(self._say)

    def _choose(self, place: int) -> None:
        _, backend, device = ENGINES[place]
        self._services.settings.set(live_backend=backend, live_device=device)
        self._say()

    def _say(self, _news: object = None) -> None:
        live = self._services.live
        if not live.enabled:
            self._now.setText("The live overlay is off.")
        elif live.facts is None:
            self._now.setText("The model is being loaded.")
        else:
            name = f"{BACKEND_NAMES[live.facts.backend]}, {live.facts.device.upper()}"
            wait = ", while it is prepared for ONNX Runtime" if live.upgrading else ""
            self._now.setText(f"The live model runs on {name}{wait}.")


class MemoryPage(QWidget):
    """The cache of pictures in memory, and what is kept on the disk."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._frames, self._used = QSpinBox(self), QLabel(self)
        self._frames.setRange(LEAST_CACHE_MB, MOST_CACHE_MB)
        self._frames.setSingleStep(128)
        self._frames.setSuffix(" MB")
        self._frames.setKeyboardTracking(False)
        self._frames.setValue(services.settings.now.frame_cache_mb)
        self._frames.valueChanged.connect(self._resize)
        self._frames.setAccessibleName("Pictures in memory")
        keep_typing(self._frames)
        self._used.setProperty("role", "muted")
        self._used.setWordWrap(True)
        self._used.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._disk = _DiskCaches(services, self)
        form = _form(self)
        form.addRow("Pictures in memory", self._frames)
        form.addRow("", self._used)
        form.addRow(_section("ON THE DISK", self))
        form.addRow(self._disk)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._say)
        self._timer.start(_LOOK_MS)
        self._say()

    def _resize(self, megabytes: int) -> None:
        self._services.settings.set(frame_cache_mb=megabytes)

    def _say(self) -> None:
        source, facts = self._services.source, self._services.source.facts
        told = (
            f"{size_text(source.cache_used)} in use now. Decoded pictures around the playhead are "
            "kept, so that stepping back needs no decoding."
        )
        if facts is not None:
            # a kept picture takes 12 bits a pixel
            frames = self._frames.value() * _MB / (facts.width * facts.height * 1.5)
            told += f" That is room for {counted(int(frames), 'picture')} of this video."
        self._used.setText(told)


class _DiskCaches(QWidget):
    """A line for each: what it is, how much, and a button that empties it."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._sizes: dict[Cache, QLabel] = {}
        self._buttons: dict[Cache, QPushButton] = {}
        self._problem = QLabel(self)
        self._problem.setProperty("role", "problem")
        self._problem.setWordWrap(True)
        self._problem.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        for row, cache in enumerate(caches()):
            self._add(grid, row, cache)
        grid.addWidget(self._problem, grid.rowCount(), 0, 1, 3)
        services.background.run(partial(measure, list(self._sizes)), self._show, self._fail)

    def _add(self, grid: QGridLayout, row: int, cache: Cache) -> None:
        title, means = QLabel(cache.title, self), QLabel(cache.means, self)
        title.setToolTip(str(cache.folder))
        means.setProperty("role", "muted")
        means.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title)
        words.addWidget(means)
        self._sizes[cache] = QLabel("\u2026", self)
        button = plain_button("Empty", self)
        button.setAccessibleName(f"Empty: {cache.title}")
        button.setEnabled(False)
        button.setAutoDefault(False)
        button.clicked.connect(self._empty)
        self._buttons[cache] = button
        grid.addLayout(words, row, 0)
        grid.addWidget(self._sizes[cache], row, 1)
        grid.addWidget(button, row, 2)

    def _empty(self) -> None:
        cache = next(cache for cache, button in self._buttons.items() if button is self.sender())
        self._buttons[cache].setEnabled(False)
        if cache.folder == self._services.proxies.folder:
            self._services.proxies.remove_all()  # it tells the lists of videos
            self._services.background.run(partial(measure, [cache]), self._show, self._fail)
            return
        self._services.background.run(partial(empty, cache), self._emptied, self._fail)

    def _emptied(self, done: Emptied) -> None:
        self._show([done.filling])
        self._fail(done.problem)

    def _show(self, fillings: Sequence[Filling]) -> None:
        if not isValid(self):  # the settings were closed meanwhile
            return
        for filling in fillings:
            self._sizes[filling.cache].setText(size_text(filling.size))
            self._sizes[filling.cache].setToolTip(counted(filling.files, "file"))
            button = self._buttons[filling.cache]
            button.setEnabled(filling.files > 0)
            button.setToolTip(filling.cache.means if filling.files else "There is nothing in it.")

    def _fail(self, problem: str) -> None:
        if not isValid(self):
            return
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def size_text(size: int) -> str:
    """412 kB, 9.4 MB, 1.2 GB."""
    for unit, scale in (("GB", 1024**3), ("MB", 1024**2)):
        if size >= scale:
            number = size / scale
            return f"{number:.1f} {unit}" if number < 100 else f"{number:.0f} {unit}"
    return f"{-(-size // 1024)} kB"


def _form(page: QWidget) -> QFormLayout:
    form = QFormLayout(page)
    form.setContentsMargins(12, 16, 12, 12)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(8)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form


def _row(form: QFormLayout, name: str, field: QWidget, means: str = "") -> None:
    field.setAccessibleName(name)
    form.addRow(name, field)
    if means:
        told = QLabel(means, form.parentWidget())
        told.setProperty("role", "muted")
        told.setWordWrap(True)
        told.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        form.addRow("", told)


def _section(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", "section")
    return label
