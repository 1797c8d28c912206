"""Since when calls say what they say in public, out of their files' history.

A commit that only notes an import's columns, or rewords a criterion, changes nothing for readers of a feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from callforth.plaintext import call as call_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.repo import history
from callforth.repo.repository import Repository
from callforth.workflow.site import facts
from callforth.workflow.site.facts import Call, NoDay


def since(repository: Repository, head: str, calls: Sequence[Call]) -> dict[str, datetime]:
    """Return for each call, by its meeting, when the commit was made by which it came to say what it says at `head`.

    Never before it was published. Raises `GitFailed`.
    """
    paths = {layout.call(call.id): call for call in calls}
    steps: dict[str, list[tuple[int, str]]] = {path: [] for path in paths}
    for commit in history.walk(repository, head, list(paths)):
        for change in commit.changes:
            if change.path in steps:
                steps[change.path].append((commit.committed, change.after))
    return {call.id: _since(repository, path, call, steps[path]) for path, call in paths.items()}


def _since(repository: Repository, path: str, call: Call, steps: Sequence[tuple[int, str]]) -> datetime:
    """`steps` are the commits that changed the file, newest first: when, and the blob it became."""
    when = call.since
    for seconds, blob in steps:
        raw = history.blobs(repository, [blob])[0] if blob else None
        if raw is None or _public(raw, path, call) != call:
            break
        when = max(call.since, datetime.fromtimestamp(max(seconds, 0), UTC))
    return when


def _public(raw: bytes, path: str, call: Call) -> Call | None:
    try:
        return facts.of(call_file.parse(raw, path, call.id), path, date.max)
    except (FileUnusable, NoDay):
        return None
