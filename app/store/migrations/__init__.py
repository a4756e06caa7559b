"""How a project file of any version becomes one of this version (Alembic scripts)."""
