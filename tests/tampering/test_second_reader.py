"""The ledger as a second reader has it, who knows nothing but `git log -p`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from .forging import History

VERBS = {
    "received": "Reopen",
    "shortlisted": "Shortlist",
    "accepted": "Accept",
    "waitlisted": "Waitlist",
    "declined": "Decline",
    "confirmed": "Confirm",
    "withdrawn": "Withdraw",
    "attended": "Attend",
    "absent": "Miss",
}


def read(root):
    """The second reader: `{(meeting, application): [(from, to, author's address, subject, commit), …]}`."""
    command = ["git", "-C", str(root), "log", "-p", "--reverse", "--no-renames", "--format=commit %H%n%ae%n%s%n"]
    lines = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\n")
    ledger: dict[tuple[str, str], list[tuple[str, str, str, str, str]]] = {}
    commit = author = subject = old = new = ""
    place = None
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if re.fullmatch("commit [0-9a-f]{40}", line):
            commit, author, subject, place = line[7:], lines[at], lines[at + 1], None
            at += 2
        elif line.startswith("diff --git "):
            found = re.fullmatch(r"diff --git a/(applications/([^/]+)/([^/]+)\.md) b/\1", line)
            place, old, new = (found[2], found[3]) if found else None, "", ""
        elif place and line.startswith("-status: ") and not old:
            old = line[9:]
        elif place and line.startswith("+status: ") and not new:
            new = line[9:]
            if old and old != new:
                ledger.setdefault(place, []).append((old, new, author, subject, commit))
    return ledger


def _listed(history, *options):
    return [
        json.loads(line) for line in history.callforth("audit", "ledger", *options, "--format", "jsonl").splitlines()
    ]


def _address(by):
    return by["email"] if isinstance(by, dict) else re.sub(r".*<(.*)>", r"\1", by)


def _decisions(lines):
    ledger = {}
    for line in lines:
        if line["from"] and line["to"] and line["from"] != line["to"]:
            place = line["meeting"], line["application"]
            ledger.setdefault(place, []).append((line["from"], line["to"], _address(line["by"])))
    return ledger


@pytest.fixture(params=["practice", "tampering"])
def read_history(request, tmp_path, keys):
    """The practice workspace, and the one that is tampered with, which has a merge."""
    if request.param == "tampering":
        return request.getfixturevalue("history")
    shutil.copytree(request.getfixturevalue("practice_made"), tmp_path / "practice", symlinks=True)
    return History(tmp_path / "practice", keys)


def test_the_ledger_is_what_a_second_reader_finds(read_history):
    found = read(read_history.root)
    assert sum(map(len, found.values())) >= 13
    assert _decisions(_listed(read_history)) == {
        place: [entry[:3] for entry in entries] for place, entries in found.items()
    }


def test_the_log_is_what_a_second_reader_finds(read_history):
    found = read(read_history.root)
    log: dict = {}
    for entry in reversed(json.loads(read_history.callforth("log", "--json"))):
        if entry["from"] and entry["to"] and entry["from"] != entry["to"]:
            place = entry["meeting"], entry["application"]
            said = (entry["from"], entry["to"], entry["by"]["email"])
            log.setdefault(place, []).append((*said, entry["commit"]))
    assert log == {place: [(*entry[:3], entry[4]) for entry in entries] for place, entries in found.items()}


def test_every_subject_says_what_the_second_reader_finds(read_history):
    for (meeting, application), entries in read(read_history.root).items():
        for old, new, _, subject, _ in entries:
            verb = f"Undo {VERBS[old].lower()} of" if subject.startswith("Undo ") else VERBS[new]
            assert subject == f"{verb} {application} for {meeting}"


def test_of_one_meeting(read_history):
    meeting = min(place[0] for place in read(read_history.root))
    whole = read_history.callforth("audit", "ledger", "--format", "jsonl").splitlines(keepends=True)
    wanted = [line for line in whole if json.loads(line)["meeting"] == meeting]
    assert read_history.callforth("audit", "ledger", meeting, "--format", "jsonl") == "".join(wanted)
    assert len(wanted) > 0


def test_lines_are_in_order_and_tell_nobody(read_history):
    lines = _listed(read_history)
    places = [(line["meeting"], line["application"]) for line in lines]
    assert places == sorted(places)
    text = read_history.callforth("audit", "ledger", "--format", "jsonl")
    commits = read_history.git("rev-list", "--all").split("\n")
    assert [commit for commit in commits if commit[:10] in text] == []
    files = read_history.git("ls-files", "applications").split("\n")
    names = {
        re.search("^  name: (.*)$", (read_history.root / file).read_text(), re.MULTILINE)[1].strip("'\"")
        for file in files
    }
    assert [name for name in names if name in text] == []
    assert re.findall(r"\d{4}-\d{2}-\d{2}T", text) == []


@pytest.mark.parametrize("options", [(), ("--bare",)], ids=["clone", "bare clone, cloned"])
def test_two_clones_have_the_same_bytes(history, options):
    ledger = history.callforth("audit", "ledger", "--format", "jsonl")
    clone = history.clone("clone", *options)
    clone = clone.clone("again") if options else clone
    clone.git("gc", "--quiet")
    assert clone.callforth("audit", "ledger", "--format", "jsonl") == ledger
    assert history.git("cat-file", "blob", "seal/0003") + "\n" == ledger


def test_the_order_of_merging_does_not_matter(history):
    fork = history.id()
    ours = history.decide("73b9mt", "shortlisted", onto=fork)
    theirs = history.decide("r9ndwj", "shortlisted", onto=fork, by="dario")
    ledgers = []
    for first, second in ((ours, theirs), (theirs, ours)):
        history.move(first)
        history.git("merge", "--quiet", "--no-edit", second)
        ledgers.append(history.callforth("audit", "ledger", "--format", "jsonl"))
    assert ledgers[0] == ledgers[1]
