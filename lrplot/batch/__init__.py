"""Folders of configs, rendered side by side, only what changed, with a page to look at.
It may use every wing but cli.
"""
