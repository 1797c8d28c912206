"""Where `check` reads files: from the work tree, or from the commit that is to be merged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from callforth.index.reading import place_of, read_file
from callforth.model.application import Problem
from callforth.model.text import clean_line
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable

if TYPE_CHECKING:
    from callforth.workflow.moment import Moment
    from callforth.workflow.workspace import Workspace

Review = tuple[str, tuple[str, ...]]
"""The path of a review's file; meeting, application and reviewer."""
_REVIEW = 3  # parts of a review's place


class InWorkTree:
    """The files of a workspace as they are now."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def has(self, path: str) -> bool:
        """Tell whether there is a file."""
        return os.path.lexists(self.workspace.root / path)

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises `FileUnusable`."""
        return read_file(self.workspace.root, path)

    def reviews(self) -> Iterator[Review]:
        """Iterate over the review files of all meetings whose call can be used, by path."""
        for meeting in self.workspace.catalog.meetings:
            folder = f"{layout.MEETINGS}/{meeting.id}/reviews"
            for application in self._names(folder):
                for name in self._names(f"{folder}/{application}"):
                    path = f"{folder}/{application}/{name}"
                    place = place_of(path)
                    if isinstance(place, tuple) and len(place) == _REVIEW:
                        yield path, place

    def _names(self, folder: str) -> list[str]:
        place = self.workspace.root / folder
        with suppress(OSError):
            if not place.is_symlink():  # which would lead out of the workspace, and is found as what it is
                return sorted(child.name for child in place.iterdir())
        return []


class InCommit:
    """The files of a workspace as one of its commits has them."""

    def __init__(self, moment: Moment) -> None:
        self.workspace = moment
        self._commit = moment.revision.commit

    @cached_property
    def _blobs(self) -> dict[str, str]:
        from callforth.repo import committed

        listed = committed.files(
            self.workspace.repository.git, self._commit, (layout.CONFIG, layout.MEETINGS, layout.APPLICATIONS)
        )
        return {file.path: file.blob if file.is_file else "" for file in listed}

    def has(self, path: str) -> bool:
        """Tell whether there is a file. Raises `GitFailed`."""
        return path in self._blobs

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises `FileUnusable`, `GitFailed`."""
        from callforth.plaintext.document import MOST_BYTES, check_size
        from callforth.repo import committed

        blob = self._blobs.get(path, "")
        if not blob:
            raise FileUnusable(Problem(clean_line(path), 0, "this is not a file", "put the real file there"))
        [content] = committed.contents(self.workspace.repository.git, [blob], MOST_BYTES)
        check_size(max(content.size, 0), clean_line(path))
        return content.data

    def reviews(self) -> Iterator[Review]:
        """Iterate over the review files of all meetings whose call can be used, by path. Raises `GitFailed`."""
        meetings = {meeting.id for meeting in self.workspace.catalog.meetings}
        for path in self._blobs:
            place = place_of(path)
            if isinstance(place, tuple) and len(place) == _REVIEW and place[0] in meetings:
                yield path, place
