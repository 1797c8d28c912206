"""Reading ahead in child processes gives what reading here gives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import workspaces
from callforth.index.ahead import ReadAhead
from callforth.index.catalog import Catalog


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ahead") / "w"
    workspaces.make(folder, 2, 120)
    return folder


def everything(catalog: Catalog) -> object:
    return (
        [catalog.applications(meeting.id) for meeting in catalog.meetings],
        catalog.meetings,
        catalog.problems,
    )


def plain(root: Path) -> Catalog:
    catalog = Catalog(root)
    catalog.refresh()
    return catalog


def test_what_was_read_ahead_is_what_is_read_here(root: Path) -> None:
    ahead, catalog = ReadAhead(root), Catalog(root)

    ahead.into(catalog)

    assert everything(catalog) == everything(plain(root))
    assert catalog.refresh() is False, "nothing is parsed a second time"


def test_progress_counts_up_to_the_files_there_are(root: Path) -> None:
    seen: list[tuple[int, int]] = []

    ReadAhead(root).into(Catalog(root), lambda done, total: seen.append((done, total)))

    assert seen == [(0, 242), (100, 242), (200, 242)]


def test_a_file_that_changed_since_is_read_again(root: Path) -> None:
    ahead, catalog = ReadAhead(root), Catalog(root)
    ahead.into(catalog)
    application = catalog.applications("meeting-01")[0]
    path = root / f"applications/meeting-01/{application.id}.md"
    before = path.read_text()
    try:
        path.write_text(before.replace("status: received", "status: declined"))

        assert catalog.refresh() is True
        assert catalog.application(application.id).status == "declined"
    finally:
        path.write_text(before)


def test_children_that_die_cost_nothing_but_time(root: Path) -> None:
    ahead, catalog = ReadAhead(root), Catalog(root)
    for child in ahead._children:
        os.kill(child, 9)

    ahead.into(catalog)
    catalog.refresh()

    assert everything(catalog) == everything(plain(root))


def test_a_small_workspace_is_not_worth_a_child(tmp_path: Path) -> None:
    (tmp_path / "applications" / "oslo-2027").mkdir(parents=True)
    ahead = ReadAhead(tmp_path)

    assert ahead._children == []


def test_no_child_is_left_behind(root: Path) -> None:
    ahead = ReadAhead(root)
    children = list(ahead._children)

    ahead.into(Catalog(root))

    assert children
    for child in children:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, 0)
