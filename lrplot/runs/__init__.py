"""One scheduler on one optimizer for so many steps: the run, the one road that makes it, its simulation, its curve.
It may use the ground and schedulers.
"""
