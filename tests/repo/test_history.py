from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from callforth.model.decision import Actor
from callforth.repo import history
from callforth.repo.git import GitFailed
from callforth.repo.history import Change


def _walk(opened, place, revision="HEAD", paths=()):
    return list(history.walk(opened(place), revision, paths))


def _blob(place, name):
    return place.git("rev-parse", name)


def test_a_commit_comes_with_all_it_says_and_changes(place, opened, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1660990320 +0200")
    place.write("a/one.md", b"1\n")
    place.git("rm", "--quiet", "a/two.md")
    place.write("ä\nö.md", b"new\n")
    place.git("add", "--all")
    place.git("commit", "--quiet", "--cleanup=verbatim", "-F", "-", stdin="Grüße\n\n\nBody: x\n".encode())
    newest, first = _walk(opened, place)
    assert (newest.id, newest.parents, first.parents) == (place.head(), (first.id,), ())
    assert (newest.author, newest.committer) == (Actor("Sanna Lind", "sanna.lind@example.org"),) * 2
    assert newest.at == datetime.fromtimestamp(1660990320, UTC)
    assert newest.at.strftime("%z") == "+0200"
    assert newest.message == "Grüße\n\n\nBody: x\n"
    assert newest.changes == (
        Change("a/one.md", (_blob(place, "HEAD~:a/one.md"),), _blob(place, "HEAD:a/one.md"), "100644"),
        Change("a/two.md", (_blob(place, "HEAD~:a/two.md"),), "", "000000"),
        Change("ä\nö.md", ("",), _blob(place, "HEAD:ä\nö.md"), "100644"),
    )
    assert [change.path for change in first.changes] == sorted(place.files)


def test_a_move_is_a_file_that_went_and_one_that_came(place, opened):
    place.git("mv", "a/one.md", "b/one.md")
    place.git("commit", "--quiet", "--message=Move")
    blob = _blob(place, "HEAD:b/one.md")
    assert _walk(opened, place)[0].changes == (
        Change("a/one.md", (blob,), "", "000000"),
        Change("b/one.md", ("",), blob, "100644"),
    )


def test_a_clean_merge_changes_nothing_and_one_that_decides_lists_what(place, opened):
    place.git("switch", "--quiet", "--create", "side")
    place.write("a/one.md", b"side\n")
    place.write("a/two.md", b"side\n")
    place.git("commit", "--quiet", "--all", "--message=Side")
    place.git("switch", "--quiet", "main")
    place.write("a/one.md", b"main\n")
    place.git("commit", "--quiet", "--all", "--message=Main")
    place.git("merge", "--quiet", "side", code=1)
    place.write("a/one.md", b"both\n")
    place.git("commit", "--quiet", "--all", "--message=Merge")
    merge = _walk(opened, place)[0]
    assert merge.parents == (_blob(place, "HEAD^1"), _blob(place, "HEAD^2"))
    assert merge.changes == (
        Change(
            "a/one.md",
            (_blob(place, "HEAD^1:a/one.md"), _blob(place, "HEAD^2:a/one.md")),
            _blob(place, "HEAD:a/one.md"),
            "100644",
        ),
    )


def test_an_empty_commit_and_an_empty_message_do_not_upset_the_walk(place, opened):
    place.git("commit", "--quiet", "--allow-empty", "--message=Empty")
    place.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--message=")
    found = _walk(opened, place)
    assert [(one.message, one.changes) for one in found[:2]] == [("", ()), ("Empty\n", ())]
    assert len(found) == 3


def test_nothing_in_a_message_can_pass_for_a_field_or_a_change(place, opened):
    evil = f":100644 100644 {'a' * 40} {'b' * 40} M\n\n:x\n\na/two.md\n"
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--cleanup=verbatim", "-F", "-", stdin=evil.encode())
    newest = _walk(opened, place)[0]
    assert (newest.message, [change.path for change in newest.changes]) == (evil, ["a/one.md"])


def test_paths_narrow_the_walk_and_see_both_sides_of_a_merge(place, opened):
    place.git("switch", "--quiet", "--create", "side")
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Side")
    place.git("switch", "--quiet", "main")
    place.write("a/two.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Main")
    place.git("merge", "--quiet", "--message=Merge", "side")
    said = [one.message.strip() for one in _walk(opened, place, "HEAD", ["a/one.md"])]
    assert said == ["Merge", "Side", "Begin"]


def test_a_range_is_walked_newest_first(place, opened):
    for number in range(3):
        place.git("commit", "--quiet", "--allow-empty", f"--message={number}")
    assert [one.message for one in _walk(opened, place, "HEAD~2..HEAD")] == ["2\n", "1\n"]


def test_sha256_and_text_that_is_not_utf8_are_read(new_place, opened):
    place = new_place("long", "--object-format=sha256")
    place.git(
        "-c", "i18n.commitEncoding=latin1", "commit", "--quiet", "--allow-empty", "-F", "-", stdin=b"Gr\xfc\xdfe\n"
    )
    newest, first = _walk(opened, place)
    assert (newest.message, len(newest.id)) == ("Grüße\n", 64)
    assert {len(change.after) for change in first.changes} == {64}


def _stream(opened, place, tip="HEAD", known=(), path="a"):
    stream = history.Stream(opened(place), place.git("rev-parse", tip), known, path)
    found = []
    while not stream.ended:
        found += stream.take(time.monotonic() + 0.001, 1)
    return found


def test_a_stream_gives_parents_first_and_also_commits_that_change_nothing_there(place, opened):
    place.write("top.txt", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Elsewhere")
    place.write("a/one.md", b"1\n")
    place.git("commit", "--quiet", "--all", "--message=Here")
    found = _stream(opened, place)
    assert [one.message for one in found] == ["Begin\n", "Elsewhere\n", "Here\n"]
    assert [[change.path for change in one.changes] for one in found] == [["a/one.md", "a/two.md"], [], ["a/one.md"]]
    assert [one.id for one in found] == place.git("rev-list", "--reverse", "HEAD").split("\n")


def test_a_stream_leaves_out_what_is_known_and_passes_over_what_is_gone(place, opened):
    known = place.head()
    place.git("commit", "--quiet", "--allow-empty", "--message=New")
    assert [one.message for one in _stream(opened, place, known=[known, "1" * 40])] == ["New\n"]
    assert [one.message for one in _stream(opened, place, known=["1" * 40])] == ["Begin\n", "New\n"]


def test_a_stream_can_be_closed_at_any_time_and_another_begun(place, opened):
    repository = opened(place)
    for _ in range(3):
        stream = history.Stream(repository, place.head(), (), "a")
        stream.close()
        assert (stream.ended, stream.take(time.monotonic() + 1, 1)) == (True, [])
    assert len(_stream(opened, place)) == 1


def test_a_stream_of_a_broken_history_is_an_error(place, opened):
    tree = place.git("rev-parse", "HEAD^{tree}")
    (place.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitFailed) as failure:
        _stream(opened, place)
    assert failure.value.says.startswith("git could not read the history: ")
    assert tree in failure.value.says


def test_what_the_user_configured_for_logs_changes_nothing(place, opened):
    before = _walk(opened, place)
    for name, value in {
        "log.showRoot": "false",
        "log.date": "relative",
        "log.diffMerges": "off",
        "log.follow": "true",
        "diff.renames": "copies",
        "diff.orderFile": str(place.root / "order"),
    }.items():
        place.git("config", name, value)
    (place.root / "order").write_text("*two*\n*\n")
    assert _walk(opened, place) == before
    assert len(before[0].changes) == len(place.files)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("1660990320 +0200", datetime(2022, 8, 20, 12, 12, tzinfo=timezone(timedelta(hours=2)))),
        ("1660990320 -9959", datetime(2022, 8, 20, 10, 12, tzinfo=UTC)),
        ("99999999999999 +0000", datetime.fromtimestamp(0, UTC)),
        ("yesterday", datetime.fromtimestamp(0, UTC)),
    ],
)
def test_a_time_that_makes_no_sense_takes_nothing_down(said, at, place, opened):
    data = place.git("cat-file", "commit", "HEAD").replace(
        place.git("log", "-1", "--date=raw", "--format=> %ad"), f"> {said}"
    )
    odd = place.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=data.encode() + b"\n")
    [found] = _walk(opened, place, odd)
    assert (found.id, found.at, found.message) == (odd, at, "Begin\n")


def test_blobs_come_in_the_order_asked_for_and_none_for_what_is_no_blob(place, opened):
    one, three = _blob(place, "HEAD:a/one.md"), _blob(place, "HEAD:b/deep/three.md")
    asked = [three, "1" * 40, one, place.head(), one]
    assert history.blobs(opened(place), asked) == [b"three\n", None, b"one\n", None, b"one\n"]


def test_however_many_are_asked_for_in_whatever_way_each_gets_its_own_answer(place, opened):
    place.git("update-index", "--add", "--cacheinfo", f"160000,{place.head()},other")
    place.git("commit", "--quiet", "--message=Another repository")
    repository = opened(place)
    one = _blob(place, "HEAD:a/one.md")
    asked = ["HEAD:other", one, "HEAD:no such 3", "", place.head()] * 99
    wanted = [None, b"one\n", None, None, None] * 99
    assert (history.blobs(repository, asked), history.many_blobs(repository, asked)) == (wanted, wanted)


def test_a_commit_leads_to_itself_and_to_what_builds_on_it(place, opened):
    first = place.head()
    place.git("commit", "--quiet", "--allow-empty", "--message=New")
    pairs = (first, place.head()), (place.head(), first), (first, first), ("1" * 40, first)
    assert [history.leads_to(opened(place), *pair) for pair in pairs] == [True, False, True, False]


def test_dates_are_later_than_all_parents_and_the_committers_otherwise():
    assert history.dated(100, ()) == 100
    assert history.dated(100, (50, 70)) == 100
    assert history.dated(100, (100, 300)) == 301
    assert (history.dated(-5, ()), history.dated(1 << 60, (7,))) == (0, 8)


def test_the_graph_has_parents_before_children(place, opened):
    place.git("commit", "--quiet", "--allow-empty", "--message=New")
    times = place.git("log", "--reverse", "--format=%ct").split("\n")
    first, newest = place.git("rev-list", "--reverse", "HEAD").split("\n")
    assert list(history.graph(opened(place), newest)) == [(first, (), int(times[0])), (newest, (first,), int(times[1]))]
    assert history.count(opened(place), newest, [first]) == 1


def test_edges_differ_where_history_is_cut_short(place, opened, tmp_path):
    place.git("commit", "--quiet", "--allow-empty", "--message=New")
    place.git("clone", "--quiet", "--depth=1", f"file://{place.root}", str(tmp_path / "shallow"))
    assert history.edges(opened(place)) == ""
    assert history.edges(opened(tmp_path / "shallow")) == f"{place.head()}\n"
