"""torch's schedulers without torch, a module a kind: the rate at each step, to the bit.
It may use what is on the ground (parameters, wording) and the base of all schedulers.
"""

ORDER = ("function", "decay", "ramp", "cosine", "cyclic", "plateau", "composite")
"""Of the listings."""
