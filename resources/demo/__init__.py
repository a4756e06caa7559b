"""The demo: a clip with its labels, and the model that was trained on them; see ATTRIBUTION.md."""
