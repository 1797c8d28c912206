"""The base of all errors: one sentence for a person, one code for a script, one exit code for a shell.

Concrete errors are small classes beside the code that raises them. Each interface catches
`CallforthError` in one place.
"""

from __future__ import annotations

import re


class CallforthError(Exception):
    """Something a person can act on: `str(error)` is the sentence that tells them how."""

    exit_code = 1

    @property
    def code(self) -> str:
        """A stable name for scripts, made from the class name (`UnknownId` is `unknown-id`)."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def says(self) -> str:
        """The sentence: what is wrong, where, and what to do."""
        return str(self)


class UsageError(CallforthError):
    """The request itself is wrong: an unknown id, meeting, field, option or term."""

    exit_code = 2


class RefusedError(CallforthError):
    """A rule of the workflow forbids it: a transition, the seats, a role, a missing reason."""

    exit_code = 3


class WorkspaceError(CallforthError):
    """The workspace, or a file in it, cannot be used as it is."""

    exit_code = 4


class Gone(WorkspaceError):
    """What is worked on is not there just now: whoever shows it goes on when it is back."""


class RepositoryError(CallforthError):
    """git or a remote failed."""

    exit_code = 5


def keep_traceback() -> str:
    """Write the traceback of the error being handled to a file and return the sentence that says where.

    It holds code and messages, never the contents of variables.
    """
    import os
    import tempfile
    import traceback

    handle, name = tempfile.mkstemp(prefix="callforth-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        traceback.print_exc(file=stream)
    return f"this is a defect of callforth, and what it was doing may be unfinished; please report it with {name}"
