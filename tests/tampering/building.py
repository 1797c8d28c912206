"""A sound history to tamper with: three weeks of a small call, every commit signed, three seals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .forging import BEGINS, CALL, CONFIG, FORGED_FROM, HOUR, MEETING, PEOPLE, History, message, path, review

# As they end: three of three seats taken; two of whom nobody has decided yet.
ENDS = {
    "k7m2qx": "confirmed",
    "3fh9td": "confirmed",
    "2hhn2b": "accepted",
    "cbc2xv": "waitlisted",
    "2aanrw": "shortlisted",
    "vfmxqw": "declined",
    "m216qf": "declined",
    "1e3456": "declined",
    "73b9mt": "received",
    "r9ndwj": "received",
}

_CALL = f"""---
title: The {MEETING} meeting
starts: 2022-10-04T12:30:00+02:00
ends: 2022-10-05T13:00:00+02:00
place: Oslo, Norway
seats: 3
published: 2022-08-01
closes: 2022-09-09T23:59:00+02:00
contact: organisers@example.org
fields:
- name: name
  label: Your name
  required: true
  identity: true
questions:
- id: why
  text: Why do you want to come?
criteria:
- id: fit
  text: Fits
  scale: 1-5
---

# The {MEETING} meeting
"""


def team(keys: Path, settings: str = 'signatures = "required"\n') -> str:
    """The text of `callforth.toml`: two organisers and a reviewer, and the keys of each."""
    public = {key.stem: key.read_text().strip() for key in keys.glob("*.pub")}
    listed = {slug: [public[slug]] for slug in PEOPLE}
    listed["dario"] += [f'valid-before="20220910" {public["dario-old"]}']
    listed["dario"] += [f'valid-after="20221001" {public["dario-next"]}']
    text = f'format = 1\nname = "Tampered with"\n{settings}'
    for slug, role in (("sanna", "organiser"), ("dario", "organiser"), ("hedda", "reviewer")):
        text += _member(slug, role, listed[slug])
    return text


def _member(slug: str, role: str, keys: Sequence[str]) -> str:
    name, email = PEOPLE[slug]
    listed = "".join(f"  '{key}',\n" for key in keys)
    return f'\n[team.{slug}]\nname = "{name}"\nemail = "{email}"\nroles = ["{role}"]\nkeys = [\n{listed}]\n'


def application(id: str, status: str = "received", source: str = "") -> str:
    """The text of an application's file."""
    return (
        f"---\nid: {id}\nstatus: {status}\nreceived: 2022-08-20T10:12:00Z\napplicant:\n  name: Person {id}\n"
        f"  email: {id}@example.org\n  country: NO\nsource: test/{source or id}\n---\n\n"
        "<!-- question: why -->\n## Why do you want to come?\n\nBecause of the bridge.\n"
    )


def reviewed(id: str, reviewer: str, recommend: str = "accept") -> str:
    """The text of a review's file."""
    return (
        f"---\napplication: {id}\nreviewer: {reviewer}\nrecommend: {recommend}\nscores:\n  fit: 4\nconflict: false\n"
        "---\n\nKnows how to listen.\n"
    )


def start(
    root: Path, keys: Path, settings: str = 'signatures = "required"\n', objects: str = "sha1", **how: str
) -> History:
    """A workspace with its team, one call and ten applications that came in together; `how` is as for `commit`."""
    root.mkdir(parents=True)
    history = History(root, keys, BEGINS)
    history.git("init", "--quiet", "--initial-branch=main", f"--object-format={objects}")
    history.git("config", "gc.auto", "0")
    empty = history.git("mktree", stdin="")
    first = history.git("commit-tree", "-S" + str(keys / "sanna"), empty, stdin="Begin\n")
    history.move(first)
    history.commit("Set up the workspace and its team\n", {CONFIG: team(keys, settings)}, **how)
    history.commit(f"Announce {MEETING}\n", {CALL: _CALL}, **how)
    said = message(f"Import {len(ENDS)} applications for {MEETING}", "", f"Imported: {len(ENDS)} from eusurvey")
    files = {path(id): application(id) for id in ENDS}
    # Signed with a key that was given up later: it was good when it was used.
    history.commit(said, files, by="dario", **({"key": "dario-old"} | how))
    return history


def build(root: Path, keys: Path) -> History:
    """The sound history that every forgery starts from; the seals `seal/0001` to `seal/0003`, the last one at HEAD."""
    history = start(root, keys)
    do = history.callforth
    do("tag", "k7m2qx", "+youth-work", by="dario")
    do("tag", "3fh9td", "1e3456", "+mapping", "--yes", by="dario")
    do("shortlist", "k7m2qx", "-m", "Worth a closer look.")
    do("accept", "3fh9td", "-m", "Maps two towns – and the rural “in-between” of Ærø.")
    do("decline", "m216qf", "-m", "Another subject.")
    said = message(f"Review k7m2qx for {MEETING}", "", f"Application: {MEETING}/k7m2qx")
    history.commit(said, {review("k7m2qx", "hedda"): reviewed("k7m2qx", "hedda")}, by="hedda")
    do("audit", "seal")

    do("accept", "k7m2qx", "-m", "Nobody else works with the young.")
    do("waitlist", "cbc2xv", by="dario")
    do("decline", "vfmxqw", "-m", "Has been here twice.")
    do("accept", "2hhn2b", "-m", "Speaks for the harbour.", by="dario")
    history.git("switch", "--quiet", "--create", "dario")
    do("shortlist", "2aanrw", by="dario")
    do("tag", "2aanrw", "+sport", by="dario")
    history.git("switch", "--quiet", "main")
    do("confirm", "3fh9td")
    history.git("merge", "--quiet", "--no-ff", "--no-edit", "dario")
    history.git("branch", "--quiet", "--delete", "dario")
    do("audit", "seal", by="dario")

    do("waitlist", "2hhn2b", "-m", "The harbour may come next year.")
    do("undo")
    do("decline", "1e3456", "-m", "Sells a product.")
    do("confirm", "k7m2qx", by="dario")
    do("audit", "seal")
    history.git("repack", "-a", "-d", "-q")
    history.at = FORGED_FROM
    return history


def give_form(history: History) -> str:
    """Put the form into the team, in a commit of its own, as an organiser may."""
    history.at += HOUR
    key = (history.keys / "form.pub").read_text().strip()
    return history.commit("Let the form in\n", {CONFIG: history.text(CONFIG) + _member("form", "form", [key])})


def enact(history: History, policy: str) -> str:
    """Put a line of policy into the team's file, in a commit of its own, as an organiser may."""
    history.at += HOUR
    return history.edit(CONFIG, "format = 1\n", f"format = 1\n{policy}\n", "Change the policy\n")
