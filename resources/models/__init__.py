"""What is known of the networks that can be built by name."""
