"""Rows of a form that are in a meeting more than once: two people imported the same file, and both are merged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from callforth.index.reading import place_of
from callforth.model.application import Application
from callforth.model.finding import Finding
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable, read

if TYPE_CHECKING:
    from callforth.workflow.audit.branch import Branch
    from callforth.workflow.checking_files import InCommit, InWorkTree


def repeated(
    files: InWorkTree | InCommit, changed: Collection[str] | None = None, others: Iterable[Application] = ()
) -> Iterator[Finding]:
    """Iterate over the applications that are the same row of the same form, by their `source`.

    Where only some paths `changed` on a branch, what was so before is a note; `others` are what it will be merged with.
    The catalog must be fresh.
    """
    coming: dict[tuple[str, str], set[str]] = {}
    for other in others:
        for source in other.source.split():
            coming.setdefault((other.meeting, source), set()).add(other.id)
    for meeting in sorted(one.id for one in files.workspace.catalog.meetings):
        here: dict[str, set[str]] = {}
        for row in files.workspace.catalog.rows(meeting):
            for source in row.source.split():
                here.setdefault(source, set()).add(row.id)
        found: dict[frozenset[str], str] = {}
        for source, ids in here.items():
            brought = {id for id in ids if layout.application(meeting, id) in (changed or ())}
            every = frozenset(ids | (coming.get((meeting, source), set()) if brought else set()))
            if len(every) > 1 and "/" in source:  # what somebody wrote by hand may be the same for many
                found[every] = max(brought or ids)
        for every, id in sorted(found.items(), key=lambda one: sorted(one[0])):
            path = layout.application(meeting, id)
            says = f"{' and '.join(sorted(every))} came from the same row of a form ('source'), which no import takes"
            remedy = f"keep one, and remove the rest, like this one: git rm {path} && git commit -m 'Remove {id}' "
            remedy += f"-m 'It came in twice.' -m 'Application: {meeting}/{id}'"
            line, grave = _line(files, path), changed is None or path in changed
            yield Finding("source-again", says, remedy, "", path, line, meeting, id, grave)


def _line(files: InWorkTree | InCommit, path: str) -> int:
    with suppress(FileUnusable):  # it has changed since
        return read(files.read(path), path).lines.get(("source",), 0)
    return 0


def at_base(branch: Branch) -> Iterator[Application]:
    """Iterate over what came in or was changed where a branch is to be merged, since it began. Raises `GitFailed`."""
    from callforth.repo import history

    repository = branch.repository
    roots = history.merge_bases(repository, [branch.base], branch.head) if branch.base else []
    if not roots or branch.base in roots:
        return
    trees = [history.tree_and_time(repository, commit)[0] for commit in (roots[0], branch.base)]
    [found] = history.differences(repository, [(trees[0], trees[1])], layout.APPLICATIONS)
    theirs = [change for change in found if change.after and change.path not in branch.paths]
    for change, raw in zip(theirs, history.many_blobs(repository, [one.after for one in theirs]), strict=True):
        place = place_of(change.path)
        if raw is not None and isinstance(place, tuple) and len(place) == 2:
            with suppress(FileUnusable):  # which is found where it came in
                yield application_file.parse(raw, change.path, *place)
