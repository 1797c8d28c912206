"""`python -m callforth`, and the `callforth` command."""

from __future__ import annotations

from callforth.cli.main import main

if __name__ == "__main__":
    main()
