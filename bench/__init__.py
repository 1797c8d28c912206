"""Measurements, as ratios to an anchor that is timed in the same run: `python -m bench`."""
