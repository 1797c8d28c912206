"""Writing commits that hold exactly the named files, durably, or not at all.

The fast way builds each commit from its parent's tree: blobs, the trees along the path, the commit, then one
compare-and-swap of the branch for all of them, and the index entries last. What the user has staged or half
edited elsewhere is never looked at. Where the repository has commit hooks it is `git commit --only` instead, so that
they run as they would for anyone; signing goes through `git commit-tree -S`, which signs as the user configured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callforth.errors import RepositoryError, WorkspaceError
from callforth.repo import intent, trees
from callforth.repo.git import GitFailed
from callforth.repo.repository import NotWritable, Repository, Signature

_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
_INDEX_LOCK_WAIT = 2.0

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
    intent.heal(repository)
    signatures = repository.signatures_now()
    with intent.exclusive(repository):
        branch, tip = repository.tip()
        if expected is not None and tip != expected:
            raise BranchMoved("the branch moved meanwhile; try again")
        files = _whole(commits)
        _wait_for_index(repository)
        _check(repository, tip, files)
        hooked = any(_is_program(_hook(repository, name)) for name in _HOOKS)
        job = _Job(repository, branch, tip, commits, signatures, progress or (lambda done, total: None))
        with _work_tree(repository, files):
            ids = job.with_hooks() if hooked else job.with_objects(files)
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


def _check(repository: Repository, tip: str, files: Mapping[str, FileEdit]) -> None:
    """Refuse where a file differs from what the caller read, from the last commit, or in the index."""
    staged = _index_entries(repository, list(files))
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
        committed = repository.object(f"{tip}:{path}")
        if (committed is None) != (edit.before is None) or (
            committed and edit.before is not None and not _same(repository, path, edit.before, committed[0])
        ):
            raise UncommittedEdit(
                f"{path} has edits that are not committed; commit them ('git commit {path}') or drop them first"
            )
        if staged.get(path, "") != (committed[0] if committed else ""):
            raise UncommittedEdit(
                f"{path} has edits that are staged; commit or unstage them ('git restore --staged {path}') first"
            )


def _same(repository: Repository, path: str, data: bytes, oid: str) -> bool:
    if repository.blob_id(data) == oid:
        return True
    # The plain hash differs where a filter (line endings, for one) changes what is stored: then git must say.
    said = repository.git.run("hash-object", "--stdin", f"--path={path}", stdin=data, doing=f"compare {path}")[1]
    return said.decode().strip() == oid


def _index_entries(repository: Repository, paths: Sequence[str]) -> dict[str, str]:
    entries: dict[str, str] = {}
    for start in range(0, len(paths), 500):
        out = repository.git.run(
            "--literal-pathspecs",
            "ls-files",
            "-s",
            "-z",
            "--",
            *paths[start : start + 500],
            doing="read the index",
        )[1]
        for item in out.split(b"\0"):
            if item:
                meta, path = item.decode(errors="replace").split("\t", 1)
                _, oid, stage = meta.split(" ")
                if stage != "0":
                    raise NotWritable(f"{path} is in the middle of a merge; resolve it and commit first")
                entries[path] = oid
    return entries


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
def _work_tree(repository: Repository, files: Mapping[str, FileEdit]) -> Iterator[None]:
    """Put the new bytes in place; bring the old ones back if what follows fails."""
    done: list[str] = []
    try:
        intent.declare(repository, {path: (edit.before, edit.after) for path, edit in files.items()})
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

    def with_objects(self, files: Mapping[str, FileEdit]) -> list[str]:
        """The fast way; the files are in place already."""
        repository = self.repository
        signing = repository.config("commit.gpgSign", "bool") == "true"
        made: list[str] = []
        parent = self.tip
        root = _Folder.load(repository, f"{self.tip}^{{tree}}")
        with repository.git.lock:
            for number, commit in enumerate(self.commits):
                for path, edit in commit.files.items():
                    blob = self._blob(path, edit.after, final=files[path].after == edit.after)
                    root.put(path.encode().split(b"/"), bytes.fromhex(blob))
                parent = self._commit(root.write(), parent, commit, signing)
                made.append(parent)
                self.progress(number + 1, len(self.commits))
            self._move(made[-1])
        self._follow(list(files))
        return made

    def _blob(self, path: str, data: bytes, final: bool) -> str:
        if final:
            return self.repository.git.helper("hash-object", "-w", "--stdin-paths").ask(_quoted(path))
        # A step on the way of one file within a batch: its bytes are not those in the work tree.
        said = self.repository.git.run(
            "hash-object", "-w", "--stdin", f"--path={path}", stdin=data, doing="store a file"
        )
        return said[1].decode().strip()

    def _commit(self, tree: str, parent: str, commit: NewCommit, signing: bool) -> str:
        author, committer = (commit.signed_by, commit.signed_by) if commit.signed_by else self.signatures
        if signing:
            env = _dates(author, "AUTHOR") | _dates(committer, "COMMITTER")
            out = self.repository.git.run(
                "commit-tree",
                "-S",
                "-p",
                parent,
                tree,
                stdin=commit.message.encode(),
                env=env,
                doing="sign the commit",
            )
            return out[1].decode().strip()
        text = f"tree {tree}\nparent {parent}\nauthor {author}\ncommitter {committer}\n\n{commit.message}"
        return _store(self.repository, "commit", text.encode())

    def _move(self, new: str) -> None:
        subject = self.commits[-1].message.split("\n", 1)[0]
        note = (
            f"commit: {subject}"
            if len(self.commits) == 1
            else f"callforth: {len(self.commits)} commits, last: {subject}"
        )
        try:
            self.repository.git.run("update-ref", "-m", note, self.branch, new, self.tip, doing="move the branch")
        except GitFailed as error:
            if "but expected" in error.stderr or "is at " in error.stderr:
                raise BranchMoved("somebody committed at the same moment; nothing was written, try again") from None
            raise

    def _follow(self, paths: Sequence[str]) -> None:
        """Bring the index entries of these files in line; the decision stands even if that must wait."""
        listing = b"\0".join(path.encode() for path in paths) + b"\0"
        for pause in (0.05, 0.2, 0.5, 0):
            try:
                self.repository.git.run(
                    "update-index", "--add", "-z", "--stdin", stdin=listing, doing="update the index"
                )
            except GitFailed:
                time.sleep(pause)
            else:
                intent.fulfilled(self.repository)
                return

    def with_hooks(self) -> list[str]:
        """`git commit --only`, so that hooks run; on a failure the branch goes back to where it was."""
        made: list[str] = []
        try:
            for number, commit in enumerate(self.commits):
                self._commit_only(commit)
                made.append(str(self.repository.head()))
                self.progress(number + 1, len(self.commits))
        except BaseException:
            if made:
                note = "callforth: a later commit of the batch failed"
                self.repository.git.run(
                    "update-ref", "-m", note, self.branch, self.tip, made[-1], doing="take the batch back"
                )
                paths = [path for commit in self.commits[: len(made)] for path in commit.files]
                self.repository.git.run("reset", "--quiet", self.tip, "--", *paths, doing="take the batch back")
            raise
        intent.fulfilled(self.repository)
        return made

    def _commit_only(self, commit: NewCommit) -> None:
        env: dict[str, str] = {}
        if commit.signed_by:
            env = _dates(commit.signed_by, "AUTHOR") | _dates(commit.signed_by, "COMMITTER")
        new = [path for path, edit in commit.files.items() if edit.before is None]
        if new:
            self.repository.git.run("add", "--intent-to-add", "--", *new, doing="add a file")
        self.repository.git.run(
            "commit", "--only", "--quiet", "--cleanup=verbatim", "-F", "-", "--", *commit.files,
            stdin=commit.message.encode(), env=env, doing="commit",
        )  # fmt: skip


class _Folder:
    """A tree on the way to a commit: loaded where a path leads through it, written where it changed."""

    def __init__(self, repository: Repository, data: bytes) -> None:
        self.repository = repository
        self.data = data
        self.below: dict[bytes, _Folder] = {}
        self.changed = False

    @classmethod
    def load(cls, repository: Repository, name: str) -> _Folder:
        found = repository.object(name)
        return cls(repository, found[2] if found and found[1] == "tree" else b"")

    def put(self, path: Sequence[bytes], blob: bytes) -> None:
        name, size = path[0], self.repository.oid_size
        self.changed = True
        entry = trees.find(self.data, name, size)
        if len(path) > 1:
            if name not in self.below:
                oid = entry.oid.hex() if entry and entry.is_folder else ""
                self.below[name] = _Folder.load(self.repository, oid) if oid else _Folder(self.repository, b"")
            self.below[name].put(path[1:], blob)
            return
        mode = entry.mode if entry and entry.mode.startswith(b"100") else b"100644"
        self.data = trees.put(self.data, trees.TreeEntry(mode, name, blob), size)

    def write(self) -> str:
        """Store this tree and those below it that changed; return its id."""
        for name, folder in self.below.items():
            if folder.changed:
                entry = trees.TreeEntry(b"40000", name, bytes.fromhex(folder.write()))
                self.data = trees.put(self.data, entry, self.repository.oid_size)
        self.changed = False
        return _store(self.repository, "tree", self.data)


def _store(repository: Repository, kind: str, data: bytes) -> str:
    """Store a tree or commit through git, which checks it, and return its id."""
    scratch = repository.private / f"object.{os.getpid()}"
    try:
        scratch.write_bytes(data)
    except OSError as error:
        raise intent.CannotWrite(scratch, error) from None
    try:
        helper = repository.git.helper("hash-object", "-t", kind, "-w", "--no-filters", "--stdin-paths")
        return helper.ask(_quoted(str(scratch)))
    finally:
        scratch.unlink(missing_ok=True)


def _quoted(path: str) -> str:
    if path.isprintable() and not path.startswith('"'):
        return path
    return (
        '"' + "".join(f"\\{byte:03o}" if byte < 32 or byte in b'"\\' else chr(byte) for byte in os.fsencode(path)) + '"'
    )


def _dates(signature: Signature, role: str) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": signature.actor.name,
        f"GIT_{role}_EMAIL": signature.actor.email,
        f"GIT_{role}_DATE": f"@{signature.at} {signature.zone}",
    }


def _hook(repository: Repository, name: str) -> Path:
    said = repository.git.text("rev-parse", "--git-path", f"hooks/{name}", doing="find the hooks")
    return repository.root / said


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
