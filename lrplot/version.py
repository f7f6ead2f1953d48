"""The version, which the package, its pictures and its ledger state."""

__version__ = "0.6.0"
