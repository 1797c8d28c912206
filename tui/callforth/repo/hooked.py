"""The way of a repository with commit hooks: `git commit --only`, so that they run as they would for anyone."""

from __future__ import annotations

from callforth.repo import intent, offspring, signing, stale, worktree
from callforth.repo.edits import NewCommit
from callforth.repo.git import GitFailed
from callforth.repo.index_update import IndexUpdate
from callforth.repo.job import Job


def write(job: Job) -> list[str]:
    """Make the commits; the files are in place. On a failure branch and index go back to where they were."""
    made: list[str] = []
    try:
        for number, commit in enumerate(job.commits):
            for path, edit in commit.files.items():
                whole = job.files[path]
                if edit.after != whole.after or edit.before != whole.before:  # one of several steps
                    worktree.put(job.repository, {path: edit.after})
            _commit_only(job, commit)
            made.append(str(job.repository.head()))
            intent.made(job.repository, made[-1])
            job.progress(number + 1, len(job.commits))
    except BaseException:
        if made:
            note = "callforth: a later commit of the batch failed"
            stale.move(job.repository, job.branch, job.tip, made[-1], note)
        offspring.outlive(job.repository)
        job.reset_index()
        raise
    return made


def _commit_only(job: Job, commit: NewCommit) -> None:
    repository = job.repository
    env: dict[str, str] = {}
    if commit.signed_by:
        env = commit.signed_by.env("AUTHOR") | commit.signed_by.env("COMMITTER")
    # Not --literal-pathspecs: hooks would inherit it.
    new = [f":(literal){path}" for path, edit in commit.files.items() if edit.before is None]
    if new:
        with IndexUpdate.only(repository) as index:
            repository.git.run("add", "--force", "--intent-to-add", "--", *new, env=index, doing="add a file")
    paths = [f":(literal){path}" for path in commit.files]
    running = repository.git.begin(
        *stale.RETRY, "commit", "--only", "--quiet", "--cleanup=verbatim", "-F", "-", "--", *paths,
        env=env, doing="commit",
    )  # fmt: skip
    # It does nothing before it has its message.
    offspring.mark(repository, running)
    running.feed(commit.message.encode())
    offspring.mark_lock(repository, running)
    try:
        running.end()
    except GitFailed as error:
        job.clear_after(running)
        locked = stale.explained(repository, job.branch, error)
        raise (signing.explained(repository, error) if locked is error else locked) from None
