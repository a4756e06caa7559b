"""Ready keymaps: which keys start which action."""
