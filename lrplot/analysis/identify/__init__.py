"""Which schedule a log is of: proposals from its numbers, a module a kind, and one verifier that simulates each.
It may use the ground, schedulers and runs.
"""
