"""What the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from callforth.workflow.workspace import Workspace


@pytest.fixture
def opened() -> Iterator[Callable[[Any], Workspace]]:
    """Open a sandbox as the interface would, with its files read; closed when the test is over."""
    all_opened: list[Workspace] = []

    def open_it(sandbox: Any) -> Workspace:
        found = Workspace.find(sandbox.root)
        found.catalog.refresh()
        all_opened.append(found)
        return found

    yield open_it
    for found in all_opened:
        found.close()
