"""Branches are made and switched to without losing an edit."""

import pytest

from callforth.repo import switching
from callforth.repo.repository import NotWritable, Repository


@pytest.fixture
def repository(workspace):
    found = Repository(workspace.root)
    yield found
    found.close()


def test_switching_takes_edits_along_and_refuses_to_lose_one(workspace, repository) -> None:
    began = workspace.head()
    assert switching.make(repository, "propose/oslo-2022/sanna-1", began)
    assert not switching.make(repository, "propose/oslo-2022/sanna-1", began)
    path = workspace.application("k7m2qx", status="shortlisted")
    workspace.commit()
    workspace.application("3fh9td", tags=("kept",))
    switching.switch(repository, "propose/oslo-2022/sanna-1")
    assert switching.current(repository) == "propose/oslo-2022/sanna-1"
    assert (workspace.status_of("k7m2qx"), "- kept" in workspace.read("applications/oslo-2022/3fh9td.md")) == (
        "received",
        True,
    )
    workspace.write(path, workspace.read(path) + "mine\n")
    before = workspace.everything()
    with pytest.raises(switching.EditsInTheWay) as error:
        switching.switch(repository, "main")
    assert str(error.value) == (
        f"switching to main would lose edits that are not committed: {path}; commit them, or put them aside with "
        "'git stash'"
    )
    assert workspace.everything() == before
    with pytest.raises(switching.GitFailed, match="switch to nowhere"):
        switching.switch(repository, "nowhere")
    workspace.git("switch", "--quiet", "--detach")
    assert switching.current(repository) == ""
    workspace.write(".git/MERGE_HEAD", began)
    with pytest.raises(NotWritable, match="in the middle of a merge"):
        switching.switch(repository, "main")


def test_what_work_is_merged_into(workspace, repository, tmp_path) -> None:
    workspace.git("clone", "--quiet", "--bare", ".", str(tmp_path / "server.git"))
    workspace.git("remote", "add", "origin", str(tmp_path / "server.git"))
    with pytest.raises(switching.NoTarget, match="for good 'git config"):
        switching.target(repository, "origin")
    workspace.git("fetch", "--quiet", "origin")
    assert switching.target(repository, "origin") == "main"
    workspace.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/team/trunk")
    assert switching.target(repository, "origin") == "team/trunk"
    workspace.git("config", "callforth.target", "decided")
    assert switching.target(repository, "origin") == "decided"
