"""What a curve says: the steps at which it turns.
It may use the ground, schedulers and runs.
"""
