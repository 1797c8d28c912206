"""What an audit finds: one thing in history that breaks a rule, or that is allowed and yet shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: the rule it is about, what is found, and what to do about it.

    `commit` is a full commit id, `path` a file in the workspace, `line` counts from 1; empty, or 0, where it is about
    none. Only a grave one makes a history unsound; the others are notes.
    """

    rule: str
    says: str
    remedy: str
    commit: str = ""
    path: str = ""
    line: int = 0
    meeting: str = ""
    application: str = ""
    grave: bool = True
