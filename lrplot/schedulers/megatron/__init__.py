"""Schedules of Megatron-LM's OptimizerParamScheduler (megatron-core 0.16): bit for bit, float64 in Python.

It may use what is on the ground (parameters, wording), and the base of all schedulers.
"""

ORDER = ("decay", "stable")
"""Of the listings."""
