"""Workspaces of any size to measure on: fictional applications, written fast and committed once."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_WORDS = tuple(
    word
    for line in (
        "street circle parish neighbours evening kitchen school council mosque church garden tram harbour estate",
        "elders trust quarrel soup bench market library football language arrival patience rumour square windows",
        "listen walk repair invite return forgive count measure plant carry begin again together slowly although",
    )
    for word in line.split()
)
_COUNTRIES = ("SE", "PT", "ES", "NO", "GR", "IE", "NL", "FI", "DE", "IT", "PL", "RO")
_QUESTIONS = ("bringing-together", "dialogue", "mapping", "challenges")

_TEAM = """format = 1
name = "Measured workspace"

[team.sanna]
name = "Sanna Lind"
email = "sanna.lind@example.org"
roles = ["organiser"]
"""

_CALL = """---
title: Meeting {number}
series: Measured meetings
starts: 2022-10-04T12:30:00+02:00
ends: 2022-10-05T13:00:00+02:00
place: Stockholm, Sweden
language: en
seats: 25
published: 2022-08-01
closes: 2022-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
questions:
{questions}
---

# Meeting {number}
"""


def isolate(folder: Path) -> None:
    """Let git see no configuration, from now on, but the one made here in `folder`."""
    folder.mkdir(parents=True)
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Sanna Lind\n\temail = sanna.lind@example.org\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(HOME=str(folder), GIT_CONFIG_GLOBAL=str(config), GIT_CONFIG_SYSTEM=os.devnull)


def make(folder: Path, meetings: int, each: int) -> list[tuple[str, str]]:
    """Make a committed workspace in a new folder; return `(path, id)` of its applications, in a shuffled order.

    The same numbers give the same files and ids. A file is about 3 KB, as a real one is.
    """
    chance = random.Random(meetings * 1_000_003 + each)
    ids = [_encoded(number) for number in chance.sample(range(32**6), meetings * each)]
    (folder / "applications").mkdir(parents=True)
    (folder / "callforth.toml").write_text(_TEAM)
    questions = "\n".join(f"- id: {name}\n  text: What about {name}?" for name in _QUESTIONS)
    made: list[tuple[str, str]] = []
    for number in range(meetings):
        meeting = f"meeting-{number + 1:02}"
        (folder / "meetings" / meeting).mkdir(parents=True)
        (folder / "meetings" / meeting / "call.md").write_text(_CALL.format(number=number + 1, questions=questions))
        (folder / "applications" / meeting).mkdir()
        for application_id in ids[number * each : (number + 1) * each]:
            path = f"applications/{meeting}/{application_id}.md"
            (folder / path).write_text(_application(application_id, chance))
            made.append((path, application_id))
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["commit", "--quiet", "--message=Set up the workspace"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    chance.shuffle(made)
    return made


def _application(application_id: str, chance: random.Random) -> str:
    answers = "\n".join(
        f"\n<!-- question: {name} -->\n## What about {name}?\n\n{' '.join(chance.choices(_WORDS, k=115))}.\n"
        for name in _QUESTIONS
    )
    return (
        f"---\nid: {application_id}\nstatus: received\n"
        f"received: 2022-08-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:12:00Z\n"
        f"applicant:\n  name: Person {application_id}\n  email: {application_id}@example.org\n"
        f"  organisation: {chance.choice(_WORDS)} house\n  role: host\n  country: '{chance.choice(_COUNTRIES)}'\n"
        f"tags:\n- {chance.choice(_WORDS)}\nsource: measured/{application_id}\n---\n{answers}"
    )


def _encoded(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))
