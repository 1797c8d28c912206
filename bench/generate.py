"""Making a workspace: files, history and git's index, written as fast as git takes them.

History is one `git fast-import` stream: 10,000 applications take seconds so, and 50,000 decisions half a minute. The
messages are those that the workflow writes. Afterwards git finds nothing to say: `git status` is clean.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from bench.applications import QUESTIONS, Writer
from bench.measure import NotMeasured, say
from bench.shapes import Shape, meeting_name
from callforth.model.decision import Record
from callforth.model.status import Status
from callforth.plaintext import message

LIST = "made.json"

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
starts: {month}-27T12:30:00+02:00
ends: {month}-28T13:00:00+02:00
place: Stockholm, Sweden
language: en
seats: 25
published: {month}-01
closes: {month}-26T23:59:00+02:00
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

_WHO = "Sanna Lind <sanna.lind@example.org>"
_BEGIN = 1_660_000_000
# What is decided on an application, one after the other, beginning at `received`; nobody gets a seat, so that what is
# measured later never meets a rule about seats.
_VERBS = (
    ("Shortlist", "shortlisted"),
    ("Waitlist", "waitlisted"),
    ("Decline", "declined"),
    ("Shortlist", "shortlisted"),
    ("Waitlist", "waitlisted"),
)
_REASONS = (
    "Off the subject of this meeting; asked to look at the one on schools next spring.",
    "Runs dialogue circles between three parishes; nobody else from there.",
    "Read twice. The case is strong, the rest is thin.",
    "One of two from the same house; the other one can say more about it.\n\nAsked both; they agree.",
    "As agreed on Tuesday.",
)


def make(root: Path, shape: Shape) -> None:
    """Make a workspace in the new folder `root`: files, history, git's index, and a list of what there is."""
    root.mkdir(parents=True)
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    with subprocess.Popen([*git, "fast-import", "--quiet", "--date-format=raw"], stdin=subprocess.PIPE) as importing:
        if importing.stdin is None:
            raise AssertionError("a pipe was asked for")
        listed = _write(root, shape, importing.stdin)
        importing.stdin.close()
        if importing.wait():
            raise NotMeasured(f"git fast-import failed in {root}")
    for command in (["read-tree", "HEAD"], ["update-index", "-q", "--refresh"]):
        subprocess.run([*git, *command], check=True)
    if shape.decisions:  # what git's own maintenance keeps, and what makes `git log -- path` quick
        say("writing the commit-graph with changed paths ...")
        subprocess.run([*git, "commit-graph", "write", "--reachable", "--changed-paths", "--no-progress"], check=True)
    (root / ".git" / LIST).write_text(json.dumps(listed))


def _write(root: Path, shape: Shape, stream: IO[bytes]) -> list[tuple[str, str, str, str]]:
    """Write all files below `root` and all commits into the stream; return what the workspace's list holds."""
    writer = Writer(shape.meetings * 1_000_003 + shape.each)
    clock = iter(range(_BEGIN, sys.maxsize, 60))
    listed: list[tuple[str, str, str, str]] = []
    contents: dict[str, bytes] = {}
    for number in range(shape.meetings):
        files = dict(_meeting_files(number, writer, shape.each, listed))
        for path, content in files.items():
            _put(root / path, content)
        _commit(stream, _imported(number, shape.each), files, next(clock))
        if shape.decisions:
            contents.update(files)
    random.Random(0).shuffle(listed)
    for turn, (verb, after) in enumerate(_VERBS[: shape.decisions]):
        say(f"deciding {shape.total:,} times, {turn + 1} of {shape.decisions} ...")
        before = _VERBS[turn - 1][1] if turn else "received"
        for count, (meeting, application_id, *_) in enumerate(listed):
            path = f"applications/{meeting}/{application_id}.md"
            contents[path] = contents[path].replace(
                f"\nstatus: {before}\n".encode(), f"\nstatus: {after}\n".encode(), 1
            )
            reason = _REASONS[(count + turn) % len(_REASONS)]
            said = _decided(verb, before, after, meeting, application_id, reason)
            _commit(stream, said, {path: contents[path]}, next(clock))
    for path, content in contents.items():
        _put(root / path, content)
    return listed


def _meeting_files(
    number: int, writer: Writer, each: int, listed: list[tuple[str, str, str, str]]
) -> Iterator[tuple[str, bytes]]:
    meeting = meeting_name(number)
    month = f"{2010 + number // 12}-{number % 12 + 1:02}"
    questions = "\n".join(f"- id: {name}\n  text: What about {name}?" for name in QUESTIONS)
    if number == 0:
        yield "callforth.toml", _TEAM.encode()
    yield f"meetings/{meeting}/call.md", _CALL.format(number=number + 1, month=month, questions=questions).encode()
    for _ in range(each):
        person = writer.write(month)
        listed.append((meeting, person.id, person.name, person.received))
        yield f"applications/{meeting}/{person.id}.md", person.content


def _put(target: Path, content: bytes) -> None:
    """Write a file as one that has been there for a while: git looks twice at what is as young as its index."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    os.utime(target, (_BEGIN, _BEGIN))


def _commit(stream: IO[bytes], message: str, files: dict[str, bytes], moment: int) -> None:
    said = message.encode()
    stream.write(b"commit refs/heads/main\ncommitter %s %d +0200\n" % (_WHO.encode(), moment))
    stream.write(b"data %d\n%s\n" % (len(said), said))
    for path, content in files.items():
        stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content))


def _imported(number: int, each: int) -> str:
    meeting = meeting_name(number)
    return message.write(Record(f"Import {each} applications to {meeting}", meeting, "", imported="measured"))


def _decided(verb: str, before: str, after: str, meeting: str, application_id: str, reason: str) -> str:
    subject = f"{verb} {application_id} for {meeting}"
    return message.write(
        Record(subject, meeting, application_id, reason=reason, before=Status(before), after=Status(after))
    )
