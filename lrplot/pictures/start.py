"""How matplotlib starts: with a person's own settings, as in any Python program, or with none but its own."""

with_settings = True
"""The program turns this off before matplotlib is imported: what a file named matplotlibrc in the current folder says
must not matter, nor be read, as it may be a pipe or without end."""
