"""What training runs wrote down, read to Logs: one module a format, one table of them in formats.py.
It may use the ground, schedulers, runs, and of configs the document.
"""
