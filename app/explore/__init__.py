"""Draw ECGs from labels, look at them, compare them with real ones, take them away."""
