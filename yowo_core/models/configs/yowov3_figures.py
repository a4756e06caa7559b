"""What YOWOv3's paper says its networks cost (table 1)."""

Cell = tuple[str, str, float]
"""Size of YOLOv8, 3D network, its width."""

_COLUMNS = ("n", "s", "m", "l", "x")
"""The table's columns; its header prints m above all five."""

Row = tuple[str, float, tuple[float, ...], tuple[float, ...]]
"""3D network, its width, and a column each 10^9 operations and 10^6 parameters."""

_UCF24: tuple[Row, ...] = (
    (
        "shufflenetv2",
        2.0,
        (2.79, 5.50, 10.85, 19.20, 24.36),
        (10.15, 22.73, 44.30, 71.07, 93.94),
    ),
    (
        "resnet101",
        1.0,
        (63.62, 64.96, 67.94, 72.94, 78.10),
        (111.29, 120.11, 134.35, 150.91, 173.77),
    ),
    (
        "resnext101",
        1.0,
        (46.62, 47.96, 50.94, 55.94, 61.10),
        (73.56, 82.39, 96.63, 113.18, 136.05),
    ),
    (
        "i3d",
        1.0,
        (35.52, 36.86, 39.84, 44.84, 50.00),
        (36.76, 45.58, 59.82, 76.38, 99.24),
    ),
)

_AVA: tuple[Row, ...] = (
    (
        "shufflenetv2",
        2.0,
        (2.80, 5.51, 10.86, 19.21, 24.37),
        (10.16, 22.75, 44.33, 71.12, 93.98),
    ),
    (
        "resnet101",
        1.0,
        (63.64, 64.98, 67.96, 72.96, 78.12),
        (111.33, 120.15, 134.40, 150.95, 173.81),
    ),
    (
        "resnext101",
        1.0,
        (46.63, 47.97, 50.95, 55.95, 61.11),
        (73.61, 82.43, 96.67, 113.23, 136.09),
    ),
    (
        "i3d",
        1.0,
        (63.64, 36.87, 39.85, 44.85, 50.01),
        (111.33, 45.62, 59.86, 76.42, 99.28),
    ),
)

AVA_CLASSES = 80

MISPRINT: Cell = ("n", "i3d", 1.0)
"""The cell of AVA that repeats that of ResNet-101; the columns beside it say what it should be."""


def _cells(rows: tuple[Row, ...]) -> dict[Cell, tuple[float, float]]:
    return {
        (size, temporal, width): cell
        for temporal, width, *columns in rows
        for size, cell in zip(_COLUMNS, zip(*columns, strict=True), strict=True)
    }


TABLE_1_UCF24 = _cells(_UCF24)
"""10^9 operations and 10^6 parameters a cell, 24 classes, 16 frames of 224 pixels."""

TABLE_1_AVA = _cells(_AVA)
"""The same for AVA's 80 classes."""
