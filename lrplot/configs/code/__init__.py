"""Code as a source: a pasted constructor, a training script, a notebook; read as a syntax tree, never run.
It uses the ground, the names and signatures of the schedulers, and the tree of values (configs.document).
"""
