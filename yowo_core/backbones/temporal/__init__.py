"""3D networks for the clip, one file a network."""
