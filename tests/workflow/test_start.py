"""Starting a new workspace: whole, committed, or not there."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callforth.errors import UsageError, WorkspaceError
from callforth.repo.git import GitFailed
from callforth.repo.repository import NoIdentity
from callforth.workflow.decide import decide
from callforth.workflow.start import InsideRepository, WorkspaceExists, init

FILES = [".gitattributes", "callforth.toml", "meetings/oslo-2027/call.md"]


@pytest.fixture
def sandbox_at(new_workspace, tmp_path):
    """A sandbox of the folder, which need not exist yet."""
    kind = type(new_workspace(folder="unused"))
    return lambda name: kind(tmp_path / name)


def test_it_makes_a_committed_workspace_with_the_maker_as_organiser(sandbox_at, opened):
    sandbox = sandbox_at("some/new/place")
    assert init(sandbox.root, "oslo-2027", datetime(2027, 3, 1, tzinfo=UTC)) == FILES
    assert sandbox.git("ls-tree", "-r", "--name-only", "HEAD").split("\n") == FILES
    assert sandbox.git("status", "--porcelain") == ""
    assert sandbox.git("branch", "--show-current") == "main"
    assert sandbox.git("log", "--format=%s|%an|%ae") == (
        "Set up the workspace and oslo-2027|Sanna Lind|sanna.lind@example.org"
    )
    workspace = opened(sandbox)
    [meeting] = workspace.catalog.meetings
    assert (workspace.catalog.problems, meeting.id, meeting.seats) == ([], "oslo-2027", 20)
    assert [str(moment)[:10] for moment in (meeting.closes, meeting.starts, meeting.ends)] == [
        "2027-03-31",
        "2027-04-30",
        "2027-05-01",
    ]
    sandbox.application("k7m2qx", "oslo-2027")
    sandbox.commit()
    assert len(decide(opened(sandbox), "accept", ["k7m2qx"])) == 1


def test_a_name_with_quotes_and_backslashes_is_kept(sandbox_at, opened):
    sandbox = sandbox_at("new")
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(
        '[user]\n\tname = "Ann \\"the\\\\one\\" Ó"\n\temail = a@example.org\n'
    )
    init(sandbox.root, "oslo-2027")
    [member] = opened(sandbox).team().members
    assert (member.name, member.email, member.roles) == ('Ann "the\\one" Ó', "a@example.org", ("organiser",))


def test_in_a_repository_it_commits_its_own_files_only(sandbox_at):
    sandbox = sandbox_at("there")
    sandbox.write("notes.txt", "staged\n")
    sandbox.git("init", "--quiet")
    sandbox.git("add", "notes.txt")
    init(sandbox.root, "oslo-2027")
    assert sandbox.git("ls-tree", "-r", "--name-only", "HEAD").split("\n") == FILES
    assert sandbox.git("status", "--porcelain") == "A  notes.txt"


@pytest.mark.parametrize("folder", ["new", "deep/er/new", "."])
def test_without_an_identity_nothing_is_there_afterwards(folder, sandbox_at, tmp_path):
    sandbox = sandbox_at("home")
    sandbox.root.mkdir()
    sandbox.be("")
    with pytest.raises(NoIdentity):
        init(sandbox.root / folder)
    assert list(sandbox.root.iterdir()) == []


def test_without_an_identity_a_repository_that_was_there_is_untouched(sandbox_at):
    sandbox = sandbox_at("there")
    sandbox.root.mkdir()
    sandbox.git("init", "--quiet")
    before = sandbox.everything()
    sandbox.be("")
    with pytest.raises(NoIdentity):
        init(sandbox.root)
    assert sandbox.everything() == before


def test_an_identity_that_depends_on_the_place_is_found(sandbox_at, tmp_path):
    sandbox = sandbox_at("work/new")
    other = tmp_path / "work.config"
    other.write_text("[user]\n\tname = Dario Conti\n\temail = dario.conti@example.org\n")
    Path(os.environ["GIT_CONFIG_GLOBAL"]).write_text(f'[includeIf "gitdir:{tmp_path}/work/"]\n\tpath = {other}\n')
    init(sandbox.root)
    assert sandbox.git("log", "--format=%an") == "Dario Conti"


def test_a_workspace_that_exists_is_left_alone(workspace):
    before = workspace.everything()
    with pytest.raises(WorkspaceExists) as refusal:
        init(workspace.root)
    assert str(refusal.value) == (
        f"{workspace.root} is a workspace already; 'callforth --workspace {workspace.root}' opens it"
    )
    assert workspace.everything() == before


def test_a_folder_inside_another_repository_is_refused_and_not_made(sandbox_at):
    sandbox = sandbox_at("outer")
    sandbox.root.mkdir()
    sandbox.git("init", "--quiet")
    with pytest.raises(InsideRepository) as refusal:
        init(sandbox.root / "inner")
    assert str(refusal.value) == (
        f"{sandbox.root}/inner lies inside another git repository; start at its top, or outside of it"
    )
    assert not (sandbox.root / "inner").exists()


@pytest.mark.parametrize("name", ["Oslo 2027", "../up", "", "oslo/2027", "x" * 65])
def test_a_meeting_needs_a_plain_name(name, tmp_path):
    with pytest.raises(UsageError) as refusal:
        init(tmp_path / "new", name)
    assert str(refusal.value) == (f"'{name}' cannot name a meeting; use lower case words and hyphens, like oslo-2027")
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError) as refusal:
        init(tmp_path / "file" / "new")
    assert str(refusal.value) == f"{tmp_path}/file/new cannot be made (Not a directory)"


def test_where_a_hook_of_the_user_refuses_nothing_new_stays_behind(sandbox_at, tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    sandbox = sandbox_at("new")
    config = Path(os.environ["GIT_CONFIG_GLOBAL"])
    config.write_text(config.read_text() + f"[core]\n\thooksPath = {hooks}\n")
    with pytest.raises(GitFailed) as refusal:
        init(sandbox.root)
    assert str(refusal.value) == "git could not make the first commit: no"
    assert not sandbox.root.exists()
