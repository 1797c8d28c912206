"""What must be true of a workspace after any fault; every finding is a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from callforth.errors import CallforthError
from callforth.model.application import Application
from callforth.model.status import VERB_TO
from callforth.plaintext import application as application_file
from callforth.plaintext import layout
from callforth.plaintext.document import FileUnusable
from callforth.workflow.decide import decide
from callforth.workflow.ledger import ledger
from callforth.workflow.workspace import Workspace
from faults.place import Commit, GitSaid, Place
from faults.processes import Told
from faults.worker import everyone


class Checker:
    """Looks at workspaces after faults. What was parsed once is known by its bytes."""

    def __init__(self) -> None:
        self._parsed: dict[bytes, Application | str] = {}

    def whole(self, place: Place, start: str, told: Told, others: Collection[str] = (), losing: int = 0) -> list[str]:
        """Return what is wrong after one writer's work since `start`; `others` are commits that are not its own.

        What it told to be done must be there, save the last `losing` of them; what it was in the middle of, wholly or
        not at all.
        """
        try:
            commits = place.since(start)
        except GitSaid as error:
            return [str(error), *self.sound(place)]
        mine = [one for one in commits if one.id not in others]
        return [*history(mine, told, losing, following=commits), *self.sound(place)]

    def sound(self, place: Place) -> list[str]:
        """Return what is wrong with the repository, the work tree, the index, the files and the ledger."""
        findings: list[str] = []
        for look in (_fsck, Place.uprooted, _left_over, self._files_and_ledger):
            try:
                findings += look(place)
            except (GitSaid, OSError) as error:
                findings.append(str(error))
        return findings

    def _files_and_ledger(self, place: Place) -> list[str]:
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        findings = []
        for path, data in place.files().items():
            parsed = self._parse(path, data)
            if isinstance(parsed, str):
                findings.append(f"{path} cannot be used: {parsed}")
            else:
                found[parsed.id] = (str(parsed.status), parsed.tags)
        replayed: dict[str, tuple[str, tuple[str, ...]]] = {}
        workspace = Workspace.find(place.root, interactive=False)
        try:
            for entry in reversed(list(ledger(workspace))):
                before, tags = replayed.get(entry.application, ("None", ()))
                if str(entry.before) != before:
                    findings.append(
                        f"the ledger leads {entry.application} from {entry.before} to {entry.after} in "
                        f"{entry.commit[:7]}, but it was {before}"
                    )
                if not entry.recorded:
                    findings.append(f"{entry.commit[:7]} does not say what it did to {entry.application}")
                after = {*tags, *(tag[1:] for tag in entry.tags if tag[0] == "+")}
                after -= {tag[1:] for tag in entry.tags if tag[0] == "-"}
                replayed[entry.application] = (str(entry.after), tuple(sorted(after)))
        except CallforthError as error:
            findings.append(f"the ledger cannot be read: {error.says}")
        finally:
            workspace.close()
        findings += [
            f"{id} is {found.get(id)} in its file, {replayed.get(id)} by the ledger"
            for id in sorted({*found, *replayed})
            if found.get(id) != replayed.get(id)
        ]
        return findings

    def _parse(self, path: str, data: bytes) -> Application | str:
        if data not in self._parsed:
            name = layout.parse_application(path)
            try:
                self._parsed[data] = application_file.parse(data, path, *name) if name else "it has a wrong name"
            except FileUnusable as error:
                self._parsed[data] = error.says
        return self._parsed[data]


def history(
    commits: Sequence[Commit], told: Told, losing: int = 0, following: Sequence[Commit] | None = None
) -> list[str]:
    """Return what is wrong with `commits`, all that one writer made, against what it told.

    What it told to be done must be there, save the last `losing` of them; what it was in the middle of, wholly or not
    at all. `following` are all commits of the time, also those of others; each must follow on the one before.
    """
    findings = []
    made = [commit.id for commit in commits]
    acknowledged = told.done
    while losing and acknowledged and made[: len(_ids(acknowledged))] != _ids(acknowledged):
        acknowledged, losing = acknowledged[:-1], losing - 1
    wanted = _ids(acknowledged)
    if made[: len(wanted)] != wanted:
        lost = [id[:7] for id in wanted if id not in made]
        findings.append(f"reported done and not in history: {', '.join(lost) or 'none, but the order is another'}")
        return findings
    more = commits[len(wanted) :]
    unsure = [one["begun"] for one in told.done[len(acknowledged) :]] + ([told.begun] if told.begun else [])
    allowed = unsure[0] if unsure else None
    if more and not allowed:
        findings.append(f"commits that nobody was in the middle of: {', '.join(one.id[:7] for one in more)}")
    elif more and allowed and len(more) != allowed["commits"]:
        findings.append(f"half done: {len(more)} of {allowed['commits']} commits of one {allowed['begin']}")
    elif more and allowed:
        findings += _contents(more, allowed["begin"], allowed["paths"])
    for one in acknowledged:
        findings += _contents([c for c in commits if c.id in one["made"]], one["done"], one["begun"]["paths"])
    for before, after in pairwise(commits if following is None else following):
        if after.parents != (before.id,):
            findings.append(f"{after.id[:7]} does not follow on {before.id[:7]}")
    return findings


def _ids(done: Sequence[dict[str, list[str]]]) -> list[str]:
    return [id for one in done for id in one["made"]]


def _contents(commits: Sequence[Commit], what: str, paths: Sequence[str]) -> list[str]:
    """Return where commits do not hold exactly the files they shall: one each, or all in one."""
    findings = []
    changed = [path for commit in commits for path in commit.changes]
    if sorted(changed) != sorted(paths):
        findings.append(f"a {what} changed {len(changed)} files where {len(paths)} were meant")
    if what != "import":
        findings += [
            f"{commit.id[:7]} changed {len(commit.changes)} files" for commit in commits if len(commit.changes) != 1
        ]
    if len(commits) > 1 and what != "import-each":
        batches = {commit.says("Batch") for commit in commits}
        if len(batches) != 1 or "" in batches:
            findings.append(f"a {what} of {len(commits)} has the batches {sorted(batches)}")
    return findings


def _fsck(place: Place) -> list[str]:
    status, out, err = place.tried("fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    return [f"git fsck: {line}" for line in (out + err).splitlines()] or ([f"git fsck: {status}"] if status else [])


def _left_over(place: Place) -> list[str]:
    git = place.root / ".git"
    locks = sorted(
        str(path.relative_to(place.root)) for path in git.rglob("*.lock") if place.private not in path.parents
    )
    note = ["callforth/intent"] if (place.private / "intent").exists() else []
    beside = sorted(str(path.relative_to(place.root)) for path in (place.root / "applications").rglob(".*"))
    return [f"left behind: {name}" for name in (*locks, *note, *beside)]


def next_command(place: Place) -> tuple[list[str], list[str]]:
    """Do what an organiser would do next, in a fresh session: decide. Return what was wrong, and its commit."""
    try:
        workspace = Workspace.find(place.root, interactive=False)
        try:
            workspace.catalog.refresh()
            _ = workspace.repository  # which heals
            workspace.catalog.refresh()
            application = min(everyone(workspace), key=lambda one: (not one.status.undecided, one.id))
            verb = VERB_TO[application.status.may_become[-1]].name
            made = decide(workspace, verb, [application.id], "After the fault.", over_seats=True)
        finally:
            workspace.close()
    except CallforthError as error:
        return [f"the next command was refused: {error.code}: {error.says}"], []
    return [], [entry.commit for entry in made]


def told_once(commits: Iterable[Commit], tellings: Sequence[Told]) -> list[str]:
    """Return where something that was reported done to one of several writers is not in history exactly once."""
    ids = [commit.id for commit in commits]
    findings = []
    made = [id for told in tellings for id in told.made]
    lost = [id for id in made if ids.count(id) != 1]
    if lost:
        findings.append(f"reported done and not in history: {', '.join(id[:7] for id in lost)}")
    if len(set(made)) != len(made):
        findings.append("one commit was reported done to two")
    return findings
