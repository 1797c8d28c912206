"""What tests of the audit share: a small selection of which every date and every number is known."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...conftest import Sandbox

CALL = """---
title: The <b>Oslo</b> meeting
series: Test meetings
starts: 2022-10-04T12:30:00+02:00
ends: 2022-10-05T13:00:00+02:00
place: Oslo, Norway
language: en
seats: 3
published: 2022-08-01
closes: 2022-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
- name: email
  label: Your address
  identity: true
- name: gender
  label: You are
  identity: true
  choices:
  - a woman
  - a man
- name: role
  label: Your role
  choices:
  - youth worker
  - teacher
- name: motto
  label: Your motto
questions:
- id: why
  text: Why do you want to come?
criteria:
- id: fit
  text: Fits
  scale: 1-5
---

# The meeting
"""

PEOPLE = {
    "aaaaaa": ("no", "youth worker"),
    "bbbbbb": ("NO", "youth worker"),
    "cccccc": ("SE", "teacher"),
    "dddddd": ("NO", "youth worker"),
    "eeeeee": ("NO", "Marta Person, teacher"),
    "ffffff": ("NO", ""),
    "gggggg": ("anna@example.org", "youth worker"),
    "hhhhhh": ("", "youth worker"),
}


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let git believe that it is a moment, like `2022-08-22T12:12:00+02:00`."""

    def set_it(moment: str) -> None:
        for role in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{role}_DATE", moment)

    return set_it


@pytest.fixture(scope="session")
def selections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the selection is kept once it was made; never work in it, copy it."""
    return tmp_path_factory.mktemp("selections")


@pytest.fixture
def selection(new_workspace: Callable[..., Any], on: Callable[[str], None], selections: Path, tmp_path: Path) -> Any:
    """Eight applications, all received on 20 August 2022 at 10:12 UTC, and seven decisions of two organisers."""
    if not (selections / "made").exists():
        on("2022-08-01T09:00:00+02:00")
        new = new_workspace(folder="new")
        _decide(new, on)
        new.root.rename(selections / "made")
    workspace = Sandbox(tmp_path / "workspace")
    shutil.copytree(selections / "made", workspace.root, symlinks=True)
    workspace.be("dario")
    on("2022-09-15T12:12:00+02:00")
    return workspace


def _decide(workspace: Any, on: Callable[[str], None]) -> None:
    workspace.write("meetings/oslo-2022/call.md", CALL)
    workspace.commit("Write the call")
    on("2022-08-21T12:00:00+02:00")
    for id, (country, role) in PEOPLE.items():
        workspace.application(
            id, applicant={"country": country, "role": role, "motto": "Secret motto", "gender": "a man"}
        )
    workspace.commit("Take in eight\n\nImported: 8 by hand\n")
    for when, who, *arguments in (
        ("2022-08-22T12:12:00+02:00", "sanna", "accept", "aaaaaa", "-m", "Good."),
        ("2022-08-24T12:12:00+02:00", "dario", "decline", "bbbbbb"),
        ("2022-08-30T12:12:00+02:00", "sanna", "accept", "cccccc", "-m", "Runs circles."),
        ("2022-08-31T12:12:00+02:00", "sanna", "undo", "--yes"),
        ("2022-09-12T12:12:00+02:00", "dario", "waitlist", "bbbbbb", "-m", "=Room | <after> all."),
        ("2022-09-13T12:12:00+02:00", "dario", "confirm", "aaaaaa"),
    ):
        on(when)
        workspace.be(who)
        ran = workspace.run(*arguments)
        assert (ran.code, ran.err if ran.code else "") == (0, "")
    # Without the reason that is due, as only plain git lets it be written.
    on("2022-09-14T12:12:00+02:00")
    path = "applications/oslo-2022/bbbbbb.md"
    workspace.write(path, workspace.read(path).replace("status: waitlisted", "status: declined"))
    workspace.commit("Decline\n\nApplication: oslo-2022/bbbbbb\nDecision: waitlisted -> declined\n")
    on("2022-09-15T12:12:00+02:00")
    workspace.write(path, workspace.read(path).replace("status: declined", "status: shortlisted"))
    workspace.commit("Shortlist\n\nApplication: oslo-2022/bbbbbb\nDecision: declined -> shortlisted\n")
