"""Schedules of Keras 3.15, and its plateau: float32, at most 1 ulp of the curve's peak from tensorflow's eager value.

It may use what is on the ground (parameters, wording), the base of all schedulers, float32, and torch's plateau.
"""

ORDER = ("decay", "cosine", "plateau")
"""Of the listings."""
