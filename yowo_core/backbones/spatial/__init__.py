"""2D networks for the key frame, one file a network."""
