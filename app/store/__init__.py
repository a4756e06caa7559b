"""The project file: SQLite through SQLAlchemy, rows in, frozen values out."""
