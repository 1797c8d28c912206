"""A process that works on a workspace as the interface does, and tells each step to whoever may kill it.

`python -m faults.worker` waits for one line of JSON with its `Orders`. Before it writes it says what it is about to do;
when callforth has said that it is done, it says so, each in one line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from callforth.errors import CallforthError
from callforth.index.rows import Row
from callforth.model.decision import Record
from callforth.model.status import VERB_TO
from callforth.plaintext import layout, message
from callforth.repo import commit as committing
from callforth.repo import intent
from callforth.workflow import change as changing
from callforth.workflow import undo as undoing
from callforth.workflow.decide import decide
from callforth.workflow.tag import tag
from callforth.workflow.workspace import Workspace
from faults.place import application as new_file
from faults.place import new_id

# Refusals that are in order where many work at once: somebody else was quicker, or is at work.
CROWD = ("meanwhile", "not-allowed", "branch-moved", "workspace-busy", "index-locked", "file-moved")
DOES = ("decide", "bulk", "tag", "tag-bulk", "undo", "import", "import-each")
_TAGS = ("first-choice", "late", "youth-work", "music", "faith", "kitchen")
_TOO_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker shall do: `count` things out of `does` (0: until it is killed), in the workspace at `root`.

    `limit` is the largest file that it may write, in bytes; `skew` steps its clock back by up to as many seconds, again
    and again; `insist` is how many refusals it bears, besides those that come of others being at work where it is one
    of a `crowd`; `meeting` is the only one that it works for; `most` is the size of a large batch.
    """

    root: str
    seed: str
    does: tuple[str, ...] = DOES
    count: int = 0
    interactive: bool = True
    limit: int = 0
    skew: float = 0.0
    insist: int = 0
    crowd: bool = False
    meeting: str = ""
    most: int = 40


class NothingShown(CallforthError):
    """callforth says that there is nothing where there is something."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do: how many commits it shall make, and the paths that change."""

    what: str
    commits: int
    paths: tuple[str, ...]
    run: Callable[[], list[str]]


class Worker:
    """Does what it was ordered, choosing by its seed."""

    def __init__(self, orders: Orders, say: Callable[[dict[str, Any]], None]) -> None:
        self.orders = orders
        self.say = say
        self.chance = random.Random(orders.seed)
        self.workspace = Workspace.find(Path(orders.root), interactive=orders.interactive)
        self.workspace.catalog.refresh()
        _ = self.workspace.repository  # which heals what an earlier one left behind, before anything is chosen
        self.workspace.catalog.refresh()

    def work(self) -> None:
        """Do things until as many are done as were ordered."""
        done = tried = borne = 0
        while self.orders.does and (not self.orders.count or done < self.orders.count) and tried < _TOO_MANY:
            tried += 1
            try:
                deed = self.next()
            except undoing.NothingToUndo:
                continue
            except CallforthError as error:
                self.say({"refused": error.code, "says": error.says})
                borne += 1
                if borne > self.orders.insist:
                    return
                continue
            self.say({"begin": deed.what, "commits": deed.commits, "paths": deed.paths})
            begun = time.perf_counter()
            try:
                made = deed.run()
            except CallforthError as error:
                self.say({"refused": error.code, "says": error.says})
                borne += not (self.orders.crowd and error.code in CROWD)
                if borne > self.orders.insist:
                    return
                self.workspace.catalog.refresh()
                continue
            done += 1
            self.say({"done": deed.what, "made": made, "seconds": time.perf_counter() - begun})

    def next(self) -> Deed:
        """Choose what to do. Raises `NothingToUndo`."""
        what = self.chance.choice(self.orders.does)
        if what == "decide":
            return self._decide(1)
        if what == "bulk":
            return self._decide(self._some())
        if what == "tag":
            return self._tag(1)
        if what == "tag-bulk":
            return self._tag(self._some())
        if what == "undo":
            return self._undo()
        return self._import(each=what == "import-each")

    def _some(self) -> int:
        return self.chance.choice((2, 3, 5, self.orders.most))

    def _everyone(self) -> list[Row]:
        return [one for one in everyone(self.workspace) if self.orders.meeting in ("", one.meeting)]

    def _decide(self, count: int) -> Deed:
        everyone = self._everyone()
        first = self.chance.choice(everyone)
        to = self.chance.choice(first.status.may_become)
        fitting = [one for one in everyone if to in one.status.may_become and one is not first]
        chosen = [first, *self.chance.sample(fitting, min(count - 1, len(fitting)))]
        ids = [one.id for one in chosen]
        reason = f"Because of number {self.chance.randrange(10**6)}."

        def run() -> list[str]:
            entries = decide(self.workspace, VERB_TO[to].name, ids, reason, over_seats=True)
            return [entry.commit for entry in entries]

        return Deed("decide" if len(ids) == 1 else "bulk", len(ids), _paths(chosen), run)

    def _tag(self, count: int) -> Deed:
        everyone = self._everyone()
        name = self.chance.choice(_TAGS)
        has = self.chance.random() < 0.5
        fitting = [one for one in everyone if (name in one.tags) is has]
        if not fitting:
            has = not has
            fitting = everyone
        chosen = self.chance.sample(fitting, min(count, len(fitting)))
        word = ("-" if has else "+") + name

        def run() -> list[str]:
            return [entry.commit for entry in tag(self.workspace, [one.id for one in chosen], [word])]

        return Deed("tag" if len(chosen) == 1 else "tag-bulk", len(chosen), _paths(chosen), run)

    def _undo(self) -> Deed:
        entries = undoing.last(self.workspace, changing.actor(self.workspace))
        paths = tuple(layout.application(entry.meeting, entry.application) for entry in entries)

        def run() -> list[str]:
            return [entry.commit for entry in undoing.undo(self.workspace, over_seats=True, expected=entries)]

        return Deed("undo", len(entries), paths, run)

    def _import(self, each: bool) -> Deed:
        """Write as an import does: new files, all in one commit, or each in one of its own."""
        meeting = self.chance.choice(self._everyone()).meeting
        ids = {new_id(self.chance) for _ in range(self._some())}
        files = {layout.application(meeting, id): new_file(id, "market") for id in sorted(ids)}
        groups = [[path] for path in files] if each else [list(files)]
        commits = []
        for group in groups:
            record = Record(f"Import {len(group)} for {meeting}", "", "", imported=f"{len(group)} from a form")
            edits = {path: committing.FileEdit(None, files[path]) for path in group}
            commits.append(committing.NewCommit(edits, message.write(record)))

        def run() -> list[str]:
            made = committing.write(self.workspace.repository, commits)
            self.workspace.catalog.refresh()
            return [one.id for one in made]

        return Deed("import-each" if each else "import", len(commits), tuple(files), run)


def everyone(workspace: Workspace) -> list[Row]:
    """Return all applications, as lists show them. Raises `NothingShown`."""
    catalog = workspace.catalog
    found = [row for meeting in catalog.meetings for row in catalog.rows(meeting.id)]
    if not found:
        raise NothingShown("no application is shown, and there are many")
    return sorted(found, key=lambda row: row.id)


def _paths(applications: list[Row]) -> tuple[str, ...]:
    return tuple(changing.path_of(one) for one in applications)


def step_back(chance: random.Random, most: float) -> None:
    """Let this process's clock jump back now and then, by up to `most` seconds in all."""
    true, stepped = time.time, [0.0]

    def stepping() -> float:
        if chance.random() < 0.2:
            stepped[0] = chance.uniform(0, most)
        return true() - stepped[0]

    time.time = stepping


def obey(orders: Orders, say: Callable[[dict[str, Any]], None]) -> None:
    """Carry out the orders."""
    if orders.limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders.limit, orders.limit))
    if orders.skew:
        step_back(random.Random(orders.seed), orders.skew)
    try:
        worker = Worker(orders, say)
    except CallforthError as error:
        say({"refused": error.code, "says": error.says})
        return
    try:
        worker.work()
    finally:
        worker.workspace.close()


def order_line(orders: Orders) -> bytes:
    """Return the line that gives a worker its orders."""
    return json.dumps(asdict(orders)).encode() + b"\n"


def main() -> None:
    """Wait for orders and obey."""
    # Only what is said here may reach the pipe, whatever anybody prints.
    pipe = os.dup(1)
    os.dup2(2, 1)
    os.set_inheritable(pipe, False)
    assert intent  # loaded, as all that a write needs, before anybody counts the time

    def say(what: dict[str, Any]) -> None:
        os.write(pipe, json.dumps(what).encode() + b"\n")

    say({"ready": os.getpid()})
    line = sys.stdin.readline()
    if line:
        said = json.loads(line)
        said["does"] = tuple(said["does"])
        obey(Orders(**said), say)


if __name__ == "__main__":
    main()
