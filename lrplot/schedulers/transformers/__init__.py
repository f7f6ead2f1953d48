"""Schedules of Hugging Face's transformers 5.24, as its Trainer names them: bit for bit, float64 in Python.

It may use what is on the ground (parameters, wording), the base of all schedulers, and torch's.
"""

ORDER = ("decay", "cosine", "stable", "metric")
"""Of the listings."""
