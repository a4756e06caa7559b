"""Networks that turn pictures and clips into features."""
