"""Verifying: going on from an earlier audit finds what one from the beginning finds, whatever the history."""

from __future__ import annotations

import contextlib
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callforth.index.database import place_of, remove
from callforth.workflow.audit import canon, verify
from callforth.workflow.audit.verify import Verdict
from callforth.workflow.workspace import Workspace

EXAMPLES = 14
MEETINGS = ("oslo-2022", "bergen-2023")
IDS = ("k7m2qx", "3fh9td", "1e3456")
PEOPLE = {
    "sanna": "Sanna Lind <sanna.lind@example.org>",
    "dario": "Dario Conti <dario.conti@example.org>",
    "hedda": "Hedda Nyström <hedda.nystrom@example.org>",
    "stranger": "Some Stranger <stranger@example.org>",
}
Files = dict[str, str]


class Teller:
    """Makes a history by git's fast-import: a few branches, on which people do what they may, and what they may not."""

    def __init__(self, root: Path, files: Files, skew: Callable[[], int]) -> None:
        command = ["git", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done", "--force"]
        self.process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.skew = skew
        self.clock = 1_661_000_000
        self.files: dict[str, Files] = {}
        self.parents: dict[str, list[str]] = {}
        self.changed: dict[str, list[str]] = {}
        self.ids: list[str] = []
        first = self.commit("Set up the workspace\n\nImported: the first ones\n", files, [], "sanna")
        self.branches = dict.fromkeys(("main", "side"), first)

    def commit(self, message: str, files: Files, parents: list[str], who: str, author: str = "") -> str:
        number = len(self.ids) + 1
        self.clock += 60
        away = self.clock + self.skew()
        said = f"reset refs/heads/b{number}\n\ncommit refs/heads/b{number}\nmark :{number}\n"
        said += f"author {PEOPLE[author or who]} {self.clock} +0200\ncommitter {PEOPLE[who]} {away} +0200\n"
        said += f"data {len(message.encode())}\n{message}\n"
        for place, parent in enumerate(parents):
            said += f"{'merge' if place else 'from'} :{self.ids.index(parent) + 1}\n"
        said += "deleteall\n"
        for path, text in files.items():
            said += f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{said}get-mark :{number}\n".encode())
        stdin.flush()
        made = stdout.readline().decode().strip()
        if made in self.files:  # the same once more
            self.ids.append("")
            return made
        self.ids.append(made)
        before = self.files[parents[0]] if parents else {}
        self.files[made], self.parents[made] = files, parents
        self.changed[made] = [path for path in {*before, *files} if before.get(path) != files.get(path)]
        return made

    def end(self) -> None:
        self.process.communicate(b"done\n")
        assert self.process.returncode == 0

    def known(self) -> list[str]:
        return [one for one in self.ids if one]

    def leading_to(self, tip: str) -> list[str]:
        found, left = {tip}, [tip]
        while left:
            new = [parent for parent in self.parents[left.pop()] if parent not in found]
            found.update(new)
            left += new
        return [one for one in self.known() if one in found]


def _path(id: str, meeting: str) -> str:
    return f"applications/{meeting}/{id}.md"


def _application(id: str, status: str = "received", answer: str = "Because of the bridge.") -> str:
    return (
        f"---\nid: {id}\nstatus: {status}\nreceived: 2022-08-20T10:12:00Z\napplicant:\n  name: Person {id}\n"
        f"  email: {id}@example.org\nsource: test/{id}\n---\n\n<!-- question: why -->\n## Why do you want to come?\n\n"
        f"{answer}\n"
    )


def _status(text: str) -> str:
    return text.split("\nstatus: ", 1)[1].split("\n", 1)[0]


class Doing:
    """What is done, one step after another; each number chooses among what there is."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def step(self, what: str, branch: str, who: str, one: int, two: int) -> None:
        self.branch, self.who, self.one, self.two = branch, who, one, two
        self.tip = self.teller.branches[branch]
        self.now = dict(self.teller.files[self.tip])
        made = getattr(self, f"_{what}")()
        if made:
            message, *how = made
            self.teller.branches[branch] = self.teller.commit(message, self.now, *(how or ([self.tip], who)))

    def _there(self) -> tuple[str, str, str] | None:
        found = sorted(path for path in self.now if path.startswith("applications/"))
        if not found:
            return None
        path = found[self.one % len(found)]
        _, meeting, name = path.split("/")
        return path, meeting, name.removesuffix(".md")

    def _decide(self, honest: bool = True) -> Any:
        there = self._there()
        if there is None:
            return None
        path, meeting, id = there
        was = _status(self.now[path])
        new = ("accepted", "declined", "shortlisted", "received", "confirmed")[self.two % 5]
        if was == new:
            return None
        self.now[path] = self.now[path].replace(f"\nstatus: {was}\n", f"\nstatus: {new}\n")
        said = f"Application: {meeting}/{id}\nDecision: {was} -> {new if honest else 'waitlisted'}\n"
        return (f"Decide\n\n{'Good.' if self.two % 2 else 'Else.'}\n\n{said}",)

    def _forge(self) -> Any:
        return self._decide(honest=False)

    def _by_hand(self) -> Any:
        return ("Tidy up\n",) if self._decide() else None

    def _edit(self) -> Any:
        there = self._there()
        if there is None:
            return None
        path, meeting, id = there
        self.now[path] += f"More {self.two}.\n"
        return (f"Edit {id}\n\nA slip.\n\nApplication: {meeting}/{id}\n" if self.two % 2 else "Edit\n",)

    def _remove(self) -> Any:
        there = self._there()
        if there is None:
            return None
        path, meeting, id = there
        del self.now[path]
        return (f"Erase\n\nAs asked for.\n\nApplication: {meeting}/{id}\n" if self.two % 3 else "Tidy up\n",)

    def _arrive(self) -> Any:
        id, meeting = IDS[self.one % len(IDS)], MEETINGS[self.two % len(MEETINGS)]
        if _path(id, meeting) in self.now:
            return None
        self.now[_path(id, meeting)] = _application(id)
        return ("Take in\n\nImported: 1 by hand\n",)

    def _move(self) -> Any:
        there = self._there()
        if there is None:
            return None
        path, meeting, id = there
        to = _path(id, MEETINGS[meeting == MEETINGS[0]])
        if to in self.now:
            return None
        self.now[to] = self.now.pop(path)
        return ("Move\n",)

    def _undo(self) -> Any:
        """Take something back, of this branch or of any: by our trailer, or as git revert says it."""
        known = self.teller.leading_to(self.tip) if self.two % 4 else self.teller.known()
        commit = known[-1 - self.one % len(known)]
        paths = self.teller.changed[commit]
        if not self.teller.parents[commit] or not paths:
            return None
        before = self.teller.files[self.teller.parents[commit][0]]
        for path in paths:
            self.now.pop(path, None)
            if path in before:
                self.now[path] = before[path]
        first = sorted(paths)[0]
        then, now = self.teller.files[self.tip].get(first, ""), self.now.get(first, "")
        if self.two % 2 and "\nstatus: " in then and "\nstatus: " in now and _status(then) != _status(now):
            _, meeting, name = first.split("/")
            said = f"Application: {meeting}/{name.removesuffix('.md')}\nDecision: {_status(then)} -> {_status(now)}\n"
            return (f"Undo\n\n{said}Reverts: {commit}\n",)
        return (f'Revert "Decide"\n\nThis reverts commit {commit}.\n',)

    def _merge(self) -> Any:
        other = self.teller.branches["side" if self.branch == "main" else "main"]
        if other in self.teller.leading_to(self.tip):
            return None
        theirs = self.teller.files[other]
        common = set(self.teller.leading_to(self.tip)) & set(self.teller.leading_to(other))
        base = self.teller.files[max(common, key=self.teller.ids.index)] if common else {}
        for path in sorted({*self.now, *theirs}):
            if self.now.get(path) == base.get(path) or (self.one % 5 == 0 and path in theirs):
                self.now.pop(path, None)
                if path in theirs:
                    self.now[path] = theirs[path]
        if self.two % 5 == 0:
            self._decide()
        return "Merge\n", [self.tip, other], self.who

    def _team(self) -> Any:
        text = self.teller.files[self.teller.known()[0]]["callforth.toml"]
        settings = (
            "",
            'second_person = "decisions"',
            'second_person = "reversals"',
            'signatures = "required"',
            'signatures = "off"',
            None,
            "= broken",
        )[self.one % 7]
        if settings is None:
            self.now.pop("callforth.toml", None)
            return ("Lose the team\n",)
        self.now["callforth.toml"] = f"{settings}\n{text}"
        if self.two % 3 == 0:
            self.now["callforth.toml"] = self.now["callforth.toml"].replace(
                'roles = ["reviewer"]', 'roles = ["organiser"]'
            )
        return ("Change the team\n",)

    def _call(self) -> Any:
        path = f"meetings/{MEETINGS[0]}/call.md"
        if path not in self.now:
            return None
        seats = self.now[path].split("\nseats: ")[1].split("\n")[0]
        self.now[path] = self.now[path].replace(f"\nseats: {seats}\n", f"\nseats: {1 + self.one % 3}\n")
        return ("Change the call\n",) if seats != str(1 + self.one % 3) else None

    def _lose_call(self) -> Any:
        """Lose a call, break it, or bring it back, as it was or with other seats."""
        path = f"meetings/{MEETINGS[0]}/call.md"
        first = self.teller.files[self.teller.known()[0]][path]
        if self.one % 3 == 0 and path in self.now:
            del self.now[path]
        elif self.one % 3 == 1:
            self.now[path] = first.replace("---\n", "---\nseats: 1\n", 1)
        else:
            self.now[path] = first.replace("\nseats: ", f"\nseats: {1 + self.two % 3}", 1)
        return ("Change the call\n",)

    def _break(self) -> Any:
        """Make an application unusable, or usable again."""
        there = self._there()
        if there is None:
            return None
        path, _, id = there
        was = _status(self.now[path])
        double = f"\nstatus: {was}\nstatus: {was}\n"
        if double in self.now[path]:
            new = was if self.two % 2 else ("accepted", "declined", "received")[self.two % 3]
            self.now[path] = self.now[path].replace(double, f"\nstatus: {new}\n", 1)
            return (f"Repair {id}\n",)
        self.now[path] = self.now[path].replace(f"\nstatus: {was}\n", double, 1)
        return (f"Break {id}\n",)

    def _review(self) -> Any:
        path = f"meetings/{MEETINGS[0]}/reviews/{IDS[self.one % 3]}/hedda.md"
        self.now[path] = (
            f"---\napplication: {IDS[self.one % 3]}\nreviewer: hedda\nrecommend: accept\nscores:\n"
            f"  fit: {1 + self.two % 4}\nconflict: false\n---\n\nGood.\n"
        )
        return ("Review\n",)

    def _countersign(self) -> Any:
        known = self.teller.known()
        named = {known[-1 - self.one % len(known)], known[-1 - self.two % len(known)]}
        trailers = "\n".join(f"Countersigns: {commit}" for commit in sorted(named))
        return (f"Countersign\n\n{trailers}\n",)

    def _begin_anew(self) -> Any:
        if self.one % 3:
            return None
        self.now = {**self.teller.files[self.teller.known()[0]], "notes.md": f"{self.two}\n"}
        return "Begin\n", [], self.who


WORDS = [word.removeprefix("_") for word in vars(Doing) if word.startswith("_") and word not in ("__init__", "_there")]
WORDS = [word for word in WORDS if not word.startswith("_")]
steps = st.tuples(
    st.sampled_from([*WORDS, "decide", "decide", "merge", "undo", "arrive"]),
    st.sampled_from(["main", "main", "side"]),
    st.sampled_from(["sanna", "dario", "sanna", "dario", "hedda", "stranger"]),
    st.integers(0, 29),
    st.integers(0, 29),
)


@pytest.fixture
def place(new_workspace: Callable[..., Any]) -> tuple[Any, Files]:
    """A repository to make histories in, and the files that they begin with."""
    sandbox = new_workspace()
    sandbox.meeting("bergen-2023", 1)
    for id in IDS[:2]:
        sandbox.application(id)
    found = sorted(path for path in sandbox.root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return sandbox, {str(path.relative_to(sandbox.root)): path.read_text() for path in found}


def _forget(sandbox: Any) -> None:
    remove(place_of(sandbox.root))
    (sandbox.root / ".git/callforth/audit.json").unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(sandbox: Any) -> Iterator[Workspace]:
    with contextlib.closing(Workspace.find(sandbox.root)) as workspace:
        yield workspace


def _verified(sandbox: Any, **how: Any) -> Verdict:
    with _opened(sandbox) as workspace:
        return verify.verify(workspace, **how)


def _whole(verdict: Verdict) -> Any:
    """All that a verdict says; findings of one commit in whatever order."""
    return (
        verdict.tip,
        verdict.commits,
        verdict.decisions,
        sorted(map(str, verdict.findings)),
        sorted(map(str, verdict.notes)),
        [one.tag.name for one in verdict.seals],
    )


def _told(sandbox: Any, files: Files, said: list[Any], skews: random.Random) -> Teller:
    teller = Teller(sandbox.root, files, lambda: skews.choice((0, 0, 0, 0, 5000, -5000)))
    doing = Doing(teller)
    try:
        for one in said:
            doing.step(*one)
    finally:
        teller.end()
    return teller


def _harm(sandbox: Any, chance: random.Random) -> None:
    place = place_of(sandbox.root)
    assert place is not None
    how = chance.randrange(8)
    if how == 0:
        remove(place)
    elif how == 1:
        remove(place)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(chance.randbytes(3000))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(steps, min_size=3, max_size=25), seed=st.integers(0, 1 << 16))
def test_going_on_finds_what_is_found_from_the_beginning(place, said, seed):
    sandbox, files = place
    chance = random.Random(seed)
    _forget(sandbox)
    teller = _told(sandbox, files, said, chance)
    tips = sorted(chance.sample(teller.known(), min(5, len(teller.known()))), key=teller.ids.index)
    tips.append(teller.branches["main"])
    for tip in tips:
        (sandbox.root / ".git/refs/heads/main").write_text(f"{tip}\n")
        _harm(sandbox, chance)
        assert _whole(_verified(sandbox)) == _whole(_verified(sandbox, fresh=True))
        again = _verified(sandbox)
        assert _whole(again) == _whole(_verified(sandbox))


def _ledger(sandbox: Any) -> bytes:
    with _opened(sandbox) as workspace:
        return canon.ledger(verify.ledger(workspace)[1])


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(steps, min_size=3, max_size=20), seed=st.integers(0, 1 << 16))
def test_the_ledger_is_the_same_bytes_in_steps_at_once_after_gc_and_in_a_clone(place, tmp_path, said, seed):
    sandbox, files = place
    chance = random.Random(seed)
    _forget(sandbox)
    teller = _told(sandbox, files, said, chance)
    for tip in (*teller.leading_to(teller.branches["main"])[-3:-1], teller.branches["main"]):
        (sandbox.root / ".git/refs/heads/main").write_text(f"{tip}\n")
        in_steps = _ledger(sandbox)
    _forget(sandbox)
    assert _ledger(sandbox) == in_steps
    target = type(sandbox)(tmp_path / f"clone-{chance.getrandbits(60)}")
    sandbox.git("clone", "--quiet", "--no-local", "--single-branch", ".", str(target.root))
    if not (target.root / "callforth.toml").exists():
        target.write("callforth.toml", files["callforth.toml"])
    target.git("repack", "-a", "-d", "-q")
    assert _ledger(target) == in_steps
