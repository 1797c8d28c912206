"""Many at once: processes that decide on the same applications of one workspace, and a plain git beside them."""

from __future__ import annotations

import threading
import time

from callforth.workflow.workspace import Workspace
from faults.checks import told_once
from faults.place import Commit, Place
from faults.processes import Child
from faults.report import Suite
from faults.worker import CROWD, Orders

_PROCESSES, _EACH = 8, 200
_PROCESSES_SHORT, _EACH_SHORT = 4, 8
_GIT_PAUSE = 0.15
_NOTE = "notes/kept-by-git.md"
_SUBJECT = "Note"


def run(suite: Suite) -> None:
    """Let them loose on one workspace, then look that each has what it was told."""
    processes, each = (_PROCESSES_SHORT, _EACH_SHORT) if suite.short else (_PROCESSES, _EACH)
    tally = suite.tally(f"{processes} processes, {each} decisions each, and a git that commits")
    place = suite.base.fresh(suite.folder / "crowd")
    place.plant()
    start = place.head()
    log = suite.folder / "crowd.log"
    with tally.timed():
        children = [Child(log) for _ in range(processes)]
        over = threading.Event()
        by_git = _Git(place, over)
        by_git.start()
        for number, child in enumerate(children):
            seed = f"{suite.seed} crowd {number}"
            child.order(
                Orders(
                    str(place.root), seed, does=("decide",), count=each, interactive=number % 2 == 0, crowd=True
                )
            )  # fmt: skip
        listeners = [threading.Thread(target=child.listen) for child in children]
        for listener in listeners:
            listener.start()
        for listener in listeners:
            listener.join()
        over.set()
        by_git.join()
        commits = place.since(start)
        tellings = [child.told for child in children]
        findings = told_once(commits, tellings)
        for child in children:
            tally.take(child.told)
            if len(child.told.made) != each:
                findings.append(
                    f"one process could make only {len(child.told.made)} of {each} decisions: "
                    f"{child.told.refusals[-1:] or child.complaints()[-300:]}"
                )
            findings += [f"refused without a reason: {said}" for said in child.told.refusals if not _is_crowd(said)]
        findings += _one_after_the_other(start, commits)
        known = {id for told in tellings for id in told.made}
        untold = [one for one in commits if one.id not in known and not one.message.startswith(_SUBJECT)]
        findings += [f"nobody was told of {one.id[:7]}" for one in untold]
        findings += by_git.findings(commits)
        # A commit of the plain git's that began just before the last decision may have written its index back.
        workspace = Workspace.find(place.root, interactive=False)
        workspace.heal()
        workspace.close()
        findings += suite.checker.sound(place)
    tally.notes["commits by the plain git"] = len(by_git.made)
    tally.notes["times that the plain git found a lock"] = by_git.waited
    tally.lost += sum("not in history" in finding for finding in findings)
    suite.judge(tally, 0, findings, {"after": place.root}, "'after' is the workspace when all had ended")


class _Git(threading.Thread):
    """Somebody's script: plain `git commit` of a file of its own, again and again."""

    def __init__(self, place: Place, over: threading.Event) -> None:
        super().__init__()
        self.place = place
        self.over = over
        self.made: list[str] = []
        self.waited = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        note = self.place.root / _NOTE
        note.write_text("begun\n")
        self._until_taken("add", _NOTE)
        while not self.over.is_set():
            note.write_text(f"{len(self.made)}\n")
            if self._until_taken("commit", "--only", f"--message={_SUBJECT} {len(self.made)}", "--", _NOTE):
                self.made.append(f"{_SUBJECT} {len(self.made)}")
            time.sleep(_GIT_PAUSE)

    def _until_taken(self, *arguments: str) -> bool:
        for _ in range(2000):
            status, _, err = self.place.tried(*arguments)
            if status == 0:
                return True
            if ".lock" not in err and "cannot lock ref" not in err:
                self.wrong.append(f"the plain git failed: {err.strip()}")
                return False
            self.waited += 1
            time.sleep(0.01)
        self.wrong.append("the plain git never got its turn")
        return False

    def findings(self, commits: list[Commit]) -> list[str]:
        """Return what is wrong with its commits."""
        subjects = {commit.message.strip(): commit for commit in commits}
        lost = [subject for subject in self.made if subject not in subjects]
        wrong = [subject for subject in self.made if subject in subjects and [*subjects[subject].changes] != [_NOTE]]
        return [
            *self.wrong,
            *(f"the plain git's '{subject}' is not in history" for subject in lost),
            *(f"the plain git's '{subject}' has other files too" for subject in wrong),
        ]


def _is_crowd(said: str) -> bool:
    return said.split(":", 1)[0] in CROWD


def _one_after_the_other(start: str, commits: list[Commit]) -> list[str]:
    findings = []
    tip = start
    for commit in commits:
        if commit.parents != (tip,):
            findings.append(f"{commit.id[:7]} does not follow on {tip[:7]}")
        if len(commit.changes) != 1:
            findings.append(f"{commit.id[:7]} changed {len(commit.changes)} files")
        tip = commit.id
    return findings
