"""What a curve says: the steps at which it turns, what it is called, which of its columns are drawn.
It may use the ground, schedulers and runs.
"""
