"""One file a revision of the project file, in the order of their numbers."""
