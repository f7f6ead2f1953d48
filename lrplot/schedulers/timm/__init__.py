"""Schedules of timm 1.0.31, as its training script names them: bit for bit, float64 in Python.

It may use what is on the ground (parameters, wording), the base of all schedulers, and torch's.
"""

ORDER = ("factory", "cycles", "steps", "stable", "plateau")
"""Of the listings."""
