"""`python -m callforth`, and the `callforth` command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Open the interface where nothing is asked for, else do what the command line says."""
    if len(sys.argv) == 1 and "_CALLFORTH_COMPLETE" not in os.environ:
        from callforth.cli import interface

        interface.main()
    from callforth.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
