"""How two curves are related, in one sentence: a plan and what a run logged, two logs, or two plans.
It may use the ground, schedulers, runs, and analysis.
"""
