"""Text to runs and back, every word with its place: YAML, JSON, one-line specs, pictures that know their schedule.
It may use the ground, schedulers, runs, and the options of a plot (pictures.look).
"""
