"""`callforth serve` as a program: it says where it is, serves, and ends well; what keeps it from that is a sentence."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

import pytest


@pytest.fixture
def open_call(workspace):
    call = workspace.read("meetings/oslo-2022/call.md").replace("2022-", "2090-")
    workspace.write("meetings/oslo-2090/call.md", call)
    workspace.commit("Call for 2090")
    return workspace


def test_it_serves_until_it_is_told_to_stop(open_call):
    open_call.write("callforth.toml", 'signatures = "required"\n' + open_call.read("callforth.toml"))
    open_call.commit("Ask for signatures")
    command = [sys.executable, "-m", "callforth", "serve", "oslo-2090", "--port", "0", "--branch", "intake", "--json"]
    process = subprocess.Popen(command, cwd=open_call.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        said = json.loads(process.stdout.readline())
        assert (said["meeting"], said["branch"]) == ("oslo-2090", "intake")
        with urllib.request.urlopen(f"{said['url']}/health", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        again = open_call.run("serve", "oslo-2090", "--port", "0")
        assert (again.code, again.err.split(";")[0]) == (
            3,
            "callforth: oslo-2090 is served from this workspace already",
        )
        taken = open_call.run("serve", "oslo-2090", "--port", said["url"].rpartition(":")[2])
        assert (taken.code, taken.err.rpartition("; ")[2]) == (2, "choose another\n")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, b"")
        lines = err.decode().splitlines()
        outbox = open_call.root / ".git/callforth/outbox"
        assert [line for line in lines if "health" not in line] == [
            "serving oslo-2090; applications go to the branch intake in the name of Sanna Lind",
            "the call closes on 2090-09-09 23:59 +0200",
            "meetings/oslo-2090/call.md:11: 'contact' is still what a new workspace's call begins with; "
            "write the meeting's own",
            "the call is published on 2090-08-01, and whoever has the address sees it now",
            "signatures are required, and git signs nothing here: set user.signingKey and commit.gpgSign",
            "that is you, who may also decide; give the form a name of its own, which may not",
            "add to callforth.toml, and commit it:",
            "  [team.form]",
            '  name = "The form"',
            '  email = "form@example.org"',
            '  roles = ["form"]',
            "then say: git config callforth.serve.identity 'The form <form@example.org>'",
            f"confirmations stay in {outbox}: no mail server is set",
            "stopped; everything that came in is committed",
        ]
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--identity", "A <a@example.org>"], 3, "a@example.org is not in the team"),
        (["--identity", "H <hedda.nystrom@example.org>"], 3, "hedda.nystrom@example.org is no organiser"),
        (["--branch", "a..b"], 2, "'a..b' cannot be the name of a branch"),
        (["--url", "ftp://x"], 2, "callforth.serve.url is 'ftp://x'"),
        (["--host", "203.0.113.1"], 2, "203.0.113.1 port"),
        (["--host", "a..b"], 2, "a..b port 0 cannot be listened on (it is no name of a host); choose another"),
    ],
)
def test_what_keeps_it_from_serving_is_said(open_call, words, code, says):
    before = open_call.everything()
    ran = open_call.run("serve", "oslo-2090", "--port", "0", *words)
    assert (ran.code, ran.err.count("\n"), says in ran.err) == (code, 1, True)
    assert {name for name, data in open_call.everything().items() if before.get(name) != data} <= {
        ".git/callforth/outbox", ".git/callforth/lock"
    }  # fmt: skip
