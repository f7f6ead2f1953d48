"""Curves to files: pictures and tables, in the format that a file's name asks for.
It may use every wing but batch and cli.
"""
