"""The command line: parse, call, echo. It may use every wing, and nothing uses it.
Every scheduler's command and flags are derived from its constructor.
"""
