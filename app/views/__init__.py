"""The main window, canvas, timeline, docks and dialogs."""
