"""Measurements of an ECG: heart rate, intervals, axes, and the beat they are read from."""
