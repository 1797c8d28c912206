"""The applications in memory: read, search, count. Never the truth."""
