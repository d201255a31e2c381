"""A hospital's own ECGs: taking them in, looking at them."""
