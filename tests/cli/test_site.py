"""`callforth site`, as it is typed: what is in the folder, what is not, and what stays the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

CALL = "meetings/oslo-2022/call.md"
ATOM = "{http://www.w3.org/2005/Atom}"
FILES = ["feed.xml", "index.html", "oslo-2022.html", "oslo-2022.ics"]


@pytest.fixture
def site(workspace, tmp_path):
    """Make the site as of a day on which the call is open, or at another; returns the run and the files' bytes."""

    def make(*arguments, now="2022-08-20T10:00Z", folder="public"):
        ran = workspace.run("site", str(tmp_path / folder), *arguments, *(["--now", now] if now else []))
        return ran, {path.name: path.read_bytes() for path in sorted((tmp_path / folder).glob("*"))}

    return make


def edit(workspace, old, new, at="2022-08-25T09:30:00Z"):
    text = workspace.read(CALL)
    assert old in text
    workspace.write(CALL, text.replace(old, new))
    os.environ["GIT_COMMITTER_DATE"] = at  # the environment is given back by monkeypatch
    return workspace.commit("Change the call")


def updated(files):
    return ElementTree.fromstring(files["feed.xml"]).findtext(f"{ATOM}entry/{ATOM}updated")


def test_the_site_has_what_is_public_and_nothing_of_anybody_who_applied(workspace, site):
    body = "\n<!-- question: why -->\n## Why do you want to come?\n\nMy secret reason.\n"
    workspace.application("k7m2qx", status="accepted", tags=("secret-tag",), body=body)
    review = "---\napplication: k7m2qx\nreviewer: hedda\nrecommend: accept\nscores:\n  fit: 4\n---\n\nSecret remark.\n"
    workspace.write("meetings/oslo-2022/reviews/k7m2qx/hedda.md", review)
    workspace.write(
        CALL, workspace.read(CALL).replace("criteria:", "quotas:\n- field: secretfield\n  most: 2\ncriteria:")
    )
    workspace.commit()
    ran, files = site("--url", "https://calls.example.org")
    assert (ran.code, [name.rsplit("/", 1)[1] for name in ran.out.splitlines()]) == (0, FILES)
    assert sorted(files) == [".callforth-site", *FILES]
    whole = b"\n".join(files.values()).decode()
    for secret in ("k7m2qx", "Person", "House of", "ecret", "Fits", "Sanna", "Hedda", '@example.org"'):
        assert secret not in whole.replace("organisers@example.org", ""), secret
    assert "Apply by" in whole and "organisers@example.org" in whole and "1 of 3" not in whole


def test_the_same_commit_gives_the_same_bytes_anywhere_until_a_call_closes(workspace, site, tmp_path):
    _, first = site()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(workspace.root), str(clone)], check=True)
    command = [sys.executable, "-m", "callforth", "site", str(tmp_path / "other"), "--now", "2022-09-09T21:58Z"]
    environment = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    subprocess.run(command, cwd=clone, env=environment, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()} == first
    _, after = site(now="2022-09-09T22:00Z")
    assert [name for name in first if after[name] != first[name]] == ["index.html", "oslo-2022.html"]
    assert b"Applications closed on" in after["oslo-2022.html"]


def test_a_call_is_on_the_site_from_the_day_it_is_published_where_it_is(workspace, site, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2022-07-01T09:00:00Z")
    edit(workspace, "published: 2022-08-01\n", "published:\n")
    ran, files = site("--json", now="2022-08-20T10:00Z")
    assert (ran.json["meetings"], sorted(files)) == ([], [".callforth-site", "feed.xml", "index.html"])
    assert b"No call is open at present." in files["index.html"]
    refused, _ = site("oslo-2022")
    assert (refused.code, "meetings/oslo-2022/call.md is not published yet" in refused.err) == (3, True)
    edit(workspace, "published:\n", "published: 2022-08-01\n", "2022-07-02T09:00:00Z")
    assert "oslo-2022.html" not in site(now="2022-07-31T21:59Z")[1]  # in Oslo it is not August yet
    assert "oslo-2022.html" in site(now="2022-07-31T22:00Z")[1]
    workspace.write(CALL, workspace.read(CALL).replace("published: 2022-08-01", "published: soon"))
    workspace.commit()
    ran, files = site()
    assert (ran.code, "'published' is 'soon', which is no day" in ran.err, "oslo-2022.html" in files) == (4, True, True)


def test_the_feed_tells_of_a_change_that_readers_can_see_and_of_no_other(workspace, site, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2022-08-01T09:00:00Z")
    edit(workspace, "place: Oslo", "place: Bergen", "2022-08-10T09:00:00Z")
    assert updated(site()[1]) == "2022-08-10T09:00:00Z"
    edit(workspace, "scale: 1-5", "scale: 1-7", "2022-08-12T09:00:00Z")
    assert updated(site()[1]) == "2022-08-10T09:00:00Z"
    edit(workspace, "closes: 2022-09-09", "closes: 2022-09-16", "2022-08-14T09:00:00Z")
    _, files = site()
    assert updated(files) == "2022-08-14T09:00:00Z"
    ids = ElementTree.fromstring(files["feed.xml"]).findtext(f"{ATOM}entry/{ATOM}id")
    edit(workspace, "published: 2022-08-01", "published: 2022-08-15", "2022-08-14T10:00:00Z")
    _, files = site()
    assert updated(files) == "2022-08-14T22:00:00Z"  # not before it may be known
    assert ElementTree.fromstring(files["feed.xml"]).findtext(f"{ATOM}entry/{ATOM}id") == ids


def test_what_is_not_committed_is_told_and_seen_in_a_preview_only(workspace, site, tmp_path):
    workspace.write(CALL, workspace.read(CALL).replace("place: Oslo", "place: Bergen"))
    workspace.meeting("turku-2023", place="Turku, Finland", year=2023)
    ran, files = site()
    assert ran.err.splitlines()[:2] == [
        f"note: {path} was edited and not committed; the site has it as it was committed"
        for path in (CALL, "meetings/turku-2023/call.md")
    ]
    assert (b"Oslo" in files["oslo-2022.html"], "turku-2023.html" in files) == (True, False)
    assert site("turku-2023")[0].code == 3
    early = site(now="2022-07-01T10:00Z")[0].err.splitlines()
    assert "note: oslo-2022 is not on it: it is published on 2022-08-01" in early
    assert early[-1].startswith("a site of 0 calls is in ")
    home = workspace.run("site", "~nobody-at-all/public")
    assert home.code == 2
    assert "there is no home '~nobody-at-all' here; write './~nobody-at-all/public' if that is" in home.err
    ran, files = site("turku-2023", "--preview", now="2023-01-01T00:00Z", folder="look")
    assert b'aria-label="Preview"' in files["index.html"]
    assert (ran.code, b'aria-label="Preview"' in files["turku-2023.html"], "oslo-2022.html" in files) == (
        0,
        True,
        False,
    )


def test_only_files_of_ours_are_replaced_or_removed(workspace, site, tmp_path):
    public = tmp_path / "public"
    public.mkdir()
    (public / "index.html").write_text("mine")
    ran, files = site()
    assert (ran.code, files) == (2, {"index.html": b"mine"})
    assert "index.html is there, and no file of a site that callforth made" in ran.err
    (public / "index.html").rename(public / "CNAME")
    workspace.meeting("turku-2023", year=2022)
    workspace.commit()
    assert "turku-2023.html" in site()[1]
    (tmp_path / "outside.html").write_text("mine too")
    with (public / ".callforth-site").open("a") as stream:
        stream.write("../outside.html\nCNAME\n")
    shutil.rmtree(workspace.root / "meetings" / "turku-2023")
    workspace.commit()
    ran, files = site("--json")
    assert ran.json["removed"] == ["turku-2023.html", "turku-2023.ics"]
    assert (sorted(files), files["CNAME"]) == ([".callforth-site", "CNAME", *FILES], b"mine")
    assert (tmp_path / "outside.html").read_text() == "mine too"


def test_what_cannot_be_is_one_sentence_and_leaves_the_folder_as_it_is(workspace, site, tmp_path):
    _, before = site()
    for arguments, code, says in [
        (("nowhere",), 2, "nowhere"),
        (("--url", "javascript:alert(1)"), 2, "is no address of a site"),
        (("--url", 'https://e.example/"x'), 2, "is no address of a site"),
        (("--now", "tomorrow"), 2, "'now' is 'tomorrow', which is no date"),
    ]:
        ran, after = site(*arguments, now="")
        assert (ran.code, says in ran.err, ran.err.count("\n"), after) == (code, True, 1, before), ran.err
    for place in (
        workspace.root,
        workspace.root / "meetings" / "x",
        workspace.root / ".git" / "x",
        workspace.root / CALL,
    ):
        assert workspace.run("site", str(place)).code == 2
    workspace.write("meetings/turku-2023/call.md", "---\ntitle: T\n---\n")
    workspace.commit()
    ran, after = site("--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"], after) == (4, "file-unusable", before)
    assert workspace.git("status", "--porcelain") == ""
