"""What tests of bad input share: a small workspace, and what is wrong with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from callforth.index.catalog import Catalog

GOOD = (
    "---\nid: k7m2qx\nstatus: received\nreceived: 2022-08-20\napplicant:\n  name: Ana\n  country: NO\n"
    "tags:\n- late\n---\n\n<!-- question: why -->\n## Why?\n\nBecause.\n"
)
CALL = (
    "---\ntitle: A meeting\nstarts: 2022-10-04T12:30:00+02:00\nends: 2022-10-05T13:00:00+02:00\nseats: 3\n"
    "closes: 2022-09-09T23:59:00+02:00\n---\n"
)


@pytest.fixture(scope="session")
def good() -> str:
    """An application that nothing is wrong with."""
    return GOOD


@pytest.fixture(scope="session")
def call() -> str:
    """A call that nothing is wrong with."""
    return CALL


@pytest.fixture(scope="session")
def make_workspace() -> Callable[[Path], Path]:
    """Make a workspace with one meeting and one good application."""

    def make(root: Path) -> Path:
        (root / "applications/oslo-2022").mkdir(parents=True)
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
        (root / "meetings/oslo-2022").mkdir(parents=True)
        (root / "meetings/oslo-2022/call.md").write_text(CALL)
        (root / "applications/oslo-2022/3fh9td.md").write_text(GOOD.replace("k7m2qx", "3fh9td"))
        return root

    return make


@pytest.fixture
def root(tmp_path: Path, make_workspace: Callable[[Path], Path]) -> Path:
    """A workspace with one meeting and one good application."""
    return make_workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def problems() -> Callable[[Path], list[str]]:
    """Open a workspace, see that what is good is there, and return the problems' sentences."""

    def find(root: Path) -> list[str]:
        catalog = Catalog(root)
        catalog.refresh()
        assert [meeting.id for meeting in catalog.meetings] == ["oslo-2022"]
        assert catalog.rows("oslo-2022").ids == ["3fh9td"]
        return [problem.sentence for problem in catalog.problems]

    return find
