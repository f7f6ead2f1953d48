"""Schedules of optax 0.2.8, by its functions' names: float32, at most 1 ulp of the curve's peak from jax's eager value.

It may use what is on the ground (parameters, wording), the base of all schedulers, and float32.
"""

ORDER = ("decay", "cosine", "piecewise", "warmup", "join")
"""Of the listings."""
