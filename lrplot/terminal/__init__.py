"""Curves in the terminal: the screen, the chart, the table of turning points.
It may use the ground, schedulers, runs and analysis.
"""
