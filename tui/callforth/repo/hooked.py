"""The way of a repository with commit hooks: `git commit --only`, so that they run as they would for anyone."""

from __future__ import annotations

from callforth.repo import intent, offspring, signing, worktree
from callforth.repo.edits import NewCommit
from callforth.repo.git import GitFailed
from callforth.repo.job import Job
from callforth.repo.repository import Repository


def write(job: Job) -> list[str]:
    """Make the commits; the files are in place. On a failure branch and index go back to where they were."""
    made: list[str] = []
    try:
        for number, commit in enumerate(job.commits):
            for path, edit in commit.files.items():
                whole = job.files[path]
                if edit.after != whole.after or edit.before != whole.before:  # one of several steps
                    worktree.put(job.repository, {path: edit.after})
            _commit_only(job.repository, commit)
            made.append(str(job.repository.head()))
            intent.made(job.repository, made[-1])
            job.progress(number + 1, len(job.commits))
    except BaseException:
        if made:
            note = "callforth: a later commit of the batch failed"
            job.repository.git.run("update-ref", "-m", note, job.branch, job.tip, made[-1], doing="take the batch back")
        offspring.outlive(job.repository)
        job.reset_index()
        raise
    return made


def _commit_only(repository: Repository, commit: NewCommit) -> None:
    env: dict[str, str] = {}
    if commit.signed_by:
        env = commit.signed_by.env("AUTHOR") | commit.signed_by.env("COMMITTER")
    # Not --literal-pathspecs: hooks would inherit it.
    new = [f":(literal){path}" for path, edit in commit.files.items() if edit.before is None]
    if new:
        repository.git.run("add", "--force", "--intent-to-add", "--", *new, doing="add a file")
    paths = [f":(literal){path}" for path in commit.files]
    running = repository.git.begin(
        "commit", "--only", "--quiet", "--cleanup=verbatim", "-F", "-", "--", *paths,
        env=env, doing="commit",
    )  # fmt: skip
    # It does nothing before it has its message.
    offspring.mark(repository, running)
    running.feed(commit.message.encode())
    offspring.mark_lock(repository, running)
    try:
        running.end()
    except GitFailed as error:
        raise signing.explained(repository, error) from None
