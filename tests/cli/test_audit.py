"""The audit on the command line: what it prints in which form, how it ends, and where it cannot be done."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys

import pytest

EVIL = "A\u202eB\u009b31mC\x1b[31m"
EVIL_EMAIL = "x\x1b[2J\u202e@example.org"
RAW = set("\x1b\u202e\u009b")
KEYS = ["rule", "says", "remedy", "commit", "path", "line", "meeting", "application"]


@pytest.fixture
def told(workspace):
    """A short history: arrivals, two decisions, of which one has a reason that means something to other programs."""
    workspace.done("accept", "k7m2qx", "-m", "=HYPERLINK(1) | <b>")
    workspace.done("tag", "k7m2qx", "+late")
    return workspace


def _ended(ran, code, says):
    assert (ran.code, ran.out, ran.err) == (code, "", f"callforth: {says}\n")


def _rows(workspace, form, *more):
    ran = workspace.run("audit", "ledger", *more, "--format", form)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.removesuffix("\n").split("\n")


# The ledger


def test_the_table(told):
    rows = _rows(told, "table")
    assert [row[:6] for row in rows] == ["1e3456", "3fh9td", "3fk000", "k7m2qx", "k7m2qx", "k7m2qx"]
    assert [row.split("  ")[4] for row in rows] == [*["came in as received"] * 4, "received → accepted", "tags +late"]
    assert rows[4].endswith("=HYPERLINK(1) | <b>")
    assert told.run("audit", "ledger").out.removesuffix("\n").split("\n") == rows


def test_csv_has_nothing_that_a_spreadsheet_would_run(told):
    rows = [row.removesuffix("\r") for row in _rows(told, "csv")]
    assert rows[0] == "at,commit,by,meeting,application,kind,from,to,tags,reason,recorded"
    commit = told.git("rev-parse", "HEAD~")
    at = told.git("log", "-1", "--format=%aI", commit).replace("Z", "+00:00")
    decided = f"{at},{commit},sanna.lind@example.org,oslo-2022,k7m2qx,decision,received,accepted,"
    assert rows[5].startswith(decided)
    reason = rows[5].removeprefix(decided)
    assert (reason[0], "=HYPERLINK(1) | <b>" in reason, reason.startswith(",=")) == (",", True, False)
    assert rows[6].split(",")[5:9] == ["tags", "accepted", "accepted", "'+late"]


def test_markdown_has_nothing_that_ends_a_cell(told):
    rows = _rows(told, "md")
    assert rows[:2] == [
        "| at | commit | by | meeting | application | kind | from | to | tags | reason | recorded |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    assert all(row.count("|") - row.count("\\|") == 12 for row in rows)
    assert rows[6].endswith(r"| \=HYPERLINK(1) \| \<b\> | yes |")


def test_jsonl_is_the_canonical_form(told):
    rows = [json.loads(row) for row in _rows(told, "jsonl")]
    assert [(row["application"], row["kind"]) for row in rows] == [
        *((id, "arrival") for id in ("1e3456", "3fh9td", "3fk000", "k7m2qx")),
        ("k7m2qx", "decision"),
        ("k7m2qx", "tags"),
    ]
    assert rows[4]["reason"] == "=HYPERLINK(1) | <b>"


def test_one_meeting_of_several(told):
    told.meeting("bergen-2023")
    told.application("zfajtz", "bergen-2023")
    told.commit()
    assert len(_rows(told, "jsonl")) == 7
    assert [json.loads(row)["application"] for row in _rows(told, "jsonl", "bergen-2023")] == ["zfajtz"]
    assert len(_rows(told, "jsonl", "oslo-2022")) == 6


@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "md"])
def test_a_meeting_without_entries_and_one_that_is_unknown(told, form):
    told.meeting("bergen-2023")
    told.commit("Announce\n")
    heads = {"csv": 1, "md": 2}
    out = told.run("audit", "ledger", "bergen-2023", "--format", form).out
    assert out.count("\n") == heads.get(form, 0)
    ran = told.run("audit", "ledger", "nowhere", "--format", form)
    _ended(ran, 2, "there is no meeting 'nowhere' here; there is: oslo-2022, bergen-2023")


def test_a_meeting_that_is_gone_still_has_its_ledger(told):
    told.git("rm", "--quiet", "-r", "meetings/oslo-2022", "applications/oslo-2022")
    told.git("commit", "--quiet", "--message", "Clean up\n")
    assert len(_rows(told, "table", "oslo-2022")) == 10


# Verifying


def test_what_is_sound(told):
    ran = told.run("audit", "verify")
    assert (ran.code, ran.out, ran.err) == (
        0,
        "",
        f"sound at {told.head()[:12]} (3 commits, 1 decision, no seal)\n",
    )
    ran = told.run("audit", "verify", "--json")
    assert (ran.code, ran.json, ran.err) == (0, {"sound": True, "findings": [], "notes": []}, "")


def test_what_is_not_sound(told):
    path = "applications/oslo-2022/3fh9td.md"
    told.write(path, told.read(path).replace("status: received", "status: declined"))
    commit = told.commit("Tidy up\n")
    told.write("meetings/oslo-2022/call.md", told.read("meetings/oslo-2022/call.md").replace("seats: 3", "seats: 4"))
    noted = told.commit("Another chair\n")
    says = "received became declined, and the commit does not say so"
    remedy = "ask who committed it, and decide again with a reason that says so"
    note = "the call was changed after 4 applications came in: seats 3 -> 4"
    ran = told.run("audit", "verify")
    assert (ran.code, ran.out.split("\n")[:2]) == (
        1,
        [
            f"{commit[:12]} {path}: unrecorded: {says}; {remedy}",
            f"note: {noted[:12]} meetings/oslo-2022/call.md: call-changed: {note}; say in the report why",
        ],
    )
    assert ran.err == f"NOT SOUND: 1 finding at {noted[:12]} (5 commits, 2 decisions, no seal)\n"
    ran = told.run("audit", "verify", "--json")
    assert (ran.code, list(ran.json), ran.err) == (1, ["sound", "findings", "notes"], "")
    values = ["unrecorded", says, remedy, commit, path, 0, "oslo-2022", "3fh9td"]
    assert ran.json["findings"] == [dict(zip(KEYS, values, strict=True))]
    assert [set(one) for one in ran.json["notes"]] == [set(KEYS)]


def test_a_finding_names_the_line(told):
    path = "applications/oslo-2022/3fh9td.md"
    told.write(path, told.read(path).replace("status: received\n", "status: received\nstatus: accepted\n"))
    commit = told.commit("Tidy up\n")
    ran = told.run("audit", "verify", "--json")
    assert [(one["rule"], one["commit"], one["line"]) for one in ran.json["findings"]] == [("unreadable", commit, 4)]
    assert f"{commit[:12]} {path}:4: unreadable: " in told.run("audit", "verify").out


def test_what_was_rewritten_is_found_until_it_is_forgotten(told):
    assert told.run("audit", "verify").code == 0
    tip = told.head()
    told.git("reset", "--quiet", "--hard", "HEAD~")
    told.done("tag", "k7m2qx", "+early")
    for options in ((), (), ("--fresh",)):
        found = told.run("audit", "verify", "--json", *options).json["findings"]
        assert [(one["rule"], one["commit"]) for one in found] == [("rewritten", tip)]
    assert told.run("audit", "verify", "--forget").code == 0
    assert told.run("audit", "verify").code == 0


def test_each_branch_is_remembered_by_itself(told):
    assert told.run("audit", "verify").code == 0
    told.git("switch", "--quiet", "--create", "other", "HEAD~2")
    assert told.run("audit", "verify").code == 0
    told.done("decline", "3fh9td")
    assert told.run("audit", "verify").code == 0
    told.git("switch", "--quiet", "main")
    assert told.run("audit", "verify").code == 0
    seen = json.loads((told.root / ".git/callforth/audit.json").read_text())["tips"]
    names = ("refs/heads/main", "refs/heads/other")
    assert seen == {name: told.git("rev-parse", name) for name in names}


def test_no_branch_is_not_remembered(told):
    told.git("switch", "--quiet", "--detach")
    assert told.run("audit", "verify").code == 0
    told.git("reset", "--quiet", "--hard", "HEAD~")
    ran = told.run("audit", "verify")
    assert (ran.code, ran.err) == (0, f"sound at {told.head()[:12]} (2 commits, 1 decision, no seal)\n")
    assert len(_rows(told, "jsonl")) == 5


# Where it cannot be done


@pytest.mark.parametrize("words", [["verify"], ["ledger"], ["seal", "--unsigned"], ["countersign", "--all"]])
def test_a_shallow_clone_is_refused(told, tmp_path, words):
    told.git("clone", "--quiet", "--depth=1", f"file://{told.root}", str(tmp_path / "shallow"))
    shallow = type(told)(tmp_path / "shallow")
    says = "this clone is shallow: a part of history is not here; get it with 'git fetch --unshallow' first"
    _ended(shallow.run("audit", *words), 4, says)
    shallow.git("fetch", "--quiet", "--unshallow")
    assert shallow.run("audit", "verify").code == 0


@pytest.mark.parametrize("words", [["verify"], ["ledger"]])
def test_where_nothing_is_committed_there_is_nothing_to_audit(told, words):
    told.git("switch", "--quiet", "--orphan", "empty")
    told.git("restore", "--source=main", "--worktree", ".")
    _ended(told.run("audit", *words), 4, "nothing is committed yet on this branch; there is nothing to audit")


def test_where_there_is_no_repository(tmp_path, workspace):
    ran = type(workspace)(tmp_path).run("audit", "verify")
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)


def _step_back():
    """Give up root's right to write anywhere, for the program that is started next (prctl's PR_CAPBSET_DROP)."""
    if os.geteuid() == 0:
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None, use_errno=True).prctl(24, capability, 0, 0, 0)


@pytest.fixture
def read_only(told):
    """Run a command in a workspace in which nothing may be written."""
    folders = [path for path in (told.root, *told.root.rglob("*")) if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)

    def run(*words):
        command = [sys.executable, "-m", "callforth", *words]
        return subprocess.run(command, cwd=told.root, capture_output=True, check=False, preexec_fn=_step_back)

    yield run
    for folder in folders:
        folder.chmod(0o755)


def test_where_nothing_may_be_written_it_verifies_and_says_that_nothing_is_remembered(read_only, told):
    done = read_only("audit", "verify")
    place = told.root / ".git/callforth/audit.json"
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == (
        f"sound at {told.head()[:12]} (3 commits, 1 decision, no seal)\n"
        "where branches and seals are is not remembered for the next audit: "
        f"{place} cannot be written (Permission denied); free the place and try again\n"
    )
    assert not place.exists()
    assert len(read_only("audit", "ledger", "--format", "jsonl").stdout.splitlines()) == 6
    done = read_only("audit", "verify", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"sound": True, "findings": [], "notes": []})


# Other ways to keep a history


def _sound(sandbox, ledger):
    ran = sandbox.run("audit", "verify")
    assert (ran.code, ran.out) == (0, "")
    assert sandbox.run("audit", "ledger", "--format", "jsonl").out == ledger


def test_in_a_worktree(told, tmp_path):
    ledger = told.run("audit", "ledger", "--format", "jsonl").out
    told.git("worktree", "add", "--quiet", "-b", "second", str(tmp_path / "second"))
    second = type(told)(tmp_path / "second")
    _sound(second, ledger)
    second.done("audit", "seal", "--unsigned")
    _sound(told, ledger)
    seen = json.loads((told.root / ".git/callforth/audit.json").read_text())
    assert (list(seen["tips"]), list(seen["seals"])) == (["refs/heads/main", "refs/heads/second"], ["seal/0001"])


def test_in_a_clone_that_gets_files_when_it_needs_them(told, tmp_path):
    told.git("config", "uploadpack.allowFilter", "true")
    told.git("config", "uploadpack.allowAnySHA1InWant", "true")
    ledger = told.run("audit", "ledger", "--format", "jsonl").out
    told.git("clone", "--quiet", "--filter=blob:none", f"file://{told.root}", str(tmp_path / "partial"))
    _sound(type(told)(tmp_path / "partial"), ledger)


def test_in_a_repository_of_sha256(told, tmp_path):
    ledger = told.run("audit", "ledger", "--format", "jsonl").out
    long = type(told)(tmp_path / "long")
    long.root.mkdir()
    long.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    exported = told.git("fast-export", "main")
    long.git("fast-import", "--quiet", stdin=exported.encode())
    long.git("reset", "--quiet", "--hard")
    assert len(long.head()) == 64
    _sound(long, ledger)
    long.done("undo", "--yes")
    assert long.done("audit", "seal", "--unsigned")["commit"] == long.head()
    assert long.run("audit", "verify", "--fresh").code == 0


# Who reads it


def test_progress_is_for_a_person_at_a_terminal(told, in_terminal):
    code = (
        "import sys; import callforth.cli.common as common; common._BLINK = 0; "
        "from callforth.cli.main import main; main(['audit', 'verify'])"
    )
    ended, shown = in_terminal([sys.executable, "-c", code], cwd=told.root)
    assert (ended, b"\rreading 3 of 3 commits \x1b[K" in shown) == (0, True)
    assert b"\r\x1b[Ksound at " in shown
    assert b"reading" not in told.run("audit", "verify", "--fresh").err_bytes


@pytest.mark.parametrize("form", ["table", "jsonl", "csv", "md"])
def test_a_reader_that_goes_early_is_no_error(told, form):
    command = f"'{sys.executable}' -m callforth audit ledger --format {form} | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=told.root, capture_output=True)
    assert (done.returncode, done.stdout.count(b"\n"), done.stderr) == (0, 1, b"")


def test_a_reader_that_is_gone_before_anything_is_written(told):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "callforth", "audit", "ledger", "--format", "jsonl"]
    done = subprocess.run(command, cwd=told.root, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert done.stderr == b""


def test_nothing_hostile_reaches_the_terminal(told):
    who = ("-c", f"user.name={EVIL}", "-c", f"user.email={EVIL_EMAIL}")
    told.write(f"applications/oslo-2022/{EVIL}.md", "x")
    told.write(f"meetings/oslo-2022/{EVIL}", "x")
    told.application("zfajtz")
    path = "applications/oslo-2022/3fh9td.md"
    told.write(path, told.read(path).replace("status: received", "status: declined"))
    told.git("add", "--all")
    told.git(*who, "commit", "--quiet", "--message", f"{EVIL}\n\n{EVIL}\n\nApplication: oslo-2022/3fh9td\n")
    told.git(*who, "tag", "-a", "-m", EVIL, "seal/\u202e\u009b31m")
    for words in (
        ["verify"],
        ["verify", "--json"],
        ["ledger"],
        *(["ledger", "--format", f] for f in ("csv", "md", "jsonl")),
    ):
        ran = told.run("audit", *words)
        assert (words, ran.code, RAW & set(ran.out + ran.err)) == (words, int("verify" in words), set())
    rules = {one["rule"] for one in told.run("audit", "verify", "--json").json["findings"]}
    assert {"role", "seal", "unreadable", "record-disagrees"} <= rules


def test_alone_it_says_what_there_is(workspace):
    ran = workspace.run("audit")
    assert (ran.code, ran.err) == (0, "")
    assert [name for name in ("ledger", "verify", "seal", "countersign", "report", "explain") if name in ran.out] == [
        "ledger",
        "verify",
        "seal",
        "countersign",
        "report",
        "explain",
    ]
