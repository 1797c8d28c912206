"""Sound histories kept, copied and configured in all ways of git's, in which the audit must find nothing."""

from __future__ import annotations

import shutil

import pytest

from .building import start
from .forging import path


def test_sha256(tmp_path, keys, found, history):
    """A repository whose objects are named by SHA-256"""
    later = start(tmp_path / "sha256", keys, objects="sha256")
    later.callforth("shortlist", "k7m2qx")
    later.callforth("audit", "seal")
    later.decide("k7m2qx", "declined", "Another subject.", by="dario")
    history.root = later.root
    found()


def test_nothing_decided_yet(tmp_path, keys, found, history):
    """A workspace in which nobody has decided anything"""
    history.root = start(tmp_path / "new", keys).root
    found()


def test_practice(practice_made, tmp_path, found, history):
    """The practice workspace, which nobody signs"""
    shutil.copytree(practice_made, tmp_path / "practice", symlinks=True)
    history.root = tmp_path / "practice"
    found()


@pytest.mark.parametrize(
    "ways",
    [
        pytest.param([()], id="clone"),
        pytest.param([("--no-hardlinks",)], id="clone --no-hardlinks"),
        pytest.param([("--bare",), ()], id="clone --bare, cloned"),
        pytest.param([("--mirror",), ("--no-local",)], id="clone --mirror, cloned"),
        pytest.param([("--single-branch",)], id="clone --single-branch"),
    ],
)
def test_cloned(history, found, ways):
    """The history in a"""
    digest = history.digest("seal/0003")
    for number, options in enumerate(ways):
        history.root = history.clone(f"clone-{number}", *options).root
    found(options=("--digest", digest))


@pytest.mark.parametrize(
    "command",
    ["gc --quiet --prune=now", "repack -a -d -q", "pack-refs --all", "commit-graph write --reachable", "fsck --strict"],
)
def test_kept(history, found, command):
    """The history after git"""
    history.git(*command.split(" "))
    found()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("i18n.logOutputEncoding", "ISO-8859-1"),
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("color.ui", "always"),
        ("diff.renames", "false"),
        ("gpg.format", "openpgp"),
        ("gpg.ssh.allowedSignersFile", "/dev/null"),
        ("core.commitGraph", "false"),
        ("tag.sort", "-taggerdate"),
    ],
)
def test_configured(history, found, name, value):
    """A clone that is configured to have"""
    fork = history.id()
    history.decide("73b9mt", "shortlisted")
    theirs = history.decide("r9ndwj", "declined", onto=fork, by="dario")
    history.git("merge", "--quiet", "--no-edit", theirs)
    history.git("config", name, value)
    found()


def test_partial(history, found, tmp_path):
    """A clone that gets files only when it needs them"""
    history.git("config", "uploadpack.allowFilter", "true")
    history.git("config", "uploadpack.allowAnySHA1InWant", "true")
    history.git("clone", "--quiet", "--filter=blob:none", f"file://{history.root}", str(tmp_path / "partial"))
    history.root = tmp_path / "partial"
    found()


def test_detached(history, found):
    """A checkout of the last commit that is on no branch"""
    history.git("switch", "--quiet", "--detach")
    found()


def test_worktree(history, found):
    """A second worktree of the clone"""
    history.git("worktree", "add", "--quiet", "../second", "-b", "second")
    history.root = history.root.parent / "second"
    found()


def test_uncommitted(history, found):
    """Edits that are not committed"""
    (history.root / path("73b9mt")).write_text(history.with_status("73b9mt", "accepted"))
    found()
