"""What earlier imports brought: each application's file as its applicant has sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callforth.plaintext import layout, merge, message
from callforth.repo import history
from callforth.repo.repository import Repository

_TRAILER = "^Imported: "


def versions(repository: Repository, paths: Sequence[str]) -> dict[str, bytes]:
    """Return for each of these files what its applicant has sent so far, as far as an import brought it.

    That is the file as it came in, with what later imports changed and nothing that the team changed in between.
    Raises `GitFailed`.
    """
    if not paths:
        return {}
    wanted = set(paths)
    steps: dict[str, list[tuple[str, str]]] = {}
    for commit in history.walk(repository, "HEAD", (layout.APPLICATIONS,), grep=_TRAILER):
        if message.parse(commit.message).imported:
            for change in commit.changes:
                if change.after and change.path in wanted:
                    steps.setdefault(change.path, []).append((change.befores[0], change.after))
    blobs = list({blob for some in steps.values() for step in some for blob in step if blob})
    raws = dict(zip(blobs, history.many_blobs(repository, blobs), strict=True))
    return {path: sent for path, some in steps.items() if (sent := _sent(path, some[::-1], raws)) is not None}


def _sent(path: str, steps: Sequence[tuple[str, str]], raws: Mapping[str, bytes | None]) -> bytes | None:
    """Return the first version with the changes of all later steps; each is the file before and after it."""
    sent = raws[steps[0][1]]
    for before, after in steps[1:]:
        merged = merge.merge(path, raws.get(before), sent, raws[after])
        sent = merge.resolve(merged, path, {clash.what: merge.THEIRS for clash in merged.clashes})
    return sent
