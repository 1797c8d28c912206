"""What earlier audits saw is kept, or it is said that it is not; what makes no sense is nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from callforth.repo.repository import Repository
from callforth.workflow.audit import memory
from callforth.workflow.audit.memory import CannotRemember, Memory

SEEN = Memory({"refs/heads/main": "a" * 40}, {"seal/0001": "b" * 40})


@pytest.fixture
def repository(workspace: Any) -> Iterator[Repository]:
    with contextlib.closing(Repository(workspace.root)) as opened:
        yield opened


def test_what_is_kept_is_there_again_and_nobody_elses(repository):
    assert memory.load(repository) == Memory()
    memory.save(repository, SEEN)
    assert memory.load(repository) == SEEN
    place = repository.common_dir / "callforth/audit.json"
    assert place.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in place.parent.iterdir() if "audit" in file.name} == {"audit.json"}
    assert json.loads(place.read_text()) == {"tips": SEEN.tips, "seals": SEEN.seals}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"tips"',
        b"{}",
        b'{"tips": {}}',
        b'{"tips": [], "seals": {}}',
        b'{"tips": {}, "seals": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_makes_no_sense_is_nothing(repository, text):
    memory.save(repository, SEEN)
    (repository.common_dir / "callforth/audit.json").write_bytes(text)
    assert memory.load(repository) == Memory()


def test_worktrees_share_it(repository, workspace, tmp_path):
    memory.save(repository, SEEN)
    workspace.git("worktree", "add", "--quiet", str(tmp_path / "second"), "-b", "second")
    with contextlib.closing(Repository(tmp_path / "second")) as second:
        assert memory.load(second) == SEEN


def test_where_it_cannot_be_written_that_is_told(repository):
    place = repository.common_dir / "callforth"
    if place.exists():
        place.rename(place.with_name("away"))
    place.write_text("a file in its place")
    with pytest.raises(CannotRemember) as raised:
        memory.save(repository, SEEN)
    assert raised.value.says == (f"{place}/audit.json cannot be written (File exists); free the place and try again")


def test_a_folder_in_its_place_is_told_and_nothing_is_left_beside_it(repository):
    place = repository.common_dir / "callforth/audit.json"
    place.mkdir(parents=True)
    with pytest.raises(CannotRemember):
        memory.save(repository, SEEN)
    assert [file.name for file in place.parent.iterdir() if file.name.startswith("audit")] == ["audit.json"]
