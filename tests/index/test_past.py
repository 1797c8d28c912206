"""What happened to applications: the same whatever the index knows, however it grew, and as git tells it."""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from callforth.index import database
from callforth.index import past as past_module
from callforth.index.blobs import NOTHING, State
from callforth.index.database import Database, place_of, remove
from callforth.index.past import Past
from callforth.model.decision import Actor
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable, read
from callforth.repo.git import GitFailed
from callforth.repo.repository import Repository

IDS = ("k7m2qx", "3fh9td", "1e3456")
MEETINGS = ("oslo-2022", "bergen-2023")
EXAMPLES = 12
PLACES = list(itertools.product(MEETINGS, IDS))


class Plain:
    """History as plain git tells it, commit by commit and tree by tree; what cannot change is kept."""

    def __init__(self, sandbox: Any) -> None:
        self.git = sandbox.git
        self.trees: dict[str, dict[str, tuple[str, str]]] = {}
        self.said: dict[str, tuple[str, ...]] = {}
        self.states: dict[tuple[str, str], tuple[Status | None, tuple[str, ...]]] = {}

    def touches(self) -> list[SimpleNamespace]:
        """Everything that happened to applications, newest first."""
        try:
            listed = self.git("rev-list", "--topo-order", "--reverse", "--parents", "--timestamp", "HEAD", "--")
        except subprocess.CalledProcessError:  # there are no commits
            return []
        dates: dict[str, int] = {}
        parents_of: dict[str, list[str]] = {}
        for line in listed.split("\n"):
            seconds, commit, *parents = line.split(" ")
            parents_of[commit] = parents
            dates[commit] = max([int(seconds), *(dates[parent] + 1 for parent in parents)])
        order = sorted(dates, key=lambda commit: (dates[commit], commit), reverse=True)
        return [touch for commit in order for touch in self._of(commit, parents_of[commit])]

    def _of(self, commit: str, parents: list[str]) -> Iterator[SimpleNamespace]:
        now = self._tree(commit)
        befores = [self._tree(parent) for parent in parents] or [{}]
        paths = set(now).union(*befores)
        for path in sorted(paths):
            name = layout.parse_application(path)
            if name and all(now.get(path) != before.get(path) for before in befores):
                before, after = befores[0].get(path, ("", ""))[1], now.get(path, ("", ""))[1]
                author, email, at, message = self._said(commit)
                yield SimpleNamespace(
                    commit=commit,
                    author=Actor(author, email),
                    at=datetime.fromisoformat(at),
                    message=message,
                    meeting=name[0],
                    application=name[1],
                    before=before,
                    after=after,
                    was=self._state(before, path, *name),
                    became=self._state(after, path, *name),
                )

    def _tree(self, commit: str) -> dict[str, tuple[str, str]]:
        if commit not in self.trees:
            lines = self.git("ls-tree", "-r", "-z", commit, "applications").split("\0")[:-1]
            found = (line.split("\t", 1) for line in lines)
            self.trees[commit] = {path: (said.split(" ")[0], said.split(" ")[2]) for said, path in found}
        return self.trees[commit]

    def _said(self, commit: str) -> tuple[str, ...]:
        if commit not in self.said:
            self.said[commit] = tuple(self.git("log", "-1", "--format=%an%x00%ae%x00%aI%x00%B", commit).split("\0"))
        return self.said[commit]

    def _state(self, blob: str, path: str, meeting: str, application: str) -> State:
        if not blob:
            return NOTHING
        if (blob, application) not in self.states:
            raw = self.git("cat-file", "blob", blob).encode() + b"\n"  # the sandbox takes the last newline away
            try:
                said = application_file.parse(raw, path, meeting, application)
                content = application_file.content(raw, read(raw, path))
                self.states[blob, application] = State(said.status, said.tags, said.informed, content)
            except FileUnusable:
                self.states[blob, application] = NOTHING
        return self.states[blob, application]


FIELDS = ("commit", "author", "at", "message", "meeting", "application", "before", "after", "was", "became")


def told(touches: Any) -> list[tuple[Any, ...]]:
    return [tuple(getattr(touch, field) for field in FIELDS) for touch in touches]


class Tellers:
    """Two that have been open for long on one index, and new ones."""

    def __init__(self, sandbox: Any) -> None:
        self.sandbox = sandbox
        self.plain = Plain(sandbox)
        self.open = [self.new() for _ in range(2)]

    def new(self, kept: bool = True) -> tuple[Past, Database, Repository]:
        repository = Repository(self.sandbox.root)
        index = Database(place_of(self.sandbox.root) if kept else None)
        return Past(index, repository), index, repository

    def agree(self, past: Past, meeting: str | None = None, application: str | None = None) -> None:
        expected = told(self.plain.touches())
        if application:
            found = told(past.of(meeting or "", application))
            expected = [touch for touch in expected if touch[4:6] == (meeting, application)]
        else:
            found = told(past.all(meeting))
            expected = [touch for touch in expected if meeting in (None, touch[4])]
        assert found == expected

    def agree_wholly(self, past: Past) -> None:
        self.agree(past)
        for meeting in MEETINGS:
            self.agree(past, meeting)
        for place in PLACES:
            self.agree(past, *place)

    def once(self, check: Callable[[Past], None], kept: bool = True) -> None:
        past, *more = self.new(kept)
        try:
            check(past)
        finally:
            for one in (past, *more):
                one.close()

    def close(self) -> None:
        for one in itertools.chain(*self.open):
            one.close()


@pytest.fixture
def tellers(workspace: Any) -> Iterator[Tellers]:
    made = Tellers(workspace)
    yield made
    made.close()


def harm(sandbox: Any, how: str, seed: int) -> None:
    """Do to the index what disks, people and other programs do."""
    place = place_of(sandbox.root)
    assert place is not None
    chance = random.Random(seed)
    if how == "delete":
        remove(place)
    elif not place.exists():
        return
    elif how == "other":
        db = sqlite3.connect(place, timeout=0)
        with contextlib.suppress(sqlite3.Error):  # it was harmed before, and is held by those that have it open
            db.execute("PRAGMA user_version = 1")
        db.close()
    elif how == "empty":
        place.write_bytes(b"")
        for beside in ("-wal", "-shm"):
            place.with_name(place.name + beside).unlink(missing_ok=True)
    else:
        remove(place)
        place.write_bytes(chance.randbytes(chance.choice([10, 100, 5000])))


def test_any_history_is_told_as_git_tells_it_whatever_becomes_of_the_index(new_workspace, monkeypatch):
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.1)
    runs = itertools.count()
    places = st.sampled_from(PLACES)

    class Session(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.sandbox = new_workspace(*IDS, folder=f"run-{next(runs)}")
            self.sandbox.git("config", "merge.conflictStyle", "merge")
            self.tellers = Tellers(self.sandbox)
            self.clock = 1_660_000_000
            self.number = 0

        def commit(self, message, skew, *arguments):
            self.clock += 10
            for role, away in (("AUTHOR", 0), ("COMMITTER", skew)):
                monkeypatch.setenv(f"GIT_{role}_DATE", f"{self.clock + away} +0200")
            self.sandbox.git("add", "--all")
            self.sandbox.git("commit", "--quiet", "--allow-empty", "--message", message, *arguments)

        def applications(self):
            return [path for place in PLACES if (path := self.sandbox.root / layout.application(*place)).exists()]

        @rule(
            place=places,
            status=st.sampled_from(["received", "accepted", "declined", "nonsense"]),
            tags=st.sampled_from([(), ("late",), ("early", "late")]),
            skew=st.sampled_from([0, 0, -1000, 1000]),
            email=st.sampled_from(["sanna.lind@example.org", "Dario.Conti@example.org"]),
        )
        def write(self, place, status, tags, skew, email):
            self.sandbox.application(place[1], place[0], status=status, tags=tags)
            self.commit(f"Write {place[1]}\n\nBatch: {status}", skew, f"--author=Someone <{email}>")

        @rule(place=places, to=places, copy=st.booleans(), skew=st.sampled_from([0, -500]))
        def move(self, place, to, copy, skew):
            old, new = (self.sandbox.root / layout.application(*one) for one in (place, to))
            if not old.exists() or old == new:
                return
            data = old.read_bytes()
            if not copy:
                old.unlink()
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(data)
            self.commit("Move", skew)

        @rule(which=st.integers(0, 5), mode=st.booleans())
        def remove_or_make_executable(self, which, mode):
            there = self.applications()
            if there:
                file = there[which % len(there)]
                file.chmod(0o755) if mode else file.unlink()
                self.commit("Remove or make executable", 0)

        @rule(name=st.sampled_from(["notes.txt", "applications/readme.md", "applications/oslo-2022/k7m2qx.txt"]))
        def write_something_else(self, name):
            self.number += 1
            self.sandbox.write(name, f"{self.number}\n")
            self.commit("Something else", 0)

        @rule(create=st.booleans(), name=st.sampled_from(["main", "one", "two"]))
        def switch(self, create, name):
            there = self.sandbox.git("branch", "--list", name) != ""
            if there or create:
                self.sandbox.git("switch", "--quiet", *([] if there else ["--create"]), name)

        @rule()
        def detach(self):
            self.sandbox.git("switch", "--quiet", "--detach")

        @rule(name=st.sampled_from(["main", "one", "two"]), evil=st.booleans(), place=places)
        def merge(self, name, evil, place):
            if not self.sandbox.git("branch", "--list", name):
                return
            command = ["git", "merge", "--quiet", "--no-commit", "--no-ff", "--allow-unrelated-histories", "-Xours"]
            subprocess.run([*command, name], cwd=self.sandbox.root, capture_output=True)
            if not (self.sandbox.root / ".git/MERGE_HEAD").exists():
                return
            if evil:
                self.number += 1
                self.sandbox.application(place[1], place[0], tags=(f"n{self.number}",))
            self.commit("Merge", 0)

        @rule()
        def revert(self):
            done = subprocess.run(["git", "revert", "--no-edit", "HEAD"], cwd=self.sandbox.root, capture_output=True)
            if done.returncode:
                self.sandbox.git("reset", "--quiet", "--hard")

        @rule(back=st.integers(1, 3))
        def go_back(self, back):
            if len(self.sandbox.git("rev-list", "--first-parent", "HEAD").split("\n")) > back:
                self.sandbox.git("reset", "--quiet", "--hard", f"HEAD~{back}")

        @rule(skew=st.sampled_from([0, -100, 5000]))
        def amend(self, skew):
            self.commit(f"Amended {skew}", skew, "--amend")

        @rule()
        def begin_anew(self):
            self.number += 1
            self.sandbox.git("checkout", "--quiet", "--orphan", f"new-{self.number}")
            self.commit("Begin anew", -2000)

        @rule()
        def prune(self):
            self.sandbox.git("reflog", "expire", "--expire=now", "--all")
            self.sandbox.git("gc", "--quiet", "--prune=now")

        @rule(how=st.sampled_from(["delete", "other", "empty", "garble"]), seed=st.integers(0, 1000))
        def harm_the_index(self, how, seed):
            harm(self.sandbox, how, seed)

        @rule(which=st.integers(0, 1), seconds=st.sampled_from([0, 0.01, 10]))
        def grow(self, which, seconds):
            self.tellers.open[which][0].grow(seconds)

        @rule(which=st.integers(0, 1))
        def open_again(self, which):
            for one in self.tellers.open[which]:
                one.close()
            self.tellers.open[which] = self.tellers.new()

        @rule(which=st.integers(0, 1))
        def look_at_all(self, which):
            self.tellers.agree(self.tellers.open[which][0])

        @rule(which=st.integers(0, 1), place=places)
        def look_at_one(self, which, place):
            self.tellers.agree(self.tellers.open[which][0], *place)

        @rule(which=st.integers(0, 1), email=st.sampled_from(["sanna.lind@example.org", "DARIO.conti@example.org"]))
        def look_for_somebody(self, which, email):
            touches = self.tellers.plain.touches()
            for saying in ("", "Batch: accepted"):
                by = [t.commit for t in touches if t.author.email.lower() == email.lower() and saying in t.message]
                assert self.tellers.open[which][0].oldest(email, saying) == (by[-1] if by else None)

        @rule(which=st.integers(0, 1), place=places, size=st.integers(1, 5), action=st.sampled_from(["amend", "harm"]))
        def look_while_it_changes(self, which, place, size, action):
            past = self.tellers.open[which][0]
            expected = told(self.tellers.plain.touches())
            monkeypatch.setattr(past_module, "_FIRST_PAGE", size)
            going = past.all()
            first = told(itertools.islice(going, size))
            if action == "amend":
                self.amend(0)
                self.tellers.open[1 - which][0].grow()
            else:
                harm(self.sandbox, "delete", 0)
                self.tellers.open[1 - which][0].grow()
            assert first + told(going) == expected
            monkeypatch.setattr(past_module, "_FIRST_PAGE", 32)

        def teardown(self):
            if not hasattr(self, "tellers"):
                return
            for past, _, _ in self.tellers.open:
                self.tellers.agree_wholly(past)
            self.tellers.once(self.tellers.agree_wholly)
            self.tellers.once(self.tellers.agree_wholly, kept=False)
            with monkeypatch.context() as patched:
                patched.setattr(past_module, "_SOON", -1.0)
                for place in PLACES:  # of git alone
                    self.tellers.once(lambda past, place=place: self.tellers.agree(past, *place), kept=False)
            self.tellers.close()

    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _three_steps(workspace):
    for status in ("shortlisted", "accepted", "declined"):
        workspace.application("k7m2qx", status=status)
        workspace.commit(status)


def test_it_grows_in_steps_that_stay_and_later_reads_only_what_is_new(workspace, tellers):
    _three_steps(workspace)
    seen = []
    past = tellers.open[0][0]
    while not past.grow(0, lambda done, total: seen.append((done, total))):
        continue
    assert (seen[-1], {total for _, total in seen}) == ((4, 4), {4})
    with contextlib.closing(sqlite3.connect(place_of(workspace.root))) as index:
        assert index.execute("SELECT count(*), sum(here) FROM past").fetchone() == (4, 4)
        assert index.execute("SELECT count(*) FROM blob WHERE status IS NULL").fetchone() == (0,)
    workspace.application("3fh9td", status="accepted")
    workspace.commit("One more")
    seen.clear()
    tellers.once(lambda other: other.grow(progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (1, 1)
    tellers.agree_wholly(past)
    assert past.grow(0) is True


def test_what_another_index_was_read_for_is_not_added_to_this_one(workspace, tellers):
    _three_steps(workspace)
    past = tellers.open[0][0]
    past.grow(0)  # git is under way, and nothing has been read from it
    harm(workspace, "delete", 0)
    tellers.open[0][1].close()
    tellers.agree_wholly(past)


def test_a_shallow_clone_tells_what_it_has_and_all_once_it_has_all(workspace, tmp_path):
    _three_steps(workspace)
    workspace.git("clone", "--quiet", "--depth=2", f"file://{workspace.root}", str(tmp_path / "shallow"))
    sandbox = type(workspace)(tmp_path / "shallow")
    tellers = Tellers(sandbox)
    past = tellers.open[0][0]
    tellers.agree_wholly(past)
    assert [touch.commit for touch in past.of("oslo-2022", "k7m2qx")] == [
        workspace.git("rev-parse", name) for name in ("HEAD", "HEAD~1")
    ]
    sandbox.git("fetch", "--quiet", "--unshallow")
    tellers.plain = Plain(sandbox)
    tellers.agree_wholly(past)
    assert len(list(past.of("oslo-2022", "k7m2qx"))) == 4
    tellers.close()


def test_replacements_of_objects_are_not_looked_at(workspace, tellers):
    _three_steps(workspace)
    before = told(tellers.plain.touches())
    blobs = (workspace.git("rev-parse", f"{name}:applications/oslo-2022/k7m2qx.md") for name in ("HEAD", "HEAD~1"))
    workspace.git("replace", *blobs)
    workspace.git("replace", "HEAD~1", "HEAD~2")
    for past, _, _ in tellers.open:
        assert told(past.all()) == before
    tellers.once(lambda past: past.grow())
    tellers.once(lambda past: _equal(told(past.all()), before), kept=False)


def _equal(found, expected):
    assert found == expected


def test_a_file_under_another_id_is_not_that_application(workspace, tellers):
    data = workspace.read("applications/oslo-2022/k7m2qx.md")
    workspace.write("applications/oslo-2022/zzzzzz.md", data)
    workspace.commit("Copy")
    [copied] = tellers.open[0][0].of("oslo-2022", "zzzzzz")
    [first] = tellers.open[0][0].of("oslo-2022", "k7m2qx")
    assert copied.after == first.after
    assert (copied.became, first.became.status) == (NOTHING, Status.RECEIVED)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE past SET message = 'Accepted' WHERE message LIKE 'acc%'",
        "UPDATE past SET email = 'dario.conti@example.org'",
        "UPDATE past_change SET after = before",
        "UPDATE past_change SET rank = rank - 1",
        "UPDATE blob SET status = 'confirmed'",
        "UPDATE blob SET tags = 'late'",
        "UPDATE blob SET status = 'acce' || x'c3'",
        "UPDATE state SET value = '' WHERE name = 'history heads'",
        "UPDATE state SET value = 'main' WHERE name = 'history tips'",
        "UPDATE state SET value = '11' || value WHERE name LIKE 'history %'",
        "UPDATE past SET parents = x'00' || parents",
        "DELETE FROM past WHERE number = 2",
        "DELETE FROM past",
        "DROP TABLE past_change",
    ],
)
def test_an_index_that_says_something_else_than_was_written_is_not_believed(change, workspace, tellers):
    _three_steps(workspace)
    tellers.open[0][0].grow()
    with contextlib.closing(sqlite3.connect(place_of(workspace.root))) as index, index:
        index.execute(change)
    workspace.application("k7m2qx", status="accepted", tags=("late",))
    workspace.commit("One more")
    tellers.agree_wholly(tellers.open[0][0])
    workspace.git("switch", "--quiet", "--detach", "HEAD~3")
    tellers.agree_wholly(tellers.open[0][0])
    tellers.once(tellers.agree_wholly)


def test_an_index_that_somebody_holds_is_done_without(workspace, tellers, monkeypatch):
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0.1)
    tellers.open[0][0].grow()
    workspace.application("k7m2qx", status="accepted")
    workspace.commit("One more")
    with contextlib.closing(sqlite3.connect(place_of(workspace.root))) as holder:
        holder.execute("BEGIN IMMEDIATE")
        tellers.agree_wholly(tellers.open[0][0])
        tellers.once(tellers.agree_wholly)


def test_two_lines_of_history_at_once_are_in_one_order_for_all_who_ask(workspace, tellers, monkeypatch):
    def commit(status, seconds):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{seconds} +0000")
        workspace.application("k7m2qx", status=status)
        workspace.commit(status)

    commit("shortlisted", 1_900_000_500)
    workspace.git("switch", "--quiet", "--create", "side")
    commit("accepted", 1_900_000_100)  # a clock that is behind
    workspace.git("switch", "--quiet", "main")
    commit("declined", 1_900_000_600)
    workspace.git("merge", "--quiet", "--strategy=ours", "--no-edit", "side")
    expected = ["declined\n", "accepted\n", "shortlisted\n"]
    assert [touch.message for touch in tellers.open[0][0].of("oslo-2022", "k7m2qx")][:3] == expected
    monkeypatch.setattr(past_module, "_SOON", -1.0)
    tellers.once(lambda past: tellers.agree(past, "oslo-2022", "k7m2qx"), kept=False)


def test_a_history_with_a_hole_is_an_error_and_is_told_once_it_is_whole(workspace, tellers):
    _three_steps(workspace)
    commit = workspace.git("rev-parse", "HEAD~1")
    file = workspace.root / ".git/objects" / commit[:2] / commit[2:]
    away = file.rename(workspace.root / "away")
    past = tellers.open[0][0]
    with pytest.raises(GitFailed) as failure:
        list(past.all())
    assert str(failure.value).startswith("git could not read the history: ")
    away.rename(file)
    tellers.agree_wholly(past)


def test_a_missing_file_says_nothing_until_it_is_there_again(workspace, tellers):
    _three_steps(workspace)
    blob = workspace.git("rev-parse", "HEAD~1:applications/oslo-2022/k7m2qx.md")
    file = workspace.root / ".git/objects" / blob[:2] / blob[2:]
    away = file.rename(workspace.root / "away")
    past = tellers.open[0][0]
    assert past.grow() is True
    assert [touch.became.status for touch in past.of("oslo-2022", "k7m2qx")] == [
        Status.DECLINED,
        None,
        Status.SHORTLISTED,
        Status.RECEIVED,
    ]
    away.rename(file)
    tellers.agree_wholly(past)


def test_a_branch_without_commits_has_no_past(workspace, tellers):
    past = tellers.open[0][0]
    past.grow()
    workspace.git("switch", "--quiet", "--orphan", "empty")
    assert (list(past.all()), list(past.of("oslo-2022", "k7m2qx")), past.grow()) == ([], [], True)
    assert past.oldest("sanna.lind@example.org") is None
    workspace.git("switch", "--quiet", "main")
    tellers.agree_wholly(past)


def test_a_repository_of_the_other_hash_is_told_as_well(tmp_path, workspace):
    sandbox = type(workspace)(tmp_path / "other")
    sandbox.root.mkdir()
    sandbox.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    sandbox.application("k7m2qx")
    sandbox.commit()
    _three_steps(sandbox)
    sandbox.git("switch", "--quiet", "--create", "side", "HEAD~1")
    tellers = Tellers(sandbox)
    tellers.agree_wholly(tellers.open[0][0])
    sandbox.git("merge", "--quiet", "main")
    tellers.agree_wholly(tellers.open[0][0])
    tellers.close()
