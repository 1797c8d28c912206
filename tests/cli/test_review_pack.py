"""A blind review from the command line: handed out as packs, filled in elsewhere, taken in."""

import subprocess

from tests.conftest import call_main

_MINE = "meetings/oslo-2022/reviews/{}/hedda.md"


def test_a_pack_tells_where_it_is_and_whom_to_look_at(workspace, tmp_path) -> None:
    workspace.application("k7m2qx", applicant={"organisation": "the bridge"})
    workspace.commit()
    ran = workspace.run("review", "pack", "oslo-2022", str(tmp_path / "pack"), "--ids", "k7m,3fh9td")
    path = str(tmp_path / "pack")
    assert (ran.code, ran.out) == (0, f"{path}\n")
    assert ran.err == "2 applications of oslo-2022\n"  # the call does not say that an organisation is identity
    said = workspace.done("review", "pack", "oslo-2022", "review/oslo-2022/hedda", "--reviewer", "hedda")
    tip = workspace.git("rev-parse", "review/oslo-2022/hedda")
    assert (said["where"], said["commit"], said["telling"]) == ("review/oslo-2022/hedda", tip, {})
    assert sorted(said["ids"]) == ["1e3456", "3fh9td", "3fk000", "k7m2qx"]
    for words, code, says in (
        (("nowhere", path), 2, "no meeting 'nowhere'"),
        (("oslo-2022", path, "--reviewer", "nobody"), 2, "nobody in callforth.toml is called 'nobody'"),
        (("oslo-2022", path, "--ids", "zzzzzz"), 2, "zzzzzz"),
        (("oslo-2022", "inside"), 4, "name a folder outside"),
    ):
        ran = workspace.run("review", "pack", *words)
        assert (ran.code, says in ran.err) == (code, True), ran.err


def test_a_blind_review_goes_out_and_comes_back_without_a_name(workspace, tmp_path) -> None:
    """Organisers assign; the pack lies in a repository of its own; a browser edits it; organisers collect."""
    path = "meetings/oslo-2022/call.md"
    blind = "review:\n  each: 1\n  blind: true\ncriteria:\n"
    workspace.write(path, workspace.read(path).replace("criteria:\n", blind))
    workspace.commit()
    assert workspace.run("review", "assign", "oslo-2022").code == 0
    server = tmp_path / "blind.git"
    workspace.git("init", "--quiet", "--bare", "--initial-branch=main", str(server))
    workspace.git("push", "--quiet", str(server), "review/oslo-2022/hedda:main")
    objects = workspace.git("-C", str(server), "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    whole = "".join(workspace.git("-C", str(server), "cat-file", "-p", one) for one in objects)
    assert "Because of the bridge." in whole and "Person" not in whole and "k7m2qx@example.org" not in whole

    there = tmp_path / "browser"
    workspace.git("clone", "--quiet", str(server), str(there))
    file = there / _MINE.format("k7m2qx")
    file.write_text(file.read_text().replace("recommend:", "recommend: accept").replace("fit:", "fit: 4"))
    who = ["-c", "user.name=Hedda Nyström", "-c", "user.email=hedda.nystrom@example.org"]
    subprocess.run(["git", *who, "commit", "-qam", "Update hedda.md"], cwd=there, check=True)
    subprocess.run(["git", "push", "-q"], cwd=there, check=True)

    workspace.git("fetch", "--quiet", str(server), "main:refs/remotes/blind/main")
    ran = workspace.run("review", "collect", "blind/main")
    assert (ran.code, ran.out) == (0, f"{workspace.head()[:7]}  Review k7m2qx by hedda\n")
    assert ran.err == "1 review taken in; 0 here already, 3 not filled in, 0 refused\n"
    assert workspace.run("audit", "verify").code == 0
    assert workspace.done("show", "k7m2qx")["reviews"] == 1
    workspace.write(_MINE.format("k7m2qx"), workspace.read(_MINE.format("k7m2qx")).replace("fit: 4", "fit: 5"))
    workspace.be("hedda")
    workspace.commit("Review k7m2qx for oslo-2022")
    workspace.be("sanna")
    kept = workspace.run("review", "collect", "blind/main", "--json")
    says = "there is another review in its place here; --replace puts this one there"
    assert (kept.code, kept.json["refused"]) == (3, [{"path": _MINE.format("k7m2qx"), "line": 0, "says": says}])
    assert workspace.done("review", "collect", "blind/main", "--replace")["taken"] == [
        {"commit": workspace.head(), "application": "k7m2qx", "reviewer": "hedda"}
    ]


def test_in_a_pack_it_says_so_and_how_to_go_back_and_makes_no_workspace_there(workspace, tmp_path) -> None:
    pack = "review/oslo-2022/hedda"
    assert workspace.run("review", "pack", "oslo-2022", pack, "--reviewer", "hedda").code == 0
    clone = tmp_path / "clone"
    workspace.git("clone", "--quiet", "--single-branch", "--branch", pack, f"file://{workspace.root}", str(clone))
    says = "is a pack for blind reviewing and no workspace: fill in the files in it, and commit them, as its README.md "
    says += "says"
    workspace.git("switch", "--quiet", pack)
    back = f"callforth: {workspace.root} {says}; 'git switch main' takes you back to the workspace\n"
    for folder, told in ((clone, f"callforth: {clone} {says}\n"), (workspace.root, back)):
        before = workspace.git("-C", str(folder), "rev-parse", "HEAD")
        for words in (("list",), ("init",), ("init", "--forge", "github")):
            ran = call_main(*words, cwd=folder)
            assert (ran.code, ran.out, ran.err) == (4, "", told)
        assert ran.code == call_main("review", "queue", cwd=folder / "meetings").code
        assert workspace.git("-C", str(folder), "status", "--porcelain") == ""
        assert workspace.git("-C", str(folder), "rev-parse", "HEAD") == before
