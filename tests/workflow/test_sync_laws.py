"""Whatever three people do in three clones, and in whatever order they sync: in the end all have all of it.

Every decision, tag and review is in the ledger, no file ever holds a conflict marker, and the checks find nothing.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callforth.errors import CallforthError
from callforth.model.review import Review
from callforth.workflow.decide import decide
from callforth.workflow.ledger import ledger
from callforth.workflow.review import save
from callforth.workflow.sync import Undecided, sync
from callforth.workflow.tag import tag
from callforth.workflow.workspace import Workspace

from ..conftest import PEOPLE

IDS = ("k7m2qx", "3fh9td")
WHO = ("sanna", "dario", "hedda")
VERBS = ("accept", "decline", "waitlist", "confirm")

_deciding = st.tuples(st.sampled_from(WHO[:2]), st.sampled_from(VERBS), st.sampled_from(IDS))
_tagging = st.tuples(st.sampled_from(WHO[:2]), st.sampled_from(["+a", "+b", "-a", "-old"]), st.sampled_from(IDS))
_editing = st.tuples(st.sampled_from(WHO[:2]), st.sampled_from(["name", "email", "why"]), st.sampled_from(IDS))
_reviewing = st.tuples(st.just("hedda"), st.sampled_from(["1", "5"]), st.sampled_from(IDS))
_syncing = st.tuples(st.sampled_from(WHO), st.just("sync"), st.sampled_from(["ours", "theirs"]))
steps = st.lists(st.one_of(_deciding, _deciding, _tagging, _editing, _reviewing, _syncing), min_size=3, max_size=10)


class Clone:
    """One person's clone; `did` are the commits that they made and `open` is their workspace."""

    def __init__(self, sandbox, who):
        self.sandbox, self.who = sandbox, who
        name, email = PEOPLE[who]
        for key, value in (("user.name", name), ("user.email", email), ("gc.auto", "0")):
            sandbox.git("config", key, value)
        self.open = Workspace.find(sandbox.root)
        self.open.catalog.refresh()

    def do(self, what, about):
        """Do one thing; return the commits that it made. What the rules refuse is not done."""
        self.open.catalog.refresh()
        if what == "sync":
            self.sync(about)
            return []
        with suppress(CallforthError):
            if what in VERBS:
                return [entry.commit for entry in decide(self.open, what, [about], "Because.")]
            if what[0] in "+-":
                return [entry.commit for entry in tag(self.open, [about], [what])]
            if what.isdigit():
                review = Review(about, "hedda", "accept", {"fit": float(what)}, (), False, f"Says {what}.")
                return [save(self.open, about, review).commit]
            return [self._edit(what, about)]
        return []

    def _edit(self, what, about):
        path = f"applications/oslo-2022/{about}.md"
        text = self.sandbox.read(path)
        pattern = r"Because[^\n]*\n" if what == "why" else rf'  {what}: "[^\n]*"\n'
        found = re.search(pattern, text)[0]
        end = len(found) - (1 if what == "why" else 2)
        self.sandbox.write(path, text.replace(found, f"{found[:end]} {self.who}{found[end:]}"))
        record = f"Edit {about} for oslo-2022\n\nA slip.\n\nApplication: oslo-2022/{about}\n"
        return self.sandbox.commit(record)

    def sync(self, side):
        """Sync; where both sides changed one thing, choose this side, but for Hedda, who must leave it."""
        try:
            sync(self.open)
        except Undecided as undecided:
            assert self.who != "hedda"
            choices = {clash.key: side for clash in undecided.clashes}
            sync(self.open, choices, {"": "We talked."})
        for file in self.sandbox.root.rglob("*.md"):
            assert not re.search(r"^(<{7}|>{7}|={7})", file.read_text(), re.MULTILINE)
        assert self.sandbox.git("status", "--porcelain") == ""


@pytest.fixture
def begin(new_workspace, tmp_path):
    """Make three clones of one remote, anew for each example."""
    first = new_workspace(*IDS, seats=9, tags=("old",))
    first.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    opened = []

    def make():
        for clone in opened:
            clone.open.close()
        opened.clear()
        place = tmp_path / "example"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(tmp_path / "remote.git", place / "remote.git")
        for who in WHO:
            first.git("clone", "--quiet", str(place / "remote.git"), str(place / who))
            opened.append(Clone(type(first)(place / who), who))
        return opened

    yield make
    for clone in opened:
        clone.open.close()


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps, last=st.permutations(WHO), side=st.sampled_from(["ours", "theirs"]))
def test_all_have_all_of_it(begin, steps, last, side):
    clones = {clone.who: clone for clone in begin()}
    made = []
    for who, what, about in steps:
        made += clones[who].do(what, about)
    # The first of the last round has not seen what the others push after it.
    for who in (*last, *last[:2]):
        clones[who].do("sync", side)
    trees = {clone.sandbox.git("rev-parse", "HEAD^{tree}") for clone in clones.values()}
    assert len(trees) == 1
    one = clones[last[0]]
    one.open.catalog.refresh()
    held = {entry.commit for entry in ledger(one.open)}
    assert [commit for commit in made if commit not in held and not _is_review(one, commit)] == []
    assert [commit for commit in made if one.sandbox.git("merge-base", commit, "HEAD") != commit] == []
    for command in ("check", "audit verify"):
        ran = one.sandbox.run(*command.split(), "--json")
        assert [(found["rule"], found["says"]) for found in ran.json["findings"]] == [], command


def _is_review(clone, commit):
    return clone.sandbox.git("show", "--no-patch", "--format=%s", commit).startswith("Review ")
