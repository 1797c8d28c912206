"""Files as a commit has them."""

from __future__ import annotations

from callforth.repo import committed, history
from callforth.repo.repository import Repository

PATH = "applications/oslo-2022/k7m2qx.md"


def test_to_ask_for_nothing_leaves_no_answer_for_whoever_asks_next(workspace):
    repository = Repository(workspace.root)
    [file] = committed.files(repository.git, "HEAD", (PATH,))
    raw = workspace.read(PATH).encode()
    assert committed.contents(repository.git, [], 9999) == []
    assert history.blobs(repository, []) == []
    assert committed.contents(repository.git, [file.blob], 9999) == [committed.Content(len(raw), raw)]
    assert history.blobs(repository, [file.blob]) == [raw]
    repository.close()


def test_of_what_is_too_large_only_the_size_is_told_and_the_next_answer_is_right(workspace):
    repository = Repository(workspace.root)
    [file] = committed.files(repository.git, "HEAD", (PATH,))
    raw = workspace.read(PATH).encode()
    found = committed.contents(repository.git, [file.blob, "0" * 40, file.blob], 9)
    assert found == [committed.Content(len(raw), b""), committed.Content(-1, b""), committed.Content(len(raw), b"")]
    assert history.blobs(repository, [file.blob]) == [raw]
    repository.close()
