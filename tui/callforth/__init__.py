"""callforth: run an open call for participants in plain text and git."""

__version__ = "0.1.0"
