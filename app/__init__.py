"""The desktop program: everything that needs a screen, over the library yowo_core."""
