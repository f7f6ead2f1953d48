"""What is probably wrong with a run: a rule for each kind of mistake, declared once, with the page that explains it.
It may use the ground, schedulers and runs.
"""
