"""The remote: which it is, what fetch and push do, and what is said where they fail."""

from __future__ import annotations

import http.server
import os
import socket
import threading
import time
from itertools import count

import pytest

from callforth.repo import remote
from callforth.repo.git import GitFailed
from callforth.repo.remote import NoPushOptions, Offline, Refused, Rejected, Remote, RemoteGone, Unwelcome


@pytest.fixture
def bare(place, tmp_path):
    """A bare repository with what `place` has, as its origin."""
    place.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    place.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    return type(place)(tmp_path / "bare.git")


@pytest.fixture
def served():
    """Answer every request with one status; yields a function that returns the URL."""
    servers = []

    def serve(status):
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Basic realm="here"')
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://sanna:s3cret@127.0.0.1:{servers[-1].server_port}/team.git"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def _commit(place, name):
    place.git("commit", "--quiet", "--allow-empty", f"--message={name}")
    return place.head()


def _here(repository):
    found = remote.of(repository)
    assert found is not None
    return found


def test_the_remote_is_the_upstream_or_the_only_one_or_origin(place, opened):
    repository = opened(place)
    assert remote.of(repository) is None
    place.git("remote", "add", "team", "/srv/team.git")
    assert remote.of(repository) == Remote("team", "/srv/team.git", "main")
    place.git("remote", "add", "other.one", "ssh://sanna@git.example.org/x.git")
    assert remote.of(repository) is None
    place.git("remote", "add", "origin", "https://sanna:s3cret@git.example.org/x.git")
    assert _here(repository) == Remote("origin", "https://sanna:s3cret@git.example.org/x.git", "main")
    assert _here(repository).shown == "https://git.example.org/x.git"
    place.git("config", "branch.main.remote", "other.one")
    place.git("config", "branch.main.merge", "refs/heads/trunk/main")
    assert _here(repository) == Remote("other.one", "ssh://sanna@git.example.org/x.git", "trunk/main")
    assert _here(repository).tracking == "refs/remotes/other.one/trunk/main"
    place.git("config", "url.https://git.example.org/.insteadOf", "team:")
    place.git("config", "remote.other.one.url", "team:oslo.git")
    assert _here(repository).url == "https://git.example.org/oslo.git"


def test_what_was_fetched_and_pushed_is_there(place, bare, opened):
    repository = opened(place)
    here = _here(repository)
    told = []
    remote.fetch(repository, here, lambda done, total: told.append((done, total)))
    assert repository.commit(here.tracking) == place.head()
    made = _commit(place, "Mine")
    assert remote.push(repository, "origin", ["main:refs/heads/main", "main:refs/heads/review/x"]) == ""
    assert bare.git("rev-parse", "main", "review/x") == f"{made}\n{made}"
    # A tag that was moved over there (a seal, say) is not taken over without a word.
    bare.git("tag", "--force", "seal/0001", "main~1")
    place.git("tag", "seal/0001", "main")
    place.git("config", "remote.origin.tagOpt", "--tags")
    with pytest.raises(GitFailed, match=r"! \[rejected\] seal/0001 +-> seal/0001 +\(would clobber existing tag\)"):
        remote.fetch(repository, here)
    place.git("config", "--unset", "remote.origin.tagOpt")
    # A clone that is configured to fetch another branch only learns of its own all the same.
    place.git("config", "remote.origin.fetch", "+refs/heads/review/x:refs/remotes/origin/review/x")
    place.git("update-ref", "-d", here.tracking)
    remote.fetch(repository, here)
    assert place.git("for-each-ref", "--format=%(refname:short)", "refs/remotes") == "origin/main\norigin/review/x"
    assert not (place.root / ".git/FETCH_HEAD").exists()


def test_a_push_that_came_second_or_is_refused_says_so(place, bare, opened, tmp_path):
    repository = opened(place)
    place.git("clone", "--quiet", str(bare.root), str(tmp_path / "other"))
    other = type(place)(tmp_path / "other")
    _commit(other, "Theirs")
    other.git("push", "--quiet")
    _commit(place, "Mine")
    with pytest.raises(Rejected, match=r"^main of 'origin' has commits that are not here; fetch and merge them first"):
        remote.push(repository, "origin", ["main:main"])
    bare.hook("pre-receive", "echo 'one: \x1b[31mno\x1b[m way' >&2; echo 'two: ask Dario' >&2; exit 1", "hooks")
    with pytest.raises(Refused) as raised:
        remote.push(repository, "origin", ["main:new"])
    assert str(raised.value) == (
        "'origin' refused what was pushed to new: one: ␛[31mno␛[m way; two: ask Dario; pre-receive hook declined"
    )
    assert type(raised.value) is Refused
    (bare.root / "hooks/pre-receive").unlink()
    with pytest.raises(NoPushOptions):
        remote.push(repository, "origin", ["main:new"], ["merge_request.create"])
    bare.git("config", "receive.advertisePushOptions", "true")
    bare.hook("post-receive", 'echo "options: $GIT_PUSH_OPTION_0" >&2', "hooks")
    assert remote.push(repository, "origin", ["main:new"], ["topic=x y"]) == "options: topic=x y"
    place.hook("pre-push", "echo 'tests fail' >&2; exit 1")
    with pytest.raises(GitFailed, match=r"^git could not push to 'origin': tests fail$"):
        remote.push(repository, "origin", ["main:newer"])


def test_each_way_of_not_getting_through_has_its_own_sentence(place, opened, served, tmp_path):
    repository = opened(place, interactive=False)
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    tries = {
        served(401): (Unwelcome, "'origin' does not let you in: "),
        served(403): (Unwelcome, "'origin' does not let you in: "),
        served(404): (RemoteGone, "there is no repository at 'origin' (any more), or you may not see it: "),
        served(503): (Offline, "'origin' cannot be reached: "),
        f"http://sanna:s3cret@127.0.0.1:{port}/x.git": (Offline, "'origin' cannot be reached: "),
        f"ssh://git@127.0.0.1:{port}/x.git": (Offline, "'origin' cannot be reached: "),
        str(tmp_path / "gone.git"): (RemoteGone, "there is no repository at 'origin' (any more)"),
    }
    for url, (error, says) in tries.items():
        place.git("config", "remote.origin.url", url)
        for act in (lambda: remote.fetch(repository, _here(repository)),
                    lambda: remote.push(repository, "origin", ["main:main"])):  # fmt: skip
            with pytest.raises(error) as raised:
                act()
            assert type(raised.value) is error, url
            assert str(raised.value).startswith(says), url
            assert "s3cret" not in str(raised.value)
            assert "\n" not in str(raised.value)


@pytest.mark.parametrize("interactive", [True, False])
def test_a_remote_that_hangs_is_given_up_after_its_time_or_when_stopped(place, opened, interactive):
    repository = opened(place, interactive=interactive)
    silent = socket.create_server(("127.0.0.1", 0))
    place.git("remote", "add", "origin", f"http://127.0.0.1:{silent.getsockname()[1]}/x.git")
    place.git("config", "callforth.timeout", "1")
    began = time.monotonic()
    with pytest.raises(Offline, match=r"^'origin' did not answer for 1 second$"):
        remote.fetch(repository, _here(repository))
    assert 1 <= time.monotonic() - began < 4
    for wrong in ("abc", "nan", "-1", "inf"):
        place.git("config", "callforth.timeout", wrong)
        with pytest.raises(remote.BadTimeout, match=f"is '{wrong}'; set it to a number of seconds above 0, such as 60"):
            remote.fetch(repository, _here(repository))
    place.git("config", "callforth.timeout", "60")
    counted = count()

    def stop(done, total):
        if next(counted) == 2:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        remote.push(repository, "origin", ["main:main"], progress=stop)
    assert time.monotonic() - began < 4
    silent.close()


def test_ssh_never_asks_inside_the_interface(place, opened, tmp_path, monkeypatch):
    said = tmp_path / "said"
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {said}\necho "Permission denied (publickey)." >&2\nexit 255\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    place.git("remote", "add", "origin", "ssh://git@git.example.org/x.git")
    for interactive, asks in ((True, False), (False, True)):
        said.write_text("")
        repository = opened(place, interactive=interactive)
        with pytest.raises(Unwelcome, match=r"Permission denied \(publickey\)"):
            remote.fetch(repository, _here(repository))
        assert ("BatchMode=yes" in said.read_text()) is asks
