"""Pull requests are opened by the forge's program, by push options, or by a link; with a bare repository as server."""

import json
import os
import stat
import sys
from urllib.parse import parse_qsl, urlsplit

import pytest

from callforth.repo import remote as remotes
from callforth.workflow import forge

_BRANCH = "review/oslo-2022/hedda"
_TEXT = "## Reviews\n\n- one\n"


class Server:
    """A bare repository that takes what is pushed to a web address, and records push options; it answers `says`."""

    def __init__(self, sandbox, monkeypatch) -> None:
        self.sandbox = sandbox
        self.root = sandbox.root.parent / "server.git"
        sandbox.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.root))
        sandbox.git("push", "--quiet", str(self.root), "main")
        sandbox.git("branch", _BRANCH)
        self.programs = sandbox.root.parent / "programs"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}:{os.environ['PATH']}")

    def at(self, url: str, options: bool = True, says: str = ""):
        """Be the remote at a web address; return it."""
        self.sandbox.git("config", f"url.{self.root}.pushInsteadOf", url)
        self.sandbox.git("remote", "add", "origin", url)
        self.sandbox.git("-C", str(self.root), "config", "receive.advertisePushOptions", str(options).lower())
        self._script(
            self.root / "hooks" / "pre-receive",
            "#!/bin/sh\ncat > refs.txt\ni=0\n: > options.txt\n"
            'while [ "$i" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do\n'
            'eval "echo \\"\\$GIT_PUSH_OPTION_$i\\"" >> options.txt\ni=$((i+1))\ndone\n'
            f"printf '%s\\n' '{says}' >&2\n",
        )
        found = remotes.of(self.repository)
        assert found is not None
        return found

    @property
    def options(self) -> list[str]:
        return (self.root / "options.txt").read_text().splitlines()

    @property
    def refs(self) -> list[str]:
        return [line.split(" ", 2)[2] for line in (self.root / "refs.txt").read_text().splitlines()]

    def program(self, name: str, prints: str = "", err: str = "", code: int = 0) -> None:
        """Put a program on PATH that records how it was called."""
        self._script(
            self.programs / name,
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"json.dump([sys.argv[1:], sys.stdin.read(), os.getcwd()], open({str(self.programs / 'called')!r}, 'w'))\n"
            f"print({prints!r}); print({err!r}, file=sys.stderr); sys.exit({code})\n",
        )

    @property
    def called(self):
        return json.loads((self.programs / "called").read_text())

    def _script(self, path, text: str) -> None:
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def submit(self, remote, title: str = "Reviews for oslo-2022: 1 review"):
        return forge.submit(self.repository, remote, _BRANCH, "main", title, _TEXT)


@pytest.fixture
def server(workspace, opened, monkeypatch) -> Server:
    made = Server(workspace, monkeypatch)
    made.repository = opened(workspace).repository
    return made


_PLACES = (
    ("https://github.com/team/call.git", "github", "https://github.com/team/call"),
    ("git@github.com:team/call.git", "github", "https://github.com/team/call"),
    ("ssh://git@gitlab.example.org:2222/a/b/call.git", "gitlab", "https://gitlab.example.org/a/b/call"),
    ("https://user:secret@codeberg.org/team/call/", "forgejo", "https://codeberg.org/team/call"),
    ("http://gitea.example.org:3000/team/call", "gitea", "http://gitea.example.org:3000/team/call"),
    ("git@bitbucket.org:team/call.git", "bitbucket", "https://bitbucket.org/team/call"),
    ("https://git.example.org/team/call", "", "https://git.example.org/team/call"),
)


def test_a_remotes_address_tells_its_page(server) -> None:
    remote = server.at("https://example.org/x")
    for url, name, page in _PLACES:
        server.sandbox.git("remote", "set-url", "origin", url)
        found = forge.place(server.repository, remote)
        assert found is not None
        assert (url, found.forge, found.url) == (url, name, page)


def test_a_folder_is_nowhere_on_the_web_and_a_setting_names_the_forge(server) -> None:
    remote = server.at("../server.git")
    assert forge.place(server.repository, remote) is None
    server.sandbox.git("config", "callforth.forge", "Gitea")
    server.sandbox.git("remote", "set-url", "origin", str(server.root))
    server.sandbox.git("switch", "--quiet", _BRANCH)
    server.sandbox.done("tag", "k7m2qx", "+late")
    ran = server.sandbox.run("propose", "submit", "--base", "main")
    assert "git's callforth.forge says gitea, but no link can be made of the remote's address" in ran.err
    server.sandbox.git("remote", "set-url", "origin", "https://git.example.org/team/call")
    assert forge.place(server.repository, remote) == forge.Place("gitea", "https://git.example.org", "team/call")
    server.sandbox.git("config", "callforth.forge", "sourceforge")
    with pytest.raises(forge.UnknownForge, match="'sourceforge'; set it to one of github, gitlab"):
        forge.place(server.repository, remote)


@pytest.mark.parametrize(
    ("name", "path", "asked"),
    [
        ("github", f"/t/c/compare/main...{_BRANCH}", {"expand": "1", "title": "A & B"}),
        (
            "gitlab",
            "/t/c/-/merge_requests/new",
            {
                "merge_request[source_branch]": _BRANCH,
                "merge_request[target_branch]": "main",
                "merge_request[title]": "A & B",
            },
        ),
        ("forgejo", f"/t/c/compare/main...{_BRANCH}", {}),
        ("bitbucket", "/t/c/pull-requests/new", {"source": _BRANCH, "dest": "main", "t": "1"}),
    ],
)
def test_links_lead_to_the_page_of_each_forge(name: str, path: str, asked: dict[str, str]) -> None:
    found = urlsplit(forge.link(forge.Place(name, "https://example.org", "t/c"), _BRANCH, "main", "A & B"))
    assert (found.path, dict(parse_qsl(found.query))) == (path, asked)


def test_without_a_program_a_link_is_given_and_the_branch_is_pushed(server) -> None:
    opened = server.submit(server.at("https://github.com/team/call.git"))
    assert (opened.how, opened.said) == ("link", "")
    assert opened.link.startswith(f"https://github.com/team/call/compare/main...{_BRANCH}?expand=1&title=Reviews+for")
    assert server.refs == [f"refs/heads/{_BRANCH}"]
    assert server.sandbox.git("config", f"branch.{_BRANCH}.remote") == "origin"
    assert server.sandbox.git("config", f"branch.{_BRANCH}.merge") == f"refs/heads/{_BRANCH}"


def test_a_server_that_is_not_known_may_give_the_link_itself(server) -> None:
    remote = server.at("https://git.example.org/team/call", says="Open it: https://git.example.org/new?b=1")
    assert server.submit(remote).link == "https://git.example.org/new?b=1"
    server.sandbox.git("commit", "--quiet", "--allow-empty", "--message", "More")
    server.sandbox.git("branch", "--force", _BRANCH)
    (server.root / "hooks" / "pre-receive").unlink()
    assert (server.submit(remote).how, server.submit(remote).link) == ("hand", "")


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        (
            "gh",
            "https://github.com/team/call.git",
            [
                "pr",
                "create",
                "--repo",
                "github.com/team/call",
                "--base",
                "main",
                "--head",
                _BRANCH,
                "--title",
                "T",
                "--body-file",
                "-",
            ],
        ),
        (
            "glab",
            "git@gitlab.com:team/call.git",
            [
                "mr",
                "create",
                "--repo",
                "https://gitlab.com/team/call",
                "--target-branch",
                "main",
                "--source-branch",
                _BRANCH,
                "--title",
                "T",
                "--description",
                _TEXT,
                "--yes",
            ],
        ),
        (
            "tea",
            "https://codeberg.org/team/call.git",
            [
                "pulls",
                "create",
                "--remote",
                "origin",
                "--base",
                "main",
                "--head",
                _BRANCH,
                "--title",
                "T",
                "--description",
                _TEXT,
            ],
        ),
    ],
)
def test_the_forges_program_opens_it(server, name: str, url: str, words: list[str]) -> None:
    server.program(name, prints="Created\nhttps://example.org/team/call/pull/7\n")
    opened = server.submit(server.at(url), "T")
    assert opened == forge.Opened(_BRANCH, "main", name, "https://example.org/team/call/pull/7", "")
    assert server.called == [words, _TEXT if name == "gh" else "", str(server.sandbox.root)]
    assert (server.refs, server.options) == ([f"refs/heads/{_BRANCH}"], [])


def test_one_that_is_open_already_is_found_and_a_program_that_fails_leaves_the_link(server) -> None:
    remote = server.at("https://github.com/team/call.git")
    err = "a pull request for branch already exists:\nhttps://github.com/team/call/pull/7"
    server.program("gh", err=err, code=1)
    assert server.submit(remote).link == "https://github.com/team/call/pull/7"
    server.program("gh", err="To get started with GitHub CLI, please run: gh auth login\n\x1b[2J", code=4)
    opened = server.submit(remote)
    assert (opened.how, opened.link.split("?")[0]) == ("link", f"https://github.com/team/call/compare/main...{_BRANCH}")
    assert opened.said == ("gh could not open it: To get started with GitHub CLI, please run: gh auth login")


def test_gitlab_opens_it_by_push_options(server) -> None:
    says = "View merge request: https://gitlab.com/team/call/-/merge_requests/7"
    opened = server.submit(server.at("https://gitlab.com/team/call.git", says=says), "T\nx")
    assert (opened.how, opened.link) == ("push", "https://gitlab.com/team/call/-/merge_requests/7")
    assert server.options == [
        "merge_request.create",
        "merge_request.target=main",
        "merge_request.title=T x",
        "merge_request.description=What it changes: callforth summary",
    ]
    assert server.refs == [f"refs/heads/{_BRANCH}"]


def test_forgejo_opens_it_by_a_push_for_its_target(server) -> None:
    remote = server.at("https://codeberg.org/team/call.git")
    opened = server.submit(remote, "T")
    assert (opened.how, opened.link) == ("push", "https://codeberg.org/team/call/pulls")
    assert server.refs == [f"refs/for/main/{_BRANCH}"]
    assert server.options == [f"topic={_BRANCH}", "title=T", "description=What it changes: callforth summary"]


def test_forgejo_also_gets_the_branch_on_which_files_were_handed_out_and_may_have_it_all(server) -> None:
    remote = server.at("https://codeberg.org/team/call.git")
    server.sandbox.git("update-ref", f"refs/remotes/origin/{_BRANCH}", "HEAD")
    server.submit(remote)
    assert server.refs == [f"refs/for/main/{_BRANCH}", f"refs/heads/{_BRANCH}"]
    server.sandbox.git("commit", "--quiet", "--allow-empty", "--message", "More")
    server.sandbox.git("branch", "--force", _BRANCH)
    hook = server.root / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'new commit is same with old commit' >&2\nexit 1\n")
    assert server.submit(remote).how == "push"
    hook.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    with pytest.raises(remotes.Refused, match="not today"):
        server.submit(remote)


def test_a_server_without_push_options_gets_the_branch_and_gives_the_link(server) -> None:
    opened = server.submit(server.at("https://gitlab.com/team/call.git", options=False))
    assert (opened.how, opened.link.split("?")[0]) == (
        "link",
        "https://gitlab.com/team/call/-/merge_requests/new",
    )
    assert server.refs == [f"refs/heads/{_BRANCH}"]
