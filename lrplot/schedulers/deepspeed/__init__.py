"""Schedules of DeepSpeed 0.19, as its JSON names them: bit for bit, float64 in Python.

It may use what is on the ground (parameters, wording), and the base of all schedulers.
"""

ORDER = ("warmup", "cycle", "range_test")
"""Of the listings."""
