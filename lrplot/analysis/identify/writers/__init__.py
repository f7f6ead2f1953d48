"""What writes a plan as schedulers, a module a family; what comes out is true or not, and the verifier says which.
It may use what the package of proposals may.
"""
