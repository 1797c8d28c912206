"""The command line: text or JSON on stdout, narration on stderr."""
