"""Writing commits that hold exactly the named files, durably, or not at all.

The fast way builds each commit from its parent's tree: blobs, the trees along the path, the commit, then one
compare-and-swap of the branch for all of them, and the index entries last. What the user has staged or half
edited elsewhere is never looked at. Where the repository has commit hooks it is `git commit --only` instead, so that
they run as they would for anyone; signing goes through `git commit-tree -S`, which signs as the user configured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import RepositoryError, WorkspaceError
from callforth.repo import intent, objects, staged
from callforth.repo.git import GitFailed, Running
from callforth.repo.objects import Folder, NewObject
from callforth.repo.repository import Repository, Signature

_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
_INDEX_LOCK_WAIT = 2.0
_UPDATE_INDEX = ("update-index", "--add", "-z", "--stdin")

Progress = Callable[[int, int], None]


class FileMoved(WorkspaceError):
    """A file is not what it was when it was read; reading again and deciding anew is the way out."""


class UncommittedEdit(WorkspaceError):
    """The user has edited the file by hand and not committed it."""


class BranchMoved(RepositoryError):
    """Somebody else committed between reading and writing; nothing was written."""


class IndexLocked(RepositoryError):
    """Another git holds the index."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file's bytes as they were read (None for a new file) and as they shall be."""

    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that now exists: its id and its author."""

    id: str
    author: Signature


@dataclass(frozen=True, slots=True)
class NewCommit:
    """One commit to make: its files by path, its whole message, and who and when where that is not 'me, now'."""

    files: Mapping[str, FileEdit]
    message: str
    signed_by: Signature | None = None


def write(
    repository: Repository,
    commits: Sequence[NewCommit],
    expected: str | None = None,
    progress: Progress | None = None,
) -> list[Made]:
    """Make all these commits, one after the other on the current branch, or none; return them in order.

    `expected` is the commit that the caller's decision stands on. `progress` is called with done and total, and may
    raise to cancel, up to the moment the branch moves. Raises `NotWritable`, `NoIdentity`, `FileMoved`,
    `UncommittedEdit`, `BranchMoved`, `IndexLocked`, `CannotWrite`, `GitFailed`; nothing is changed then.
    """
    if not commits:
        return []
    _ = repository.version_checked
    signatures = repository.signatures_now()
    _wait_for_index(repository)
    intent.heal(repository)
    with intent.exclusive(repository), ExitStack() as under_way:
        _wait_for_index(repository)
        files = _whole(commits)
        hooked = any(_is_program(repository.hooks() / name) for name in _HOOKS)
        branch, tip = repository.tip()
        if expected is not None and tip != expected:
            raise BranchMoved("the branch moved meanwhile; try again")
        job = _Job(repository, branch, tip, commits, signatures, progress or (lambda done, total: None))
        followers = None if hooked else job.followers(under_way)
        root = Folder.load(repository, f"{tip}^{{tree}}")
        _check(repository, root, files)
        with _work_tree(repository, files, commits):
            ids = job.with_objects(root, files, *followers) if followers else job.with_hooks(files)
        # From here on the decision stands: what fails now is not taken back but healed.
        if followers is None or job.follow(files, followers[1]):
            intent.fulfilled(repository)
        return [Made(id_, new.signed_by or signatures[0]) for id_, new in zip(ids, commits, strict=True)]


def _whole(commits: Sequence[NewCommit]) -> dict[str, FileEdit]:
    """Fold the edits of several commits into one for each file, checking that they follow on each other."""
    files: dict[str, FileEdit] = {}
    for commit in commits:
        for path, edit in commit.files.items():
            known = files.get(path)
            if known is not None and known.after != edit.before:
                raise AssertionError("edits of one file must follow on each other")
            files[path] = FileEdit(known.before if known else edit.before, edit.after)
    return files


def _check(repository: Repository, root: Folder, files: Mapping[str, FileEdit]) -> None:
    """Refuse where a file differs from what the caller read, from the last commit, or in the index."""
    committed = {path: root.blob(_names(path)) or "" for path in files}
    staged_blobs = staged.blobs(repository, committed)
    for path, edit in files.items():
        target = repository.root / path
        if target.is_symlink() or any(parent.is_symlink() for parent in _parents(repository.root, target)):
            raise FileMoved(f"{path} is, or lies behind, a symbolic link; put a plain file there")
        try:
            now = target.read_bytes()
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise intent.CannotWrite(target, error) from None
        if now != edit.before:
            raise FileMoved(f"{path} changed while you looked at it; look again and decide anew")
        known = committed[path]
        if (not known) != (edit.before is None) or (
            edit.before is not None and not _same(repository, path, edit.before, known)
        ):
            if not known:
                raise UncommittedEdit(
                    f"{path} is not committed yet; commit it first ('git add {path} && git commit {path}')"
                )
            raise UncommittedEdit(
                f"{path} has edits that are not committed; commit them ('git commit {path}') or drop them first"
            )
        if staged_blobs[path] != known:
            raise UncommittedEdit(
                f"{path} has edits that are staged; commit or unstage them ('git restore --staged {path}') first"
            )


def _same(repository: Repository, path: str, data: bytes, oid: str) -> bool:
    if repository.object_id("blob", data) == oid:
        return True
    # The plain hash differs where a filter (line endings, for one) changes what is stored: then git must say.
    said = repository.git.run("hash-object", "--stdin", f"--path={path}", stdin=data, doing=f"compare {path}")[1]
    return said.decode().strip() == oid


def _names(path: str) -> list[bytes]:
    return os.fsencode(path).split(b"/")


def _listing(paths: Iterable[str]) -> bytes:
    return b"\0".join(os.fsencode(path) for path in paths) + b"\0"


def _parents(root: Path, target: Path) -> Iterator[Path]:
    for parent in target.parents:
        if parent == root:
            return
        yield parent


def _wait_for_index(repository: Repository) -> None:
    lock = repository.git_dir / "index.lock"
    deadline = time.monotonic() + _INDEX_LOCK_WAIT
    while True:
        try:
            age = time.time() - lock.stat().st_mtime
        except FileNotFoundError:
            return
        if time.monotonic() >= deadline:
            raise IndexLocked(
                f"another git is at work here, or was killed: {lock} is {max(0, age):.0f} s old; "
                "if no git runs in this workspace, delete that file"
            )
        time.sleep(0.05)


@contextmanager
def _work_tree(repository: Repository, files: Mapping[str, FileEdit], commits: Sequence[NewCommit]) -> Iterator[None]:
    """Put the new bytes in place; bring the old ones back if what follows fails."""
    done: list[str] = []
    try:
        steps: dict[str, list[bytes | None]] = {path: [edit.before] for path, edit in files.items()}
        for commit in commits:
            for path, edit in commit.files.items():
                steps[path].append(edit.after)
        intent.declare(repository, steps)
    except OSError as error:
        raise intent.CannotWrite(repository.private, error) from None
    try:
        for path, edit in files.items():
            target = repository.root / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                mode = target.stat().st_mode & 0o777 if edit.before is not None else 0o644
                intent.write_durably(target, edit.after, repository.private, mode)
            except OSError as error:
                raise intent.CannotWrite(target, error) from None
            done.append(path)
        yield
    except BaseException:
        for path in done:
            before, target = files[path].before, repository.root / path
            if before is None:
                target.unlink(missing_ok=True)
            else:
                intent.write_durably(target, before, repository.private, target.stat().st_mode & 0o777)
        intent.fulfilled(repository)
        raise


@dataclass(frozen=True, slots=True)
class _Job:
    repository: Repository
    branch: str
    tip: str
    commits: Sequence[NewCommit]
    signatures: tuple[Signature, Signature]
    progress: Progress

    def followers(self, under_way: ExitStack) -> tuple[Running, Running]:
        """Start what will move the branch and the index at the end; they do nothing if they are dropped.

        The second one holds `index.lock` from now on, as `git commit` would.
        """
        subject = self.commits[-1].message.split("\n", 1)[0]
        count = len(self.commits)
        note = f"commit: {subject}" if count == 1 else f"callforth: {count} commits, last: {subject}"
        branch = self.repository.git.begin("update-ref", "-m", note, "--stdin", doing="move the branch")
        under_way.callback(branch.drop)
        index = self.repository.git.begin(*_UPDATE_INDEX, doing="update the index")
        under_way.callback(index.drop)
        return branch, index

    def with_objects(self, root: Folder, files: Mapping[str, FileEdit], branch: Running, index: Running) -> list[str]:
        """The fast way; the files are in place already."""
        repository = self.repository
        made: list[str] = []
        parent = self.tip
        with repository.git.lock:
            for number, commit in enumerate(self.commits):
                parent = self._store(root, parent, commit, files)
                made.append(parent)
                self.progress(number + 1, len(self.commits))
        index.feed(_listing(files))  # side by side with the branch: both wait for the disk
        try:
            self._move(made[-1], branch)
        except BaseException:
            branch.drop()
            if self.repository.commit(self.branch) == made[-1]:  # interrupted too late
                return made
            index.drop()
            self._reset_index(files)
            raise
        return made

    def _store(self, root: Folder, parent: str, commit: NewCommit, files: Mapping[str, FileEdit]) -> str:
        repository = self.repository
        likely = ""
        if len(commit.files) == 1:
            # Filters rarely change what is stored: so all objects are built on the likely id of the blob, and stored
            # side by side with it.
            ((path, edit),) = commit.files.items()
            if files[path].after == edit.after and not repository.signs():
                likely = repository.object_id("blob", edit.after)
                root.put(_names(path), likely)
                new = self._tree_and_commit(root, parent, commit)
                if objects.store(repository, new, path) == likely:
                    return new[-1].id
        for path, edit in commit.files.items():
            root.put(_names(path), self._blob(path, edit.after, final=files[path].after == edit.after))
        if repository.signs():
            return self._signed(root, parent, commit)
        new = self._tree_and_commit(root, parent, commit)
        objects.store(repository, new)
        return new[-1].id

    def _blob(self, path: str, data: bytes, final: bool) -> str:
        if final:
            return str(objects.store(self.repository, (), path))
        # A step on the way of one file within a batch: its bytes are not those in the work tree.
        said = self.repository.git.run(
            "hash-object", "-w", "--stdin", f"--path={path}", stdin=data, doing="store a file"
        )
        return said[1].decode().strip()

    def _who(self, commit: NewCommit) -> tuple[Signature, Signature]:
        return (commit.signed_by, commit.signed_by) if commit.signed_by else self.signatures

    def _tree_and_commit(self, root: Folder, parent: str, commit: NewCommit) -> list[NewObject]:
        new: list[NewObject] = []
        tree = root.write(new)
        author, committer = self._who(commit)
        text = f"tree {tree}\nparent {parent}\nauthor {author}\ncommitter {committer}\n\n{commit.message}"
        new.append(NewObject.of(self.repository, "commit", text.encode()))
        return new

    def _signed(self, root: Folder, parent: str, commit: NewCommit) -> str:
        new: list[NewObject] = []
        tree = root.write(new)
        objects.store(self.repository, new)
        author, committer = self._who(commit)
        out = self.repository.git.run(
            "commit-tree", "-S", "-p", parent, tree,
            stdin=commit.message.encode(), env=author.env("AUTHOR") | committer.env("COMMITTER"),
            doing="sign the commit",
        )[1]  # fmt: skip
        return out.decode().strip()

    def _move(self, new: str, branch: Running) -> None:
        try:
            branch.end(f"start\nupdate {self.branch} {new} {self.tip}\nprepare\ncommit\n".encode())
        except GitFailed as error:
            if "but expected" in error.stderr or "is at " in error.stderr:
                raise BranchMoved("somebody committed at the same moment; nothing was written, try again") from None
            raise

    def follow(self, files: Iterable[str], index: Running) -> bool:
        """Wait until the index has followed; tell whether it has. If not, the next write heals it."""
        for pause in (0.05, 0.2, 0.5, 0):
            try:
                index.end()
            except GitFailed:
                time.sleep(pause)
                index = self.repository.git.begin(*_UPDATE_INDEX, doing="update the index")
                index.feed(_listing(files))
            else:
                return True
        index.drop()
        return False

    def with_hooks(self, files: Mapping[str, FileEdit]) -> list[str]:
        """`git commit --only`, so that hooks run; on a failure branch and index go back to where they were."""
        made: list[str] = []
        try:
            for number, commit in enumerate(self.commits):
                for path, edit in commit.files.items():
                    if edit.after != files[path].after or edit.before != files[path].before:  # one of several steps
                        self._put(path, edit.after)
                self._commit_only(commit)
                made.append(str(self.repository.head()))
                self.progress(number + 1, len(self.commits))
        except BaseException:
            if made:
                note = "callforth: a later commit of the batch failed"
                self.repository.git.run(
                    "update-ref", "-m", note, self.branch, self.tip, made[-1], doing="take the batch back"
                )
            self._reset_index(files)
            raise
        return made

    def _put(self, path: str, data: bytes) -> None:
        target = self.repository.root / path
        intent.write_durably(target, data, self.repository.private, target.stat().st_mode & 0o777)

    def _reset_index(self, files: Iterable[str]) -> None:
        self.repository.git.run(
            "--literal-pathspecs", "reset", "--quiet", self.tip, "--pathspec-from-file=-", "--pathspec-file-nul",
            stdin=_listing(files), doing="put the index back",
        )  # fmt: skip

    def _commit_only(self, commit: NewCommit) -> None:
        env: dict[str, str] = {}
        if commit.signed_by:
            env = commit.signed_by.env("AUTHOR") | commit.signed_by.env("COMMITTER")
        # Not --literal-pathspecs: hooks would inherit it.
        new = [f":(literal){path}" for path, edit in commit.files.items() if edit.before is None]
        if new:
            self.repository.git.run("add", "--force", "--intent-to-add", "--", *new, doing="add a file")
        paths = [f":(literal){path}" for path in commit.files]
        self.repository.git.run(
            "commit", "--only", "--quiet", "--cleanup=verbatim", "-F", "-", "--", *paths,
            stdin=commit.message.encode(), env=env, doing="commit",
        )  # fmt: skip


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
