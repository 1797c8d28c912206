"""Moving the current branch to a commit that exists, with work tree and index: what comes in from others.

It is as safe as a commit of ours (`commit`): nothing changes where it would lose an edit; what is new is made beside,
with git's own filters, modes and links; a note tells what is to come before the first file changes; the branch moves by
compare-and-swap; the index follows. Killed at any instant, the next command finishes it or takes it back. The work tree
never holds a conflict, for there is none to resolve: what was merged is a commit already.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from callforth.repo import branches, index_lock, intent, left, maintenance, offspring, placing
from callforth.repo.branch_move import BranchMove
from callforth.repo.coming import Arriving, Step, blocked, check, edited, steps
from callforth.repo.durable import CannotWrite, named, settle
from callforth.repo.edits import BranchMoved
from callforth.repo.git import Running
from callforth.repo.healing import heal
from callforth.repo.index_update import IndexUpdate
from callforth.repo.job import listing
from callforth.repo.repository import Repository, Signature

# What is begun in here and cut off is removed by healing.
_SCRATCH = "restored"
_DOING = "take in what came"


def commit_merge(
    repository: Repository, tree: str, parents: Sequence[str], message: str, signed_by: Signature | None = None
) -> str:
    """Store a commit that has these parents, signed as configured, and return its id; no branch moves.

    Raises `NoIdentity`, `CannotSign`, `GitFailed`.
    """
    author, committer = (signed_by, signed_by) if signed_by else repository.signatures_now()
    return branches.commit_tree(repository, tree, parents, message, author, committer)


def move(repository: Repository, to: str, expected: str, reflog: str) -> list[str]:
    """Move the current branch from the commit `expected` to `to`; return the paths that changed in the work tree.

    `reflog` is the line that says so there. Other files keep what the user has edited or staged in them. Raises
    `NotWritable`, `BranchMoved`, `UncommittedEdit`, `InTheWay`, `Sparse`, `WorkspaceBusy`, `IndexLocked`,
    `BranchLocked`, `StillAtWork`, `CannotWrite`, `GitFailed`; nothing is changed then.
    """
    _ = repository.version_checked
    with named(repository.git_dir), intent.exclusive(repository), ExitStack() as under_way:
        stamp = left.stamp(repository.git_dir)
        if intent.needs_healing(repository):
            heal(repository)
        under_way.callback(offspring.tidy, repository)
        index_lock.wait(repository)
        branch, tip = repository.tip()
        if tip != expected:
            raise BranchMoved("the branch moved meanwhile; try again")
        if to == tip:
            return []
        going = BranchMove(repository, branch, tip)
        index = IndexUpdate(repository)
        under_way.callback(index.drop)
        changes = steps(repository, tip, to)
        env = index.take()
        old = _now(repository, changes)
        check(repository, changes, tip, to, env)
        _git(repository, env, "read-tree", "-i", "-m", tip, to)
        with _made(repository, changes, old, env) as arriving:
            _go(repository, arriving, going, to, going.begin(under_way, reflog), env)
        # It stands by now: what fails is not taken back but healed.
        if index.publish():
            intent.fulfilled(repository, index.left if index.found == stamp else "")
        maintenance.keep(repository)
        return list(arriving.steps)


def _go(
    repository: Repository, arriving: Arriving, going: BranchMove, to: str, branch: Running, env: dict[str, str]
) -> None:
    """Note it, put all in place, and move the branch; bring the old files back where that fails."""
    versions = {path: [arriving.old[path], arriving.new[path]] for path in arriving.steps}
    committed = {path: step.old for path, step in arriving.steps.items()}
    try:
        note = intent.draft(repository, versions, committed, branch=going.branch)
        placing.settle_files([note, *arriving.made.values()])
        intent.publish(repository, note)
    except OSError as error:
        raise CannotWrite(repository.private, error) from None
    kept = _kept(repository, arriving)
    try:
        _place(repository, arriving)
        # Their times are noted; what the user has edited elsewhere is no news.
        _git(repository, env, "update-index", "-q", "--refresh", fails=(1,))
        going.finish(to, branch)
    except BaseException:
        _take_back(repository, arriving, kept)
        intent.drop(repository)
        raise
    finally:
        for name in kept.values():
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _now(repository: Repository, changes: dict[str, Step]) -> dict[str, bytes | None]:
    """Return what the files that change hold before they are looked at: so no later edit is taken for what was."""
    found: dict[str, bytes | None] = {}
    for path, step in changes.items():
        found[path] = None
        if step.old and not step.is_other_repository:
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                found[path] = placing.content(repository.root / path)
    return found


@contextmanager
def _made(
    repository: Repository, changes: dict[str, Step], old: dict[str, bytes | None], env: dict[str, str]
) -> Iterator[Arriving]:
    """Make the new files beside the work tree, as git would check them out."""
    scratch = repository.private / _SCRATCH
    files = scratch / "files"
    written = {path: step for path, step in changes.items() if not step.is_other_repository}
    wanted = {path: step for path, step in written.items() if step.new}
    try:
        try:
            shutil.rmtree(scratch, ignore_errors=True)
            files.mkdir(parents=True)
            if wanted:
                command = ("checkout-index", f"--prefix={files}/", "-z", "--stdin")
                repository.git.run(*command, stdin=listing(wanted), env=env, doing=_DOING)
            new = {path: placing.content(files / path) if step.new else None for path, step in written.items()}
        except OSError as error:
            raise CannotWrite(scratch, error) from None
        yield Arriving(written, {path: files / path for path in wanted}, old, new)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _place(repository: Repository, arriving: Arriving) -> None:
    target = repository.root
    try:
        for path in arriving.gone:
            _check_same(repository.root / path, path, arriving.old[path])
        placing.take_away(repository.root, arriving.gone)
        for path, made in arriving.made.items():
            target = repository.root / path
            _check_same(target, path, arriving.old[path])
            placing.put(made, target)
        settle({folder for path in arriving.steps if (folder := (repository.root / path).parent).is_dir()})
    except OSError as error:
        raise CannotWrite(target, error) from None


def _check_same(target: Path, path: str, old: bytes | None) -> None:
    """Refuse where somebody has edited the file since it was looked at, however lately."""
    if not _is_now(target, old):
        raise edited(path) if old is not None else blocked(path)


def _kept(repository: Repository, arriving: Arriving) -> dict[str, Path]:
    """Give files second names, so that they can be brought back on a full disk; where that is possible."""
    kept: dict[str, Path] = {}
    for number, path in enumerate(arriving.steps):
        file, name = repository.root / path, repository.private / f"old.{number}"
        with suppress(OSError):
            if arriving.old[path] is not None and not file.is_symlink():
                name.hardlink_to(file)
                kept[path] = name
    return kept


def _take_back(repository: Repository, arriving: Arriving, kept: dict[str, Path]) -> None:
    """Bring the old files back, each where it is what was put there."""
    try:
        changed = [path for path in arriving.steps if _is_now(repository.root / path, arriving.new[path])]
        placing.take_away(repository.root, [path for path in changed if arriving.old[path] is None])
        for path in changed:
            old = arriving.old[path]
            if old is not None:
                placing.put(kept.get(path) or _again(repository, arriving.steps[path], old), repository.root / path)
    except OSError as error:
        raise CannotWrite(repository.root, error, "when it can be, the next command puts it right") from None


def _again(repository: Repository, step: Step, old: bytes) -> Path:
    """Write an old version once more, where it could not get a second name."""
    file = repository.private / "old.again"
    file.unlink(missing_ok=True)
    if step.was_link:
        file.symlink_to(os.fsdecode(old))
    else:
        file.write_bytes(old)
        file.chmod(0o755 if step.old_mode.endswith("755") else 0o644)
    return file


def _is_now(file: Path, wanted: bytes | None) -> bool:
    try:
        return placing.content(file) == wanted
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return wanted is None


def _git(repository: Repository, env: dict[str, str], *command: str, fails: Sequence[int] = ()) -> None:
    repository.git.run(*command, env=env, fails=fails, doing=_DOING)
