"""Curves as figures, and all that has to do with matplotlib, which nothing outside of this wing imports.
It may use the ground, schedulers, runs and analysis.
"""
