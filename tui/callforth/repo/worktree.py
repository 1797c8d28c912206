"""Putting new bytes into the work tree, and the old ones back.

All are written beside their places first, the note of what is to come with them, and the disk is waited for once; then
the note counts, and each takes its place: so neither a kill nor a power cut leaves half a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from callforth.repo import intent
from callforth.repo.durable import CannotWrite, beside, settle, write_file
from callforth.repo.edits import FileEdit, NewCommit
from callforth.repo.repository import Repository


@contextmanager
def changed(
    repository: Repository,
    files: Mapping[str, FileEdit],
    commits: Sequence[NewCommit],
    committed: Mapping[str, str],
    batch: intent.Batch | None = None,
    branch: str = "",
) -> Iterator[None]:
    """Note what is to come and put the new bytes in place; bring the old ones back if what follows fails.

    `committed` has the id of what was committed for each path, `branch` is the one to move. Raises `CannotWrite`.
    """
    steps: dict[str, list[bytes | None]] = {path: [edit.before] for path, edit in files.items()}
    for commit in commits:
        for path, edit in commit.files.items():
            steps[path].append(edit.after)
    with _written(repository, {path: edit.after for path, edit in files.items()}) as ready:
        try:
            note = intent.draft(repository, steps, committed, batch, branch)
            settle([note, *ready.values()])
            intent.publish(repository, note)
        except OSError as error:
            raise CannotWrite(repository.private, error) from None
        old = _kept(repository, files)
        try:
            _place(repository, ready)
            yield
        except BaseException:
            changed_now = [path for path in ready if _read(repository.root / path) in steps[path][1:]]
            _take_back(repository, changed_now, files, old)
            intent.drop(repository)
            raise
        finally:
            for name in old.values():
                with suppress(OSError):
                    name.unlink(missing_ok=True)


def put(repository: Repository, contents: Mapping[str, bytes]) -> None:
    """Replace files, durably. Raises `CannotWrite`."""
    with _written(repository, contents) as ready:
        try:
            settle(ready.values())
        except OSError as error:
            raise CannotWrite(repository.private, error) from None
        _place(repository, ready)


def _kept(repository: Repository, files: Mapping[str, FileEdit]) -> dict[str, Path]:
    """Give files second names, so that they can be brought back on a full disk; where that is possible."""
    old: dict[str, Path] = {}
    for number, (path, edit) in enumerate(files.items()):
        name = repository.private / f"old.{number}"
        with suppress(OSError):
            if edit.before is not None:
                name.hardlink_to(repository.root / path)
                old[path] = name
    return old


def _take_back(
    repository: Repository, paths: Sequence[str], files: Mapping[str, FileEdit], old: Mapping[str, Path]
) -> None:
    missing: dict[str, bytes] = {}
    try:
        for path in paths:
            before = files[path].before
            if before is None:
                (repository.root / path).unlink(missing_ok=True)
            elif path in old:
                old[path].replace(repository.root / path)
            else:
                missing[path] = before
        if missing:
            put(repository, missing)
    except OSError as error:
        raise CannotWrite(repository.root, error, "when it can be, the next command puts it right") from None


@contextmanager
def _written(repository: Repository, contents: Mapping[str, bytes]) -> Iterator[dict[str, Path]]:
    """Write new bytes beside their places, to be waited for; what has not taken its place in the end is removed."""
    try:
        disk = repository.private.stat().st_dev
    except OSError as error:
        raise CannotWrite(repository.private, error) from None
    ready: dict[str, Path] = {}
    try:
        for number, (path, data) in enumerate(contents.items()):
            target = repository.root / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                same_disk = target.parent.stat().st_dev == disk
                ready[path] = repository.private / f"new.{number}" if same_disk else beside(target)
                write_file(ready[path], data, _mode(target))
            except OSError as error:
                raise CannotWrite(target, error) from None
        yield ready
    finally:
        for temporary in ready.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _place(repository: Repository, ready: Mapping[str, Path]) -> None:
    target = repository.root
    try:
        for path, temporary in ready.items():
            target = repository.root / path
            temporary.replace(target)
        if len(ready) > 1:
            settle({(repository.root / path).parent for path in ready})
    except OSError as error:
        raise CannotWrite(target, error) from None


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
